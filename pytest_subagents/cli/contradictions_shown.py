"""Where the recording of one subagent contradicts itself: what it told of changes, and what it really changed."""

from __future__ import annotations

from pathlib import Path, PurePath

from pytest_subagents.audit.agent import contradictions
from pytest_subagents.audit.judged_recording import judged_recording
from pytest_subagents.model.result import Result


def shown_contradictions(row: Result, rootdir: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """As `contradictions`; none where its recording is not in the folder `rootdir`, as a report may say anything."""
    path = PurePath(row.transcript or "..")
    if path.is_absolute() or ".." in path.parts:
        return (), ()
    recording = judged_recording(row, str(path), rootdir=rootdir)
    return contradictions(recording) if recording is not None else ((), ())
