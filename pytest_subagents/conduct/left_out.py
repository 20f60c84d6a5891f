"""An attempt that an early stop left out, and how a replay tells it from one whose recording is lost."""

from __future__ import annotations

import os

from pytest_subagents.conduct.assignment import Assignment
from pytest_subagents.model import limits
from pytest_subagents.model.attempts import NOT_NEEDED
from pytest_subagents.model.result import Result
from pytest_subagents.runners.bounded_file import read_bounded
from pytest_subagents.transcript.meta import RecordingMeta, read_meta


def not_needed(assignment: Assignment) -> Result:
    """Its result. Nothing is expected of it."""
    planned = assignment.planned
    return Result(
        planned=planned,
        status=NOT_NEEDED.ceiling,
        reasons=(NOT_NEEDED,),
        vendor=planned.vendor,
        model=planned.model,
    )


def may_be_left_out(assignment: Assignment) -> bool:
    """Whether it is an attempt that need not start."""
    attempt = assignment.planned.attempt
    return attempt is not None and attempt.stop_early and not attempt.repeats


def was_left_out(assignment: Assignment) -> bool:
    """Whether a record says so in the place of its recording; one of an attempt that always starts is not believed."""
    recording = assignment.recording
    if not may_be_left_out(assignment) or recording.refused or os.path.lexists(recording.transcript):
        return False
    try:
        meta = read_meta(read_bounded(recording.meta, limits.META_BYTES))
    except OSError:
        return False
    return isinstance(meta, RecordingMeta) and meta.left_out
