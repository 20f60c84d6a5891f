"""A project whose agents are puppets, and terminals to run pytest in, and to look at it from."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import pytest
from click.testing import CliRunner
from screens import Puppets, Terminal, environment
from team import Team

from pytest_subagents.cli.main import commands

LIVE: Final = ("pytest", "--subagents", "--subagents-mode=live", "-p", "no:cacheprovider")

CONFTEST: Final = """
import os, threading
import pytest

@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config):
    if not hasattr(config, "workerinput"):
        with open("threads.txt", "w") as file:
            file.write(" ".join(thread.name for thread in threading.enumerate()))

def pytest_configure(config):
    if hasattr(config, "workerinput"):
        with open(config.workerinput["workerid"] + ".pid", "w") as file:
            file.write(str(os.getpid()))
"""
OFTEN: Final = """
from pytest_subagents.model import limits
limits.PROGRESS_LINE_SECONDS = 0.0
"""


class Stage(Team):
    """A project whose agents are puppets, and terminals to run pytest in."""

    def __init__(self, pytester: pytest.Pytester, patched: pytest.MonkeyPatch) -> None:
        super().__init__(pytester, patched)
        self.puppets = Puppets(self.path)
        self.write("conftest.py", CONFTEST)

    def team(self, *ids: str, **keys: str) -> None:
        self.workflow(*(self.puppets.agent(id, **keys) for id in ids))

    @contextmanager
    def terminal(
        self, *words: str, width: int = 100, height: int = 30, env: Mapping[str, str] | None = None
    ) -> Iterator[Terminal]:
        found = Terminal([*LIVE, *words], self.path, width=width, height=height, env=environment(**(env or {})))
        try:
            yield found
        finally:
            found.close()

    def status(self) -> dict[str, Any]:
        """What somebody with another terminal is told; nothing where there is no run yet."""
        words = ["status", "--json", "--run-dir", str(self.path / ".subagents")]
        value: dict[str, Any] = json.loads(CliRunner().invoke(commands, words).stdout or "{}")
        return value

    def left_behind(self) -> list[str]:
        """Threads of ours that the session has not ended."""
        return [name for name in (self.path / "threads.txt").read_text(encoding="utf-8").split() if "board" in name]


def until(so: Callable[[], bool]) -> None:
    """Looks again and again, for as long as anything may take."""
    deadline = time.monotonic() + 60.0
    while not so():
        assert time.monotonic() < deadline
        time.sleep(0.02)
