"""How long a plan takes with as many workers as one likes: a run of the dispatcher without anything that runs."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence

from pytest_subagents.model.value import Value
from pytest_subagents.plan.dispatching import Dispatcher
from pytest_subagents.plan.task import Task


class Span(Value, frozen=True, kw_only=True):
    """When a task started and ended."""

    start: float
    end: float


def simulated(
    tasks: Sequence[Task],
    *,
    workers: int,
    stagger: float = 0,
    chains: Sequence[float] | None = None,
    places: Mapping[str, int | None] | None = None,
) -> tuple[Span, ...]:
    """When each task starts and ends with this many workers; all end well.

    A limit that `places` does not name has one place. Starts of those with one pace are at least `stagger` apart.
    `chains` is what `remaining` gives, for who has it.
    """
    paces = dict.fromkeys({task.pace for task in tasks if task.pace}, stagger)
    dispatcher = Dispatcher(tasks, places=places, paces=paces, chains=chains)
    running: list[tuple[float, int]] = []
    spans: list[Span | None] = [None] * len(tasks)
    now: float = 0
    while True:
        while len(running) < workers and (index := dispatcher.next(now)) is not None:
            spans[index] = Span(start=now, end=now + tasks[index].duration)
            heapq.heappush(running, (now + tasks[index].duration, index))
        look = dispatcher.next_look() if len(running) < workers else None
        if look is not None and (not running or look < running[0][0]):
            now = look
            continue
        if not running:
            return tuple(span for span in spans if span is not None)
        now = running[0][0]
        while running and running[0][0] == now:
            dispatcher.ended(heapq.heappop(running)[1], well=True)
