"""Replay: reads a recording and starts nothing."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final

from pytest_subagents.model import limits
from pytest_subagents.model.outcome import Outcome
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.spec import Checkpoint
from pytest_subagents.runners.bounded_file import read_bounded
from pytest_subagents.runners.interface import Run
from pytest_subagents.runners.recorded_changes import changes_beside, lines_beside
from pytest_subagents.transcript.meta import NO_META, RecordingMeta, read_meta
from pytest_subagents.transcript.store import Recording
from pytest_subagents.vendors.reading import read_transcript


class ReplayRunner:
    """Gives what a recording says; no process, no network, no clock."""

    def run(self, recording: Recording, *, checkpoints: Sequence[Checkpoint] = ()) -> Run:
        if recording.refused:
            return Run(outcome=Outcome(problem=recording.refused))
        outcome = read_transcript(recording.transcript, recording.children(), checkpoints=checkpoints)
        if outcome.problem and not os.path.lexists(recording.transcript):
            return Run(outcome=None, faults=(_MISSING,))
        meta, faults = _meta_beside(recording)
        changes, more = (None, ()) if meta.patch is None else changes_beside(recording, meta.patch)
        lines = lines_beside(recording, changes)
        return Run(outcome=outcome, meta=meta, changes=changes, changed_lines=lines, faults=(*faults, *more))


_MISSING: Final = Reason(
    kind="missing_recording",
    message="there is no recording",
    hint="run it: pytest --subagents --subagents-mode=once; or put there what the agent printed",
)


def _meta_beside(recording: Recording) -> tuple[RecordingMeta, tuple[Reason, ...]]:
    try:
        data = read_bounded(recording.meta, limits.META_BYTES)
    except FileNotFoundError:
        return NO_META, ()
    except OSError as error:
        found: RecordingMeta | str = f"the metadata cannot be read: {error.strerror or error}"
    else:
        found = read_meta(data)
    if isinstance(found, RecordingMeta):
        return found, ()
    return NO_META, (
        Reason(
            kind="missing_recording",
            message=found,
            hint="mend or remove the file; without it nothing is known of how the process ended",
        ),
    )
