"""Who runs on which of several machines: a pure function of what is selected, of what hangs together, and of times.

What hangs together stays together, so that no shard needs a result of another one. Of the parts that are left, the
longest goes first, each to the shard that has the least to do by then.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping
from statistics import median_low
from typing import TypeAlias

from pytest_subagents.model.limits import DEFAULT_RUNTIME_MS
from pytest_subagents.model.spec import Workflow
from pytest_subagents.model.value import Value

Bond: TypeAlias = tuple[str, str]
"""What some have in common: of what kind it is, and its name. `("item", NODEID)` is the item itself."""


class Piece(Value, frozen=True, kw_only=True):
    """Something that runs in one shard."""

    nodeid: str
    milliseconds: int | None = None
    """How long it took the last time; None is not known, and taken for the median of those that are."""
    bonds: tuple[Bond, ...] = ()
    """All pieces with one of these in common stay together."""
    selected: bool = True
    """One that does not run has no weight, but keeps together what hangs on it."""


def is_undivided(workflow: Workflow) -> bool:
    """Whether its merge at the end, its audit log, those who are told of it, or an end at its first failure want all
    of it in one place."""
    once = workflow.merge.at_end or workflow.execution.abort_on_failure
    return once or workflow.audit_log is not None or workflow.notify is not None


def dealt(pieces: Iterable[Piece], count: int) -> Mapping[str, int]:
    """The shard of every piece that is selected, from 1 to `count`, by node id; whatever the order of `pieces` is."""
    given = sorted(pieces, key=lambda piece: piece.nodeid)
    known = [piece.milliseconds for piece in given if piece.selected and piece.milliseconds is not None]
    usual = median_low(known) if known else DEFAULT_RUNTIME_MS
    weighed = []
    for group in _together(given):
        selected = [piece for piece in group if piece.selected]
        times = (usual if piece.milliseconds is None else piece.milliseconds for piece in selected)
        if selected:  # no time at all would all go to one shard
            weighed.append((sum(max(time, 1) for time in times), [piece.nodeid for piece in selected]))
    loads = [(0, number) for number in range(1, count + 1)]
    found: dict[str, int] = {}
    for weight, nodeids in sorted(weighed, key=lambda one: (-one[0], one[1][0])):
        load, number = loads[0]
        heapq.heapreplace(loads, (load + weight, number))
        found.update(dict.fromkeys(nodeids, number))
    return found


def _together(pieces: Iterable[Piece]) -> Iterable[list[Piece]]:
    """The pieces that hang together, directly or by others, each group in their order."""
    above: dict[Bond, Bond] = {}

    def top(bond: Bond) -> Bond:
        while (over := above.setdefault(bond, bond)) != bond:
            above[bond] = above[over]
            bond = above[bond]
        return bond

    given = tuple(pieces)
    for piece in given:
        for bond in piece.bonds:
            above[top(bond)] = top(("item", piece.nodeid))
    groups: dict[Bond, list[Piece]] = defaultdict(list)
    for piece in given:
        groups[top(("item", piece.nodeid))].append(piece)
    return groups.values()
