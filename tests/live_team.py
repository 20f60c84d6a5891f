"""A team that runs for real: scripted agents in place of a vendor's, and questions about what they left behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import psutil
import pytest
from repositories import plain_git
from team import ANSWER, Team

from pytest_subagents.testing.scripted_agent import Call, ScriptedAgent
from pytest_subagents.testing.scripts import Script
from pytest_subagents.testing.steps import Answer, Run, Step

T = TypeVar("T")
PATIENCE: Final = 60.0
"""Seconds until something that must come is given up; nothing waits for it to pass."""
GOOD: Final = Answer(ANSWER)
MODES: Final = ("once", "record", "live")
EVERY_WAY: Final = {
    "alone": [],
    "n2": ["-n", "2"],
    "worksteal": ["-n", "2", "--dist", "worksteal"],
    "no-xdist": ["-p", "no:xdist"],
}
"""Each way in which live subagents are distributed."""
WAYS: Final = [
    pytest.param(way, id=id, marks=[] if id in ("alone", "n2") else [pytest.mark.apart])
    for id, way in EVERY_WAY.items()
]
SPREAD: Final = [pytest.param([], id="alone", marks=[pytest.mark.apart]), pytest.param(["-n", "2"], id="n2")]
"""For what other tests show in one process."""
_STATE: Final = {".subagents", ".git", ".pytest_cache", "__pycache__", "stdout", "stderr"}


def until(look: Callable[[], T | None], what: str) -> T:
    """What `look` gives as soon as that is true."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.01)
    raise AssertionError(f"never seen: {what}")


class LiveTeam(Team):
    """Everything that it starts has a folder for temporary files of its own, by which its processes are known."""

    def __init__(self, pytester: pytest.Pytester, patched: pytest.MonkeyPatch, outside: Path) -> None:
        super().__init__(pytester, patched)
        self.outside = outside
        """A folder that is not the project's."""
        self.temporary = outside / "tmp"
        self.temporary.mkdir()
        self.environ = {"TMPDIR": str(self.temporary)}
        self._agents = 0
        self._started: list[Background] = []

    def ini(self, *lines: str) -> Path:
        """pytest.ini, with these lines in it."""
        return self.write("pytest.ini", "\n".join(["[pytest]", "minversion = 8.4", *lines, ""]))

    def agent(self, *steps: Step, scripts: Sequence[Script] = (), dialect: str | None = None) -> ScriptedAgent:
        """A scripted agent; by default one that gives a good answer."""
        self._agents += 1
        if not scripts:
            steps = steps or (GOOD,)
        return ScriptedAgent(self.outside / f"agent-{self._agents}", *steps, scripts=scripts, dialect=dialect)

    def played(self, **parts: tuple[Step, ...]) -> ScriptedAgent:
        """An agent that plays these parts, and gives a good answer as any other."""
        scripts = [Script(prompt_has=f"Do {id}.", steps=steps) for id, steps in parts.items()]
        return self.agent(scripts=[*scripts, Script(steps=(GOOD,))])

    def cast(self, agent: ScriptedAgent, *ids: str, more: str = "", **execution: object) -> Path:
        """A workflow whose subagents are all played by `agent`; its prompts say `Do ID.`, or what else an id that is
        a whole mapping in flow style says."""
        agents = [each if ":" in each else f"id: {each}, instructions: Do {each}." for each in ids]
        return self.workflow(*agents, head=self.head(agent, more=more, **execution))

    def head(self, agent: ScriptedAgent, *, more: str = "", **execution: object) -> str:
        defaults = f"vendor: command, command: {json.dumps(agent.command)}"
        told = f", execution: {json.dumps(execution)}" if execution else ""
        return f"workflow: {{name: team, defaults: {{{defaults}{more}}}{told}}}\n"

    def live(self, mode: str, *args: str) -> pytest.RunResult:
        """`pytest --subagents --subagents-mode=MODE`, to its end."""
        with pytest.MonkeyPatch.context() as patched:
            for name, value in self.environ.items():
                patched.setenv(name, value)
            mode_option = [f"--subagents-mode={mode}"] if mode else []
            return self.pytester.runpytest_subprocess("--subagents", *mode_option, *args, timeout=PATIENCE * 2)

    def start(self, mode: str, *args: str) -> Background:
        """The same, in a session of its own, without waiting for it."""
        command = [sys.executable, "-m", "pytest", "--subagents", f"--subagents-mode={mode}", *args]
        started = Background(command, self.path, {**os.environ, **self.environ}, self.outside)
        self._started.append(started)
        return started

    def close(self) -> None:
        """Whatever a test that fails has left."""
        for each in self._started:
            each.kill()

    def replay(self, *args: str) -> pytest.RunResult:
        return self.run(*args)

    def merge(self, *args: str) -> subprocess.CompletedProcess[str]:
        """`subagents merge`, in a process of its own: pytester unloads what was imported here."""
        command = [sys.executable, "-c", "from pytest_subagents.cli.main import main; main()", "merge", *args]
        return subprocess.run(command, cwd=self.path, capture_output=True, text=True, check=False)

    def repository(self) -> Path:
        """The project, committed to a git repository that starts here."""
        self.write(".gitignore", ".pytest_cache/\n__pycache__/\n/runpytest-*\n/stdout\n/stderr\n")
        if not (self.path / ".git").exists():
            plain_git(self.path, "init", "-q", "-b", "main")
        plain_git(self.path, "add", "-A", "-f")
        plain_git(self.path, "commit", "-q", "--allow-empty", "-m", "all of it")
        return self.path

    def recorded(self) -> dict[str, bytes]:
        """The recordings, as they stand."""
        folder = self.path / "recordings"
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }

    def files(self) -> dict[str, bytes]:
        """Everything in the project but the state of runs, of git, of Python and of pytester."""
        found = {}
        for path in sorted(self.path.rglob("*")):
            name = path.relative_to(self.path).as_posix()
            if path.is_file() and not _STATE.intersection(name.split("/")):
                found[name] = path.read_bytes()
        return found

    def runs(self) -> list[Path]:
        folder = self.path / ".subagents/runs"
        return sorted(path for path in folder.glob("*") if path.is_dir()) if folder.exists() else []

    def statuses(self) -> dict[str, str]:
        return {id: row["status"] for id, row in self.rows().items()}

    def reasons(self, id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.rows()[id]["reasons"]
        return found

    def messages(self, id: str) -> list[str]:
        return [reason["message"] for reason in self.reasons(id)]

    def run_file(self) -> dict[str, Any]:
        """What the newest run has left in `run.json`."""
        value: dict[str, Any] = json.loads((self.path / ".subagents/latest/run.json").read_text("utf-8"))
        return value

    def hanging(self, agent: ScriptedAgent) -> list[Path]:
        """The streams of agents that have said something and not ended: what a test waits for before it interrupts."""
        streams = [stream for run in self.runs() for stream in run.rglob("stream.jsonl")]
        return [each for each in streams if each.stat().st_size and not each.with_name("end.json").exists()]

    def alive(self) -> list[str]:
        """What still runs of everything that was started: pytest, its workers, wardens and agents."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.status() != psutil.STATUS_ZOMBIE and self._is_mine(process):
                    found.append(f"{process.pid}: {' '.join(process.cmdline())[:200]}")
            except psutil.Error:
                continue
        return found

    def nothing_alive(self) -> None:
        """No process; the private homes of who was killed are removed by the next run."""
        until(lambda: not self.alive() or None, f"the end of {self.alive()}")

    def nothing_left(self) -> None:
        """No process, and no private home."""
        self.nothing_alive()
        assert [path for path in self.temporary.rglob("*") if path.is_file() and path.name != "run"] == []

    def _is_mine(self, process: psutil.Process) -> bool:
        return any(value.startswith(str(self.temporary)) for value in process.environ().values())


class Background:
    """A pytest that runs beside the test."""

    def __init__(self, command: Sequence[str], folder: Path, environ: dict[str, str], outside: Path) -> None:
        self._output = outside / f"output-{time.monotonic_ns()}.txt"
        with self._output.open("wb") as file:
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.pid = self._process.pid

    def signal(self, number: signal.Signals, *, group: bool = False) -> None:
        """To pytest alone, or, as a terminal does it, to all that is in its process group."""
        (os.killpg if group else os.kill)(self.pid, number)

    def end(self) -> int:
        """Its exit code."""
        return self._process.wait(PATIENCE * 2)

    def kill(self) -> None:
        """Whatever has become of it."""
        self._process.kill()
        self._process.wait()

    @property
    def output(self) -> str:
        return self._output.read_text(encoding="utf-8", errors="replace")


def begun(agent: ScriptedAgent, number: int) -> tuple[Call, ...]:
    """Waits until that many of its runs have begun."""
    return until(lambda: calls if len(calls := agent.calls()) >= number else None, f"{number} starts")


def told(agent: ScriptedAgent) -> list[str]:
    """Whom it was, start by start: prompts say `Do ID.`"""
    return [found[1] if (found := re.search(r"\bDo (\w+)\.", call.prompt)) else "?" for call in agent.calls()]


def touch(path: Path) -> tuple[Step, ...]:
    """An agent that lets the one that waits for `path` go on."""
    return (Run(f"touch '{path}'", really=True), GOOD)
