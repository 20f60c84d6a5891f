"""A plan: who may run beside whom, in what order, why, and how long it would take. Times are milliseconds."""

from __future__ import annotations

from typing import Literal, TypeAlias

from pytest_subagents.model.scope_use import ScopeUse
from pytest_subagents.model.value import Value

HazardKind: TypeAlias = Literal["write-write", "read-after-write", "write-after-read", "unknown", "resource"]
Cause: TypeAlias = Literal["depends_on", "reads", "writes"]
Settled: TypeAlias = Literal["depends_on", "order", "apart", "same base", "open"]
Source: TypeAlias = Literal["recording", "history", "default"]
"""Where a time is from: the recording, the newest run that was not recorded, or nowhere."""


class Facts(Value, frozen=True, kw_only=True):
    """What is known of a subagent beside its declaration; None is not known."""

    runtime_ms: int | None = None
    """How long it took the last time."""
    source: Source | None = None
    """Where that is from."""
    read_bytes: int | None = None
    """Size of the files that it may read."""
    used: ScopeUse | None = None
    """What it read and wrote in its last live run."""
    ended_well: bool = False
    """Whether it did its work there."""


class Access(Value, frozen=True, kw_only=True):
    """One row of the access matrix: what a subagent reads, really may write, and shares."""

    id: str
    read: tuple[str, ...] | None
    """None where it is not declared."""
    write: tuple[str, ...]
    """Empty where its tools cannot write, whatever its scope says."""
    resources: tuple[str, ...]


class Hazard(Value, frozen=True, kw_only=True):
    """Why two subagents may not run beside each other as they like.

    `agents` are two ids, the one that comes first in front; one for `unknown`: it may read what any other one writes.
    """

    kind: HazardKind
    agents: tuple[str, ...]
    witness: str | None = None
    """A path that both may touch, or the name of the resource; None where there was too much to decide it."""
    globs: tuple[str, ...] = ()
    """Of each of the two, the glob that matches it."""
    pairs: int = 1
    """How many pairs with the same globs this one stands for."""
    settled: Settled
    """`depends_on` orders them; we put them in `order`; never at once, in any order (`apart`); both start from the
    `same base`; or nothing does (`open`)."""
    change: str = ""
    """What a person may change."""


class Edge(Value, frozen=True, kw_only=True):
    """`after` does not start before `before` has ended; with `checkpoint`, has passed it."""

    before: str
    after: str
    cause: Cause
    """Why: it is said (`depends_on`), `after` reads what `before` writes, or both write it."""
    witness: str | None = None
    """A path that shows it; None where it is only said, or where there was too much to decide."""
    checkpoint: str | None = None


class Estimate(Value, frozen=True, kw_only=True):
    """How long a subagent will probably take."""

    id: str
    milliseconds: int
    """Of one run."""
    source: Source
    runs: int = 1
    """How many there are: attempts, or repetitions."""


class Makespan(Value, frozen=True, kw_only=True):
    """How long the whole will take with this many workers."""

    workers: int
    milliseconds: int


class Advice(Value, frozen=True, kw_only=True):
    """Something in a workflow that a person could do better."""

    kind: str
    agents: tuple[str, ...]
    text: str


class Plan(Value, frozen=True, kw_only=True):
    """Everything that is known before the first token is spent. Rows are in the order of the file."""

    name: str
    access: tuple[Access, ...]
    hazards: tuple[Hazard, ...]
    edges: tuple[Edge, ...]
    waves: tuple[tuple[str, ...], ...]
    """Each may start when the one before has ended; no two of one wave exclude each other."""
    critical_path: tuple[str, ...]
    """The chain that takes longest."""
    critical_ms: int
    total_ms: int
    """One after the other."""
    estimates: tuple[Estimate, ...]
    makespans: tuple[Makespan, ...]
    """By number of workers, from 1 on, under the limits of the workflow."""
    workers: int
    """The number worth using: the smallest within 5 % of the best."""
    at_once: int
    """How many may run at a time, whatever the number of workers is."""
    advice: tuple[Advice, ...]

    @property
    def conflicts(self) -> tuple[Hazard, ...]:
        """The hazards that no order of reading settles: two that write one path, or share a resource."""
        return tuple(hazard for hazard in self.hazards if hazard.kind in ("write-write", "resource"))


class ShardPlan(Value, frozen=True, kw_only=True):
    """What one of several machines will do."""

    number: int
    agents: tuple[str, ...]
    """Ids, in the order of the file; nobody where there are more shards than pieces."""
    total_ms: int = 0
    """One after the other."""
    makespan: Makespan | None = None
    """With the number of workers worth using; None where nobody is there."""
    guessed: bool = False
    """Of one of them no recording tells how long it takes."""
