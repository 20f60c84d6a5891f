"""Work that is built on the work of others: in which order it can be merged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pytest_subagents.merge.work import Rebuilt


def all_below(works: Sequence[Rebuilt], needs: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[str]]:
    """By id, all that must come before each of `works`: whom it needs, and whose work is in its base."""
    return {work.agent: tuple(dict.fromkeys((*needs.get(work.agent, ()), *work.on))) for work in works}


def all_under(below: Mapping[str, Sequence[str]]) -> Mapping[str, frozenset[str]]:
    """The same, with all that those must come behind."""
    found: dict[str, frozenset[str]] = {}
    for agent in below:
        reached: set[str] = set()
        waiting = list(below[agent])
        while waiting:
            here = waiting.pop()
            if here not in reached:
                reached.add(here)
                waiting += below.get(here, ())
        found[agent] = frozenset(reached)
    return found


def last_first(works: Sequence[Rebuilt], under: Mapping[str, Sequence[str]]) -> tuple[Rebuilt, ...]:
    """`works` from the end, as far as each can still come behind all that is `under` it."""
    there = {work.agent for work in works}
    waiting = {work.agent: len(there.intersection(under[work.agent])) for work in works}
    above: dict[str, list[int]] = {}
    for index, work in enumerate(works):
        for agent in there.intersection(under[work.agent]):
            above.setdefault(agent, []).append(index)
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
