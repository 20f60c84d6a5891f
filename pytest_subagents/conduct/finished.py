"""What subagents of a run came to, and which are finished: what `--subagents-resume` goes on from.

A resume reads no results. It judges the recording that could be kept again, as a replay judges, so that an expectation
or a `verify` function that was changed meanwhile counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from pytest_subagents.errors import SubagentsError
from pytest_subagents.model import limits
from pytest_subagents.model.result import Result
from pytest_subagents.runners.bounded_file import read_bounded
from pytest_subagents.transcript.recording import Candidate
from pytest_subagents.transcript.run_directory import RunDirectory, folder_name
from pytest_subagents.transcript.store import Recording

_RESULT: Final = "result.json"
_NAME: Final = "finished.json"
_FORMAT: Final = 1


class _Finished(msgspec.Struct, frozen=True, kw_only=True):
    """The file `finished.json` of a subagent: written last, so that it is there only for what came to its end."""

    format: int
    specification: str
    candidate: str
    """The folder of its candidate, from the subagent's own: `.`, or that of a retry."""


def show(directory: RunDirectory, nodeid: str, result: Result) -> None:
    """`result.json` in a subagent's folder, for people; `StateError` where it cannot be written."""
    directory.write_json(directory.agent_folder(nodeid) / _RESULT, result)


def keep(directory: RunDirectory, nodeid: str, candidate: Candidate, specification: str) -> None:
    """Say in the run directory that a subagent is finished; `StateError` where that cannot be written."""
    folder = directory.agent_folder(nodeid)
    where = candidate.folder.relative_to(folder).as_posix()
    directory.write_json(folder / _NAME, _Finished(format=_FORMAT, specification=specification, candidate=where))


def kept(directories: Iterable[RunDirectory], nodeid: str, specification: str) -> Candidate | None:
    """The candidate of a subagent of this specification in the first of the runs that has finished it; None where
    none has, or what it says of it is damaged."""
    return next((found for each in directories if (found := _kept(each, nodeid, specification)) is not None), None)


def any_kept(directories: Iterable[RunDirectory], nodeid: str, *, adopted: Recording | None = None) -> Candidate | None:
    """The same for who does not know the specification. Where the runs have finished several, it is the one whose
    metadata a later run has `adopted`; None where that cannot be told."""
    found = [(each, file) for each in directories if (file := _file(each, nodeid)) is not None]
    if len({file.specification for _, file in found}) == 1:
        directory, file = found[0]
        return _candidate(directory, nodeid, file)
    meta = _meta(adopted) if adopted is not None else None
    candidates = (_candidate(directory, nodeid, file) for directory, file in found if meta is not None)
    return next((each for each in candidates if each is not None and _meta(each.recording) == meta), None)


def _meta(recording: Recording) -> bytes | None:
    try:
        return read_bounded(recording.meta, limits.META_BYTES)
    except OSError:
        return None


def _kept(directory: RunDirectory, nodeid: str, specification: str) -> Candidate | None:
    found = _file(directory, nodeid)
    if found is None or found.specification != specification:
        return None
    return _candidate(directory, nodeid, found)


def _file(directory: RunDirectory, nodeid: str) -> _Finished | None:
    """None where it is missing, damaged or of another format."""
    try:
        found = directory.read_json(directory.path / folder_name(nodeid) / _NAME, _Finished)
    except SubagentsError:
        return None
    return found if found is not None and found.format == _FORMAT else None


def _candidate(directory: RunDirectory, nodeid: str, found: _Finished) -> Candidate | None:
    where = Path(found.candidate)
    if where.is_absolute() or ".." in where.parts:
        return None
    return Candidate(folder=directory.path / folder_name(nodeid) / where)
