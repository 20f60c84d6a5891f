"""Waves, the critical path, and how long a plan takes: list scheduling with as many workers as one likes.

Positions stand for subagents. Times are milliseconds; nothing here knows what time it is.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One subagent as a scheduler sees it. Two tasks with a common lock never run at once."""

    milliseconds: int
    needs: tuple[int, ...] = ()
    priority: int = 0
    locks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """When a task started and ended."""

    start: int
    end: int


def in_order(tasks: Sequence[Task]) -> tuple[int, ...]:
    """Every task after what it needs, else in the order given; there is no circle."""
    waiting_for = [len(task.needs) for task in tasks]
    following = _following(tasks)
    ready = [index for index, count in enumerate(waiting_for) if count == 0]
    order = []
    while ready:
        index = heapq.heappop(ready)
        order.append(index)
        for after in following[index]:
            waiting_for[after] -= 1
            if waiting_for[after] == 0:
                heapq.heappush(ready, after)
    return tuple(order)


def waves_apart(tasks: Sequence[Task]) -> tuple[tuple[int, ...], ...]:
    """The waves: each task in the first one that is after all it needs and has none that it excludes."""
    wave: dict[int, int] = {}
    held: dict[str, set[int]] = defaultdict(set)
    for index in in_order(tasks):
        task = tasks[index]
        number = 1 + max((wave[needed] for needed in task.needs), default=0)
        while any(number in held[lock] for lock in task.locks):
            number += 1
        wave[index] = number
        for lock in task.locks:
            held[lock].add(number)
    found: dict[int, list[int]] = defaultdict(list)
    for index in range(len(tasks)):
        found[wave[index]].append(index)
    return tuple(tuple(found[number]) for number in sorted(found))


def remaining(tasks: Sequence[Task]) -> tuple[int, ...]:
    """Of each task, how long it and the longest chain of what waits for it take."""
    following = _following(tasks)
    lengths = [0] * len(tasks)
    for index in reversed(in_order(tasks)):
        lengths[index] = tasks[index].milliseconds + max((lengths[after] for after in following[index]), default=0)
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


def simulated(
    tasks: Sequence[Task], *, workers: int, stagger: int = 0, chains: Sequence[int] | None = None
) -> tuple[Span, ...]:
    """When each task starts and ends with this many workers.

    A free worker takes, of what is ready and not excluded, the task of the highest priority, then with the longest
    chain behind it, then the first. Starts are at least `stagger` apart. `chains` is what `remaining` gives, for who
    has it already.
    """
    chains = remaining(tasks) if chains is None else chains
    rank = [(-task.priority, -chains[index], index) for index, task in enumerate(tasks)]
    following = _following(tasks)
    waiting_for = [len(task.needs) for task in tasks]
    ready = [rank[index] for index, count in enumerate(waiting_for) if count == 0]
    heapq.heapify(ready)
    running: list[tuple[int, int]] = []
    held: set[str] = set()
    parked: dict[str, list[int]] = defaultdict(list)
    spans: list[Span | None] = [None] * len(tasks)
    now = next_start = 0
    while ready or running:
        while ready and len(running) < workers and next_start <= now:
            index = heapq.heappop(ready)[2]
            task = tasks[index]
            taken = next((lock for lock in task.locks if lock in held), None)
            if taken is not None:
                parked[taken].append(index)
                continue
            held.update(task.locks)
            spans[index] = Span(start=now, end=now + task.milliseconds)
            heapq.heappush(running, (now + task.milliseconds, index))
            next_start = now + stagger
        if ready and len(running) < workers and (not running or next_start < running[0][0]):
            now = next_start
            continue
        now = running[0][0]
        while running and running[0][0] == now:
            index = heapq.heappop(running)[1]
            for lock in tasks[index].locks:
                held.discard(lock)
                for other in parked.pop(lock, ()):
                    heapq.heappush(ready, rank[other])
            for after in following[index]:
                waiting_for[after] -= 1
                if waiting_for[after] == 0:
                    heapq.heappush(ready, rank[after])
    return tuple(span for span in spans if span is not None)


def _following(tasks: Sequence[Task]) -> list[list[int]]:
    following: list[list[int]] = [[] for _ in tasks]
    for index, task in enumerate(tasks):
        for needed in task.needs:
            following[needed].append(index)
    return following
