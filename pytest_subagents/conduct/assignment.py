"""Everything that is needed to conduct one subagent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from pytest_subagents.contract.loading import Contract
from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.result import Planned, Result
from pytest_subagents.model.spec import Review, SharedContext, Subagent
from pytest_subagents.model.value import Value, field
from pytest_subagents.transcript.approvals import Approval
from pytest_subagents.transcript.store import Recording

Verifier: TypeAlias = Callable[[JsonValue, Result], object]
"""A `verify` function: gives nothing where all is well, else messages or `Reason` values."""

Selector: TypeAlias = Callable[[JsonValue, Result], object]
"""A function of `attempts.select`: gives a number for an attempt, of which the highest wins."""


class Team(Value, frozen=True, kw_only=True):
    """What the subagents of one workflow have in common; those of marks are in none."""

    name: str = ""
    version: str = ""
    description: str = ""
    context: SharedContext = field(default_factory=SharedContext)
    where: str = ""
    """The workflow's place, for errors."""
    at_once: int | None = None
    """How many of it may run at a time."""
    stagger: float = 0.0
    """Seconds between two starts."""
    abort_on_failure: bool = False
    """Whether nothing more of it starts once one has failed."""
    review: Review = field(default_factory=Review)
    """When a person must approve a diff."""
    approvals: Mapping[str, Approval] = field(default_factory=dict)
    """What people have approved, by the id of the subagent."""


NO_TEAM = Team()


class Assignment(Value, frozen=True, kw_only=True):
    """One subagent with its contract, its recording, and what its report row is called."""

    subagent: Subagent
    planned: Planned
    contract: Contract
    recording: Recording
    verifiers: tuple[tuple[str, Verifier], ...] = ()
    """Each with its address, for messages."""
    selectors: tuple[tuple[str, Selector], ...] = ()
    """The same, of an attempt."""
    transcript: str | None = None
    """The recording as a path from the rootdir."""
    team: Team | None = None
    """None for a transcript that is only ever replayed."""
    after: tuple[str, ...] = ()
    """Node ids of further ones that must have ended, however that was: they write what it writes."""
    protected: tuple[str, ...] = ()
    """Globs of what nobody may write, from the rootdir."""
    inferred: frozenset[str] = frozenset()
    """Those of `planned.needs` that nobody said: it reads what they write."""
    behind: tuple[str, ...] = ()
    """Node ids of rows, among those that come before it, from whose work it starts, too, since it did not merge with it
    when it did not."""
    lost: bool = False
    """What is recorded of it did not merge: it is to be run again, however fresh that is."""

    @property
    def waits_for(self) -> tuple[str, ...]:
        """Node ids of all that come before it."""
        points = (point.nodeid for point in self.planned.points)
        return tuple(dict.fromkeys((*self.planned.needs, *points, *self.after)))
