"""Work that is built on the work of others: what that means for the order of a merge, and for what is left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from pytest_subagents.merge.work import Rebuilt
from pytest_subagents.model.integration import Conflicted, LeftOut, Merged, Nothing

Joint: TypeAlias = Merged | Conflicted | Nothing | LeftOut


def last_first(works: Sequence[Rebuilt]) -> tuple[Rebuilt, ...]:
    """`works` from the end, as far as each can still come behind all that it is built on."""
    there = {work.agent for work in works}
    waiting = {work.agent: len(there.intersection(work.on)) for work in works}
    above: dict[str, list[int]] = {}
    for index, work in enumerate(works):
        for below in there.intersection(work.on):
            above.setdefault(below, []).append(index)
    free = sorted(index for index, work in enumerate(works) if not waiting[work.agent])
    order: list[Rebuilt] = []
    while free:
        work = works[free.pop()]
        order.append(work)
        for index in above.get(work.agent, ()):
            waiting[works[index].agent] -= 1
            if not waiting[works[index].agent]:
                free.append(index)
        free.sort()
    return tuple(order)


def missing_below(work: Rebuilt, rows: Iterable[Joint]) -> str | None:
    """The first of those that `work` is built on whose own work was left out of the merge."""
    out = {row.agent for row in rows if isinstance(row, Conflicted | LeftOut)}
    return next((agent for agent in work.on if agent in out), None)
