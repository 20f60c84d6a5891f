"""Several runs of one subagent that make one row: what each is planned as, and what the row says of it."""

from __future__ import annotations

from typing import Final

from pytest_subagents.model.outcome import Usage
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.status import Status
from pytest_subagents.model.value import Value, field

FEWEST_FINDINGS: Final = "fewest findings"
SMALLEST_DIFF: Final = "smallest diff"
CHEAPEST: Final = "cheapest"
CRITERIA: Final = (FEWEST_FINDINGS, SMALLEST_DIFF, CHEAPEST)
"""What `attempts.select` knows by name; anything else in it is the address of a function."""

NOT_NEEDED: Final = Reason(
    kind="lost", message="it was not started: nothing could have beaten what was there", at_most="not_run"
)
"""Of an attempt that an early stop left out; in a live run and in its replay."""


class AttemptOf(Value, frozen=True, kw_only=True):
    """That an item is one of several runs that make one row, and how that is made of them."""

    row: str
    """The node id of the row, which is that of no item."""
    number: int
    """From 1 on."""
    count: int
    """How many were declared."""
    select: tuple[str, ...] = ()
    """What the best of them is by, among those of one status."""
    stop_early: bool = True
    """Whether none is started any more when nothing could beat what is there."""
    repeats: bool = False
    """All of them count (`repeat`); none is selected."""


class Attempt(Value, frozen=True, kw_only=True):
    """One of the runs of a row, as the row keeps it."""

    nodeid: str
    number: int
    status: Status
    expected: bool = False
    selected: bool = False
    """Whether its work is that of the row. Of repetitions it says whose answer the row shows."""
    reasons: tuple[Reason, ...] = ()
    """Its own; of one that was not selected, why, as `lost`."""
    findings: int = 0
    """How many."""
    changes: int = 0
    """How many paths it changed."""
    changed_lines: int | None = None
    """How many lines it added and removed; None where no patch tells."""
    exit_code: int | None = None
    runtime_ms: int | None = None
    usage: Usage = field(default_factory=Usage)
    transcript: str | None = None


class PassRate(Value, frozen=True, kw_only=True):
    """How many of the repetitions of a subagent ended well, with the Wilson interval of 95 % around it."""

    passed: int
    of: int
    rate: float
    low: float
    high: float
