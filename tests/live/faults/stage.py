"""A team of subagents in a project of its own, pytest that runs it, and the processes of both.

Everything that a run starts bears a mark in its environment, by which what is left of it is counted.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from signal import Signals
from typing import Any, Final, TypeVar

import psutil
from lean_pytest import VARIABLE, without_others

T = TypeVar("T")

MARK: Final = "SUBAGENTS_TEST_MARK"
PATIENCE: Final = 300.0
_WHO: Final = ("-c", "user.name=t", "-c", "user.email=t@localhost")


def until(look: Callable[[], T | None], what: str) -> T:
    """What `look` gives as soon as that is true."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.01)
    raise AssertionError(f"never seen: {what}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The project, in a git repository of its own."""

    folder: Path
    start: tuple[str, ...]
    """The command line that begins every run, without options of one."""
    env: Mapping[str, str]
    """All of the environment of a run, but the mark."""
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)

    @contextmanager
    def running(self, *options: str, mode: str = "record") -> Iterator[Running]:
        """A run that goes on beside the test; what is left of it is ended with the block."""
        running = Running(self, (*self.start, f"--subagents-mode={mode}", *options))
        try:
            yield running
        finally:
            running.end()

    def run(self, *options: str, mode: str = "record") -> Running:
        """A run to its end."""
        with self.running(*options, mode=mode) as running:
            running.wait()
            return running

    def within(self, *limits: str) -> Stage:
        """The same under limits of the system, as `prlimit` names them."""
        return replace(self, start=("prlimit", *limits, "--", *self.start))

    @property
    def temporary(self) -> Path:
        return Path(self.env["TMPDIR"])

    def report(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads((self.folder / "artifacts/subagents/report.json").read_bytes())
        return value

    def rows(self) -> dict[str, dict[str, Any]]:
        return {row["id"]: row for row in self.report()["agents"]}

    def recording(self, id: str) -> Path:
        return self.folder / "recordings" / "faults" / f"{id}.jsonl"

    def runs(self) -> list[Path]:
        """The folders of all runs, the oldest first."""
        return sorted((self.folder / ".subagents" / "runs").glob("2*"))

    def private(self) -> list[Path]:
        """What is left of private homes of any run."""
        return sorted(self.temporary.glob("pytest-subagents-*/*"))

    def alive(self) -> list[str]:
        """The processes of all runs that still live, each as its command line.

        By the mark; by the folder too, as a process can forbid to look at its environment (codex does).
        """
        return [words for process in psutil.process_iter() if (words := self._words(process))]

    def _words(self, process: psutil.Process) -> str:
        try:
            words = " ".join(process.cmdline())
            ours = str(self.folder) in words or process.environ().get(MARK) == self.mark
            return words or str(process) if ours and process.status() != psutil.STATUS_ZOMBIE else ""
        except psutil.Error:
            return ""


class Running:
    """One run of pytest."""

    def __init__(self, stage: Stage, command: Sequence[str]) -> None:
        self.stage = stage
        self._before = set(stage.runs())
        self._said = stage.folder.with_name(f"{stage.folder.name}-said-{uuid.uuid4().hex[:8]}")
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(
                command,
                cwd=stage.folder,
                env={**stage.env, MARK: stage.mark},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def said(self) -> str:
        """What pytest has printed so far."""
        return self._said.read_text(encoding="utf-8", errors="replace")

    @property
    def folder(self) -> Path:
        """Its run directory; waits for it."""
        return until(self._folder, "a run directory")

    def _folder(self) -> Path | None:
        new = sorted(set(self.stage.runs()) - self._before)
        if not new:
            self.goes_on()
        return new[0] if new else None

    def kept(self, id: str) -> Path:
        """The folder of an agent in the run directory."""
        return self.folder / f"subagents.yaml%3a%3a{id}"

    def stream(self, id: str) -> str:
        try:
            return (self.kept(id) / "stream.jsonl").read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""

    def words(self, id: str) -> str:
        """The same, with texts in one piece that came in several, as Gemini's do."""
        stream = self.stream(id)
        lines = (json.loads(line) for line in stream.split("\n")[:-1])
        return stream + "".join(line["content"] for line in lines if line.get("delta"))

    def ending(self, id: str) -> dict[str, Any]:
        value: dict[str, Any] = json.loads((self.kept(id) / "end.json").read_bytes())
        return value

    def goes_on(self) -> bool:
        """True; a run that has ended where it should not have fails the test with what it said."""
        assert self._process.poll() is None, self.said
        return True

    def wait(self) -> int:
        """Its exit code, at its end."""
        try:
            return self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it does not end:\n{self.said}") from None

    def signal(self, number: Signals) -> None:
        self._process.send_signal(number)

    def signal_all(self, number: Signals) -> None:
        """To pytest and its workers, as a terminal does it, or a CI system that ends a job."""
        os.killpg(self.pid, number)

    def end(self) -> None:
        """Whatever a test that fails has left."""
        if self._process.poll() is None:
            for process in psutil.Process(self.pid).children(recursive=True):
                with suppress(psutil.Error):
                    process.kill()
            self._process.kill()
        self._process.wait()

    def tree(self, id: str) -> list[psutil.Process]:
        """The processes of an agent that runs: the one that was started first, then the one that it started, ..."""
        return until(lambda: self._tree(id), f"a process of {id}")

    def warden(self, id: str) -> psutil.Process:
        (warden,) = self.tree(id)[0].parents()[:1]
        return warden

    def worker(self, id: str) -> psutil.Process:
        """The process of pytest that runs an agent: a worker of xdist, if there are some."""
        return self.warden(id).parents()[0]

    def _tree(self, id: str) -> list[psutil.Process]:
        try:
            for process in psutil.Process(self.pid).children(recursive=True):
                if _is_warden(process):
                    below = process.children(recursive=True)
                    if below and f"%3a%3a{id}/" in below[0].environ().get("HOME", ""):
                        return below
        except psutil.Error:
            pass
        return []


def _is_warden(process: psutil.Process) -> bool:
    try:
        return any("warden.watching" in word for word in process.cmdline())
    except psutil.Error:
        return False


def is_gone(process: psutil.Process) -> bool:
    """Dead; a zombie that a careless init has not reaped is as dead."""
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE) or not process.is_running()
    except psutil.NoSuchProcess:
        return True


def make_project(folder: Path, workflow: Mapping[str, Any], files: Mapping[str, str]) -> None:
    """A git repository with these files in one commit."""
    texts = {
        **files,
        "subagents.yaml": json.dumps(workflow, indent=2),
        "pytest.ini": "[pytest]\n",
        ".gitignore": "artifacts/\n__pycache__/\n",
    }
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    subprocess.run(("git", "init", "-q", "-b", "main"), cwd=folder, check=True)
    commit(folder)


def commit(folder: Path) -> None:
    """All that is there."""
    for command in (("add", "-A"), (*_WHO, "commit", "-q", "-m", "all")):
        subprocess.run(("git", *command), cwd=folder, check=True)


def environment(folder: Path, *first: Path) -> dict[str, str]:
    """What a person's shell has: a home and a place for temporary files beside `folder`, and a PATH."""
    home, temporary = (folder.with_name(f"{folder.name}-{name}") for name in ("person", "tmp"))
    for place in (home, temporary):
        place.mkdir()
    path = os.pathsep.join([*map(str, first), os.environ.get("PATH", os.defpath)])
    return {
        "PATH": path,
        "HOME": str(home),
        "TMPDIR": str(temporary),
        "LC_ALL": "C.UTF-8",
        VARIABLE: without_others(),
    }
