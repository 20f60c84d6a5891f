"""A worker elsewhere: it takes recordings from its controller, and brings there what its agents come to.

It works in a checkout of its own and in a run directory of its own, which it removes when all of it is brought. Where
the controller is gone, everything stays where it was written.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
from msgspec.structs import replace

from pytest_subagents.conduct.assignment import Assignment
from pytest_subagents.conduct.keeping import LocalKeeper
from pytest_subagents.errors import BadUsage
from pytest_subagents.glue.machines.files import Arriving, parts_of
from pytest_subagents.glue.machines.sameness import commit_of, own_version, sources_of
from pytest_subagents.glue.run import Run
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.result import Result
from pytest_subagents.transcript.copying import digest_of, files_of
from pytest_subagents.transcript.recording import Candidate
from pytest_subagents.transcript.run_directory import folder_name
from pytest_subagents.transcript.store import Recording
from pytest_subagents.writing import open_file

_ANSWERS: Final = frozenset({"welcome", "finished", "published", "work"})
_CONTROLLER_GONE: Final = "xdist's controller is gone, which has it"
_GONE: Final = Reason(kind="missing_recording", message="it could not be recorded: xdist's controller is gone")


class Outpost:
    """Registered in a worker that shares no files with its controller."""

    def __init__(self, run: Run, *, send: Callable[[dict[str, Any]], bool]) -> None:
        """`send` brings a message to the controller, and says whether it can."""
        self._run = run
        self._send = send
        self._place = Path(tempfile.mkdtemp(prefix="pytest-subagents-elsewhere-"))
        """What the controller brings."""
        self._arriving = Arriving(self._place)
        self._changed = threading.Condition()
        self._answer: dict[str, Any] | None = None
        self._gone = False
        self._targets: dict[str, str] = {}
        """Where the recording of each node is, from the rootdir."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Before anybody asks which recordings are fresh."""
        run = self._run
        self._targets = dict(_targets(run.assignments.values(), run.rootdir))
        recordings = {target: digest_of(run.assignments[nodeid].recording) for nodeid, target in self._targets.items()}
        answer = self.ask(
            {
                "kind": "hello",
                "version": own_version(),
                "commit": commit_of(run.rootdir) if run.settings.works else None,
                "sources": sources_of(run, items),
                "recordings": recordings,
            }
        )
        if answer is None:
            return
        for where, what, hint in answer["mistakes"]:
            run.blame(BadUsage(where, what, hint=hint))
        for nodeid, target in self._targets.items():
            if target in answer["sent"]:
                recording = Recording(transcript=str(self._place / "recordings" / target))
                run.assignments[nodeid] = replace(run.assignments[nodeid], recording=recording)
        if run.mistakes:
            items.clear()

    def pytest_unconfigure(self) -> None:
        shutil.rmtree(self._place, ignore_errors=True)

    def keeper(self, local: LocalKeeper) -> OutpostKeeper:
        return OutpostKeeper(outpost=self, local=local)

    def ask(self, message: dict[str, Any]) -> dict[str, Any] | None:
        """The controller's answer; None where it is gone."""
        with self._changed:
            self._answer = None
        if not self._send(message):
            return None
        with self._changed:
            self._changed.wait_for(lambda: self._answer is not None or self._gone)
            return self._answer

    def bring(self, path: Path, *, below: Path, to: str) -> bool:
        """Sends a file below `below` to the folder `to` of the controller's run directory; whether it could."""
        name = "/".join(part for part in (to, path.relative_to(below).as_posix()) if part)
        try:
            with open_file(path, below=below) as file:
                return all(self._send(part) for part in parts_of(file, name))
        except OSError:
            return False

    def target(self, nodeid: str) -> str | None:
        """Where the recording of a subagent is, from the rootdir; None where that is outside."""
        return self._targets.get(nodeid)

    def resumed(self, folder: str) -> Path:
        """Where something lies that the controller has brought."""
        return self._place / folder

    def hear(self, message: Mapping[str, Any] | None) -> None:
        """In execnet's thread: what the controller says; None once it is gone."""
        match message:
            case None:
                with self._changed:
                    self._gone = True
                    self._changed.notify_all()
            case {"kind": "file"}:
                self._arriving.take(dict(message))
            case {"kind": str(kind)} if kind in _ANSWERS:
                with self._changed:
                    self._answer = dict(message)
                    self._changed.notify_all()


@dataclass(slots=True, kw_only=True)
class OutpostKeeper:
    """A `Keeper`: everything is kept here first, and brought to the controller."""

    outpost: Outpost
    local: LocalKeeper
    complete: bool = True
    """Whether the controller has all that was kept."""
    _brought: dict[Path, tuple[int, int]] = field(default_factory=dict)
    """Size and time of what it has."""

    def finished(self, nodeid: str, specification: str) -> Candidate | None:
        answer = self.outpost.ask({"kind": "finished", "nodeid": nodeid, "specification": specification})
        folder = answer["folder"] if answer is not None else None
        return Candidate(folder=self.outpost.resumed(folder)) if folder is not None else None

    def publish(self, assignment: Assignment, candidate: Candidate) -> Reason | None:
        nodeid = assignment.planned.nodeid
        target = self.outpost.target(nodeid)
        if target is None:
            return Reason(kind="missing_recording", message="it could not be recorded: it is outside of the rootdir")
        run = self.local.directory.path
        own = candidate.folder.is_relative_to(run)
        folder = candidate.folder.relative_to(run).as_posix() if own else f"{folder_name(nodeid)}/resumed"
        self._bring(files_of(candidate.recording), below=candidate.folder, to=folder)
        answer = self.outpost.ask({"kind": "publish", "candidate": folder, "recording": target})
        if answer is None:
            return _GONE
        if answer["fault"] is None:
            return None
        message, hint = answer["fault"]
        return Reason(kind="missing_recording", message=message, hint=hint)

    def keep(self, nodeid: str, candidate: Candidate, specification: str) -> None:
        self.local.keep(nodeid, candidate, specification)

    def show(self, nodeid: str, result: Result) -> None:
        self.local.show(nodeid, result)
        run = self.local.directory.path
        self._bring(_files_below(run / folder_name(nodeid)), below=run, to="")

    def build_on(self, nodeid: str, candidate: Candidate) -> None:
        """Before its result is told, as whoever is built on it may be anywhere."""
        self.local.build_on(nodeid, candidate)
        run = self.local.directory.path
        self._bring(_files_below(run / folder_name(nodeid)), below=run, to="")

    def work(self, assignment: Assignment) -> Recording:
        answer = self.outpost.ask({"kind": "work", "nodeid": assignment.planned.nodeid})
        if answer is None or answer["fault"]:
            return replace(assignment.recording, refused=answer["fault"] if answer is not None else _CONTROLLER_GONE)
        folder = answer["folder"]
        return assignment.recording if folder is None else Candidate(folder=self.outpost.resumed(folder)).recording

    def _bring(self, files: Iterable[Path], *, below: Path, to: str) -> None:
        """Those that are not there yet as they are now."""
        for path in files:
            found = path.stat()
            state = (found.st_size, found.st_mtime_ns)
            if self._brought.get(path) != state:
                self._brought[path] = state
                self.complete &= self.outpost.bring(path, below=below, to=to)


def _targets(assignments: Iterable[Assignment], rootdir: Path) -> Iterator[tuple[str, str]]:
    for assignment in assignments:
        path = Path(assignment.recording.transcript)
        if path.is_relative_to(rootdir) and not assignment.recording.refused:
            yield assignment.planned.nodeid, path.relative_to(rootdir).as_posix()


def _files_below(folder: Path) -> Iterator[Path]:
    """What is a file, of what may hold anything."""
    for above, _, names in os.walk(folder):
        for name in names:
            path = Path(above, name)
            if path.is_file() and not path.is_symlink():
                yield path
