"""What follows from who waits for whom: an order, waves, the longest chain behind each, and the longest of all."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Sequence

from pytest_subagents.plan.task import Task


def in_order(tasks: Sequence[Task]) -> tuple[int, ...]:
    """Every task after what it waits for, else by priority, then in the order given; there is no circle."""
    waiting_for = [len(set(task.waits_for)) for task in tasks]
    following = _following(tasks)
    ready = [(-tasks[index].priority, index) for index, count in enumerate(waiting_for) if count == 0]
    heapq.heapify(ready)
    order = []
    while ready:
        index = heapq.heappop(ready)[1]
        order.append(index)
        for after in following[index]:
            waiting_for[after] -= 1
            if waiting_for[after] == 0:
                heapq.heappush(ready, (-tasks[after].priority, after))
    return tuple(order)


def waves_apart(tasks: Sequence[Task]) -> tuple[tuple[int, ...], ...]:
    """The waves: each task in the first one that is after all it waits for and has none with a common limit, of which
    each is taken to have one place."""
    wave: dict[int, int] = {}
    taken: dict[str, dict[int, int]] = defaultdict(dict)
    for index in in_order(tasks):
        limits = tasks[index].limits
        free, number = 1 + max((wave[needed] for needed in tasks[index].waits_for), default=0), 0
        while free != number:
            number = free
            free = max((_free(taken[limit], number) for limit in limits), default=number)
        wave[index] = number
        for limit in limits:
            taken[limit][number] = number + 1
    found: dict[int, list[int]] = defaultdict(list)
    for index in range(len(tasks)):
        found[wave[index]].append(index)
    return tuple(tuple(found[number]) for number in sorted(found))


def _free(taken: dict[int, int], number: int) -> int:
    """The first wave from this one on that is not taken. Of each that is, `taken` knows a later one to look at, the
    later the more often it was asked."""
    asked = []
    while number in taken:
        asked.append(number)
        number = taken[number]
    for one in asked:
        taken[one] = number
    return number


def remaining(tasks: Sequence[Task]) -> tuple[float, ...]:
    """Of each task, how long it and the longest chain of what waits for it take."""
    following = _following(tasks)
    lengths: list[float] = [0] * len(tasks)
    for index in reversed(in_order(tasks)):
        lengths[index] = tasks[index].duration + max((lengths[after] for after in following[index]), default=0)
    return tuple(lengths)


def critical_path(tasks: Sequence[Task]) -> tuple[int, ...]:
    """The chain that takes longest; of several, the one that comes first."""
    if not tasks:
        return ()
    lengths, following = remaining(tasks), _following(tasks)
    path = [max(range(len(tasks)), key=lambda index: (lengths[index], -index))]
    while following[path[-1]]:
        path.append(max(following[path[-1]], key=lambda index: (lengths[index], -index)))
    return tuple(path)


def _following(tasks: Sequence[Task]) -> list[list[int]]:
    following: list[list[int]] = [[] for _ in tasks]
    for index, task in enumerate(tasks):
        for other in set(task.waits_for):
            following[other].append(index)
    return following
