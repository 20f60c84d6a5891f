"""Where in a run directory the work of a subagent is that was judged in this run, for those who are built on it.

`work.json` in its folder names the folder of the candidate. What an earlier run has finished has its metadata and its
patch copied there, so that this run has all that it is made of.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import msgspec

from pytest_subagents.errors import SubagentsError
from pytest_subagents.model import limits
from pytest_subagents.runners.bounded_file import read_bounded
from pytest_subagents.transcript.recording import Candidate
from pytest_subagents.transcript.run_directory import RunDirectory, folder_name
from pytest_subagents.transcript.store import Recording
from pytest_subagents.writing import write_file

RESUMED: Final = "resumed"
"""The folder of what an earlier run has finished, in that of a subagent."""
_NAME: Final = "work.json"
_FORMAT: Final = 1


class _Work(msgspec.Struct, frozen=True, kw_only=True):
    """The file `work.json` of a subagent."""

    format: int
    candidate: str
    """The folder of its candidate, from the subagent's own."""


def tell_work(directory: RunDirectory, nodeid: str, candidate: Candidate) -> None:
    """What this candidate did is what the subagent did; `StateError` where that cannot be written."""
    folder = directory.agent_folder(nodeid)
    where = candidate.folder.relative_to(folder).as_posix()
    directory.write_json(folder / _NAME, _Work(format=_FORMAT, candidate=where))


def adopt_work(directory: RunDirectory, nodeid: str, candidate: Candidate) -> None:
    """The same for a candidate of an earlier run; `OSError` or `StateError` where it cannot be copied."""
    mine = Candidate(folder=directory.agent_folder(nodeid) / RESUMED)
    pairs = (
        (candidate.recording.meta, mine.recording.meta, limits.META_BYTES),
        (candidate.recording.patch, mine.recording.patch, limits.CHANGED_BYTES),
    )
    for source, target, most in pairs:
        if os.path.lexists(source):
            write_file(Path(target), read_bounded(source, most), below=directory.trusted, mode=0o600)
    tell_work(directory, nodeid, mine)


def told_work(directory: RunDirectory, nodeid: str) -> Recording | None:
    """The recording, as far as its metadata and its patch go; None where this run has not made it."""
    try:
        found = directory.read_json(directory.path / folder_name(nodeid) / _NAME, _Work)
    except SubagentsError:
        return None
    if found is None or found.format != _FORMAT:
        return None
    where = Path(found.candidate)
    if where.is_absolute() or ".." in where.parts:
        return None
    return Candidate(folder=directory.path / folder_name(nodeid) / where).recording
