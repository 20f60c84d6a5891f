"""The recorded work of a workflow's subagents, as far as it is wanted, before git has seen any of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Final, TypeAlias

from pytest_subagents.errors import BadUsage
from pytest_subagents.git.repository import Repository
from pytest_subagents.integration.drivers import DriverChoice
from pytest_subagents.integration.validating import Checks
from pytest_subagents.merge.work import Work
from pytest_subagents.model import limits
from pytest_subagents.model.integration import LeftOut, Nothing, Stale
from pytest_subagents.model.report import Report
from pytest_subagents.model.result import Result
from pytest_subagents.model.spec import Subagent, Workflow
from pytest_subagents.model.value import Value
from pytest_subagents.transcript.merge_checks import Onto
from pytest_subagents.transcript.meta import RecordingMeta, read_meta
from pytest_subagents.transcript.store import Recording, recording_of_agent, recording_of_run
from pytest_subagents.workspace.patch_reading import changes_of
from pytest_subagents.writing import read_file

_RUN: Final = "run `pytest --subagents` first"
_ENDED_WELL: Final = ("success", "partial")

Told: TypeAlias = Work | Stale | Nothing | LeftOut


class Request(Value, frozen=True, kw_only=True):
    """What is to be merged."""

    workflow: Workflow
    file: str
    """The workflow file from the rootdir, as node ids begin."""
    folder: Path
    """The folder that it lies in."""
    report: Report
    report_path: str
    repository: Repository
    rootdir: Path
    environ: Mapping[str, str]
    checks: Checks = "recorded"
    keeps_checks: bool = True
    """Whether what commands came to is recorded."""
    driver: DriverChoice = "none"
    """The external merge driver that is used; what comes of one depends on the machine."""
    keep: Path | None = None
    """A folder for the contents of conflicts."""
    onto: Onto = "head"
    """The tree that all of it is merged onto: that of HEAD, or the one that the first of them started from, which is
    the same whatever was committed since."""
    redact: tuple[str, ...] = ()
    """Regular expressions of what is a secret here."""
    recording_of: Callable[[Result], Recording | None] | None = None
    """Where the recording is that a row was judged by; by default the one in the repository."""


def told_of(request: Request, order: Iterable[str]) -> tuple[Told, ...]:
    """What there is of each of the subagents `order`. `BadUsage` where the report is not one of this workflow."""
    wanted, agents = _results(request), {agent.id: agent for agent in request.workflow.agents}
    return tuple(_told(request, agents[id], wanted.get(f"{request.file}::{id}")) for id in order)


def _results(request: Request) -> Mapping[str, Result]:
    if not request.report.complete:
        raise BadUsage(request.report_path, "it tells of a run that was cut short", hint=f"{_RUN}, to its end")
    found = {row.planned.nodeid: row for row in request.report.agents}
    if not any(f"{request.file}::{agent.id}" in found for agent in request.workflow.agents):
        raise BadUsage(request.report_path, f"it tells of no subagent of {request.file}", hint=_RUN)
    return found


def _told(request: Request, agent: Subagent, result: Result | None) -> Told:
    """What there is of a subagent, before git has seen any of it."""
    if result is None:
        return LeftOut(agent=agent.id, why="the report does not tell of it")
    if result.status not in _ENDED_WELL and agent.id not in _lowered_by_merging(request):
        return LeftOut(agent=agent.id, why="it did not run" if result.status == "not_run" else f"it {result.status}")
    if result.waits_for_review:
        return LeftOut(agent=agent.id, why="its diff waits for review")
    recording = _recording(request, agent, result)
    place = Path(recording.transcript)
    below = request.folder if place.is_relative_to(request.folder / "recordings") else place.parent
    meta = _meta(recording, below)
    if isinstance(meta, str):
        return Stale(agent=agent.id, why=meta, hint="record the subagent again")
    if meta.patch is None:
        return Nothing(agent=agent.id, why="its recording has no patch" if result.changes else "it changes no files")
    patch = _patch(recording, below)
    if isinstance(patch, str):
        return Stale(agent=agent.id, why=f"its patch cannot be used: {patch}", hint="record the subagent again")
    changes = changes_of(patch, PurePosixPath(meta.patch.prefix))
    if isinstance(changes, str):
        return Stale(agent=agent.id, why=f"its patch cannot be used: {changes}", hint="record the subagent again")
    if changes != result.changes:
        why = "its recording changes other files than the report says"
        return Stale(agent=agent.id, why=why, hint=f"{_RUN}: the report is of another recording")
    return Work(agent=agent.id, base=meta.base or "", tree=meta.patch.tree, patch=patch, parts=meta.base_of)


def _recording(request: Request, agent: Subagent, result: Result) -> Recording:
    """That of the run whose work is the row's, where several made it."""
    found = None if request.recording_of is None else request.recording_of(result)
    if found is not None:
        return found
    path = recording_of_agent(str(request.folder), request.workflow.name, agent.id)
    chosen = next((attempt.number for attempt in result.attempts if attempt.selected), None)
    return Recording(transcript=path if chosen is None else recording_of_run(path, chosen))


def _lowered_by_merging(request: Request) -> frozenset[str]:
    """Ids of those that ended well until they were merged at the end of the run: what of them merges is asked anew."""
    merges = [merge for merge in request.report.merges if merge.workflow == request.workflow.name]
    return frozenset(id for merge in merges for id in (*merge.merged, *merge.left_out))


def _meta(recording: Recording, below: Path) -> RecordingMeta | str:
    try:
        return read_meta(read_file(Path(recording.meta), below=below, at_most=limits.META_BYTES))
    except FileNotFoundError:
        return RecordingMeta()
    except OSError as error:
        return f"its metadata cannot be read: {error.strerror or error}"


def _patch(recording: Recording, below: Path) -> bytes | str:
    try:
        return read_file(Path(recording.patch), below=below, at_most=limits.CHANGED_BYTES)
    except FileNotFoundError:
        return b""
    except OSError as error:
        return f"it cannot be read: {error.strerror or error}"
