"""Runs that say nothing of the agent (a provider failed, say), of subagents that run several times.

Their row may be a good one, and what a replay could not find would fail it. So they are recorded where nothing better
is, with a mark: a replay reads such a recording as any other, and mode `once` runs the agent again.
"""

from __future__ import annotations

import os
from pathlib import Path

from msgspec.structs import replace

from pytest_subagents.conduct.assignment import Assignment
from pytest_subagents.model import limits
from pytest_subagents.runners.bounded_file import read_bounded
from pytest_subagents.transcript.meta import RecordingMeta, meta_bytes, read_meta
from pytest_subagents.transcript.recording import Candidate
from pytest_subagents.writing import write_file


def has_nothing_better(assignment: Assignment) -> bool:
    """Whether it is one of several runs, of which there is no recording but perhaps one of this kind."""
    if assignment.planned.attempt is None:
        return False
    if not os.path.lexists(assignment.recording.transcript):
        return True
    meta = _meta(assignment.recording.meta)
    return meta is not None and meta.spoiled


def mark(candidate: Candidate, *, below: Path) -> bool:
    """Makes a candidate one that is known for what it is; whether it could."""
    path = candidate.recording.meta
    meta = _meta(path)
    if meta is None:
        return False
    try:
        write_file(Path(path), meta_bytes(replace(meta, spoiled=True)), below=below, mode=0o600)
    except OSError:
        return False
    return True


def _meta(path: str) -> RecordingMeta | None:
    try:
        found = read_meta(read_bounded(path, limits.META_BYTES))
    except OSError:
        return None
    return found if isinstance(found, RecordingMeta) else None
