"""What replays one subagent, and what it hands over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pytest_subagents.model.outcome import Change, Outcome
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.spec import Checkpoint
from pytest_subagents.model.value import Value, field
from pytest_subagents.transcript.meta import NO_META, RecordingMeta
from pytest_subagents.transcript.store import Recording


class Run(Value, frozen=True, kw_only=True):
    """One execution, before anything is judged."""

    outcome: Outcome | None
    """None where there was nothing to read; `faults` say why."""
    meta: RecordingMeta = field(default=NO_META)
    changes: tuple[Change, ...] | None = None
    """What was really changed, sorted; None where nobody looked, and only the stream tells."""
    patch: bytes = b""
    """The patch that says so, as it was recorded."""
    faults: tuple[Reason, ...] = ()
    """What is wrong with the recording itself."""


class Runner(Protocol):
    def run(self, recording: Recording, *, checkpoints: Sequence[Checkpoint] = ()) -> Run:
        """Replay one subagent, and say which of the `checkpoints` it passed. Never raises for what an agent, a vendor
        or a recording did."""
        ...
