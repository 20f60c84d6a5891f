"""A project and a clone of it elsewhere, where workers of xdist run: they share no file with their controller."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import pytest
from lean_pytest import VARIABLE
from live_team import LiveTeam
from repositories import plain_git

from pytest_subagents.testing.scripted_agent import ScriptedAgent

BROUGHT: Final = "?? _pytest/\n?? pytest/"
"""What xdist itself leaves there."""


class TwoPlaces:
    """The project, and a clone of it elsewhere."""

    def __init__(self, live_team: LiveTeam) -> None:
        self.team = live_team
        self.there = live_team.outside / "there"
        live_team.ini("subagents = true")

    def clone(self) -> None:
        """What the project is now, in the other place too."""
        self.team.repository()
        shutil.rmtree(self.there, ignore_errors=True)
        plain_git(self.team.outside, "clone", "-q", str(self.team.path), str(self.there))

    def cast(self, agent: ScriptedAgent, *ids: str, more: str = "") -> None:
        self.team.cast(agent, *ids, more=more)
        self.clone()

    def run(self, mode: str, *args: str, by: Sequence[str] = ("2*popen",)) -> pytest.RunResult:
        return self.team.live(mode, *self.gateways(by), *args)

    def gateways(self, by: Sequence[str] = ("2*popen",)) -> list[str]:
        """The options that say where the workers are."""
        words = ["--dist", "load"]
        for way in by:
            python = "" if way.startswith("socket") else f"//python={sys.executable}"
            words += ["--tx", f"{way}{python}//chdir={self.there}//env:{VARIABLE}={os.environ[VARIABLE]}"]
        return words

    def nothing_is_left_there(self) -> None:
        """Of runs, that is."""
        assert plain_git(self.there, "status", "--porcelain") == BROUGHT
        assert list((self.there / ".subagents/runs").iterdir()) == []
        checkouts = [path for path in (self.there / ".subagents/work").rglob("*") if path.is_file()]
        assert {path.suffix for path in checkouts} == {".lock"}


@contextmanager
def socket_server() -> Iterator[str]:
    """execnet's, for one worker."""
    code = "import execnet.script.socketserver as it; from execnet.gateway_base import get_execmodel\n"
    code += "it.execmodel = get_execmodel('main_thread_only'); it.print_ = lambda *words: None\n"
    code += "server = it.bind_and_listen('127.0.0.1:0', it.execmodel); print(server.getsockname()[1], flush=True)\n"
    code += "it.startserver(server)\n"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield f"socket=127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.kill()
        process.communicate()
