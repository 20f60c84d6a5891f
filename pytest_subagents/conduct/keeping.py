"""Where what live runs come to is kept, so that another run finds it: as recordings, and in the run directory."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Protocol

from msgspec.structs import replace

from pytest_subagents.conduct import finished
from pytest_subagents.conduct.assignment import Assignment
from pytest_subagents.conduct.judged_work import adopt_work, tell_work, told_work
from pytest_subagents.errors import BadUsage, SubagentsError
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.result import Result
from pytest_subagents.model.value import Value
from pytest_subagents.transcript.recording import Candidate, publish
from pytest_subagents.transcript.run_directory import RunDirectory, folder_name
from pytest_subagents.transcript.store import Recording


class Keeper(Protocol):
    """Nothing is raised: what cannot be kept is not found again, which costs a run, and no result."""

    def finished(self, nodeid: str, specification: str) -> Candidate | None:
        """What the runs that are gone on with have finished of a subagent of this specification."""
        ...

    def publish(self, assignment: Assignment, candidate: Candidate) -> Reason | None:
        """Makes a candidate the subagent's recording; a reason where that cannot be."""
        ...

    def keep(self, nodeid: str, candidate: Candidate, specification: str) -> None:
        """A subagent is finished, for a run that goes on with this one."""
        ...

    def show(self, nodeid: str, result: Result) -> None:
        """A subagent's result, for people. It is the last that is kept of it."""
        ...

    def build_on(self, nodeid: str, candidate: Candidate) -> None:
        """What a candidate did is what those are built on who need the subagent."""
        ...

    def work(self, assignment: Assignment) -> Recording:
        """The metadata and the patch by which another subagent was judged: in this run, or else its recording's."""
        ...


class LocalKeeper(Value, frozen=True, kw_only=True):
    """Of a process that has the run directory and the recordings before it."""

    rootdir: Path
    directory: RunDirectory
    earlier: tuple[RunDirectory, ...] = ()
    """The run that is gone on with and those that it went on with itself, the newest first."""

    def finished(self, nodeid: str, specification: str) -> Candidate | None:
        return finished.kept(self.earlier, nodeid, specification)

    def publish(self, assignment: Assignment, candidate: Candidate) -> Reason | None:
        return published(candidate, Path(assignment.recording.transcript), rootdir=self.rootdir)

    def keep(self, nodeid: str, candidate: Candidate, specification: str) -> None:
        with suppress(SubagentsError):  # a full disk, say: only a resume could not find it
            finished.keep(self.directory, nodeid, candidate, specification)

    def show(self, nodeid: str, result: Result) -> None:
        with suppress(SubagentsError):
            finished.show(self.directory, nodeid, result)

    def build_on(self, nodeid: str, candidate: Candidate) -> None:
        with suppress(SubagentsError, OSError):  # then nobody finds it, and who needs it does not start
            own = candidate.folder.is_relative_to(self.directory.path)
            (tell_work if own else adopt_work)(self.directory, nodeid, candidate)

    def work(self, assignment: Assignment) -> Recording:
        nodeid = assignment.planned.nodeid
        found = told_work(self.directory, nodeid)
        if found is None and (self.directory.path / folder_name(nodeid)).is_dir():
            return replace(assignment.recording, refused="what it did in this run is not known")
        return found or assignment.recording


def published(candidate: Candidate, recording: Path, *, rootdir: Path) -> Reason | None:
    """Makes a candidate the recording at `recording`; a reason where that cannot be."""
    try:
        publish(candidate, recording, rootdir=rootdir)
    except BadUsage as error:
        return Reason(kind="missing_recording", message=f"{error.where}: {error.what}", hint=error.hint)
    except OSError as error:
        return unrecorded(error)
    return None


def unrecorded(error: OSError) -> Reason:
    return Reason(kind="missing_recording", message=f"it could not be recorded: {error.strerror or error}")
