"""The dispatcher: who starts next, given who has ended. What schedules a real run also simulates one.

A state machine without a clock. Every step costs the logarithm of what waits, however many share a limit.
"""

from __future__ import annotations

import heapq
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from pytest_subagents.plan.chains import remaining
from pytest_subagents.plan.gates import Gates, Rank
from pytest_subagents.plan.task import Task

_WELL: Final = "ended well"
_ENDED: Final = "ended"
"""What can happen to a task, besides passing a checkpoint. The id of none has a blank in it."""

_Event: TypeAlias = tuple[int, str]


class Dispatcher:
    """Of those that may start, the one of the highest priority does, then the one with the longest chain behind it,
    then the first. All times are of one unit."""

    def __init__(
        self,
        tasks: Sequence[Task],
        *,
        places: Mapping[str, int | None] | None = None,
        paces: Mapping[str, float] | None = None,
        chains: Sequence[float] | None = None,
    ) -> None:
        """`places` of each limit: None is no bound, and a limit that is not named has one. `paces`: the time between
        two starts. `chains` is what `remaining` gives, for who has it already. The tasks wait in no circle."""
        chains = remaining(tasks) if chains is None else chains
        self._tasks = tasks
        self._rank: list[Rank] = [(-task.priority, -chains[index], index) for index, task in enumerate(tasks)]
        self._gates = Gates(places or {}, paces or {})
        self._waiting_for: list[int] = []
        self._dependents: dict[_Event, list[int]] = defaultdict(list)
        self._points: dict[int, list[str]] = defaultdict(list)
        """The checkpoints of each that somebody waits for, and that have not been passed."""
        self._ready: list[Rank] = []
        self._gone: set[int] = set()
        """They will not start (again)."""
        self._running: set[int] = set()
        self._lost: deque[int] = deque()
        for index, task in enumerate(tasks):
            events = _events(task)
            self._waiting_for.append(len(events))
            for event in events:
                self._dependents[event].append(index)
            if not events:
                self._ready.append(self._rank[index])
        for before, what in self._dependents:
            if what not in (_WELL, _ENDED):
                self._points[before].append(what)
        heapq.heapify(self._ready)

    def next(self, now: float) -> int | None:
        """The task that starts now; None where none can before something else happens."""
        self._look_at(self._gates.opened(now))
        while self._ready:
            rank = heapq.heappop(self._ready)
            index = rank[2]
            if index in self._gone:  # lost, while it waited for a place
                continue
            task = self._tasks[index]
            starts = self._gates.enter(task, rank, now)
            self._look_at(self._gates.spare(task, now))
            if starts:
                self._gone.add(index)
                self._running.add(index)
                return index
        return None

    def lost(self) -> int | None:
        """The next task that will never start, as one that it needs has not ended well. It ends when that is told."""
        while self._lost:
            index = self._lost.popleft()
            if index not in self._gone:
                self._gone.add(index)
                return index
        return None

    def ended(self, index: int, *, well: bool) -> None:
        """A task has ended, that of one that never started too."""
        if index in self._running:
            self._running.remove(index)
            self._look_at(self._gates.leave(self._tasks[index]))
        self._happened((index, _ENDED))
        if well:
            self._happened((index, _WELL))
        else:
            self._lost.extend(self._dependents.get((index, _WELL), ()))
        for point in self._points.pop(index, ()):
            self._lost.extend(self._dependents[index, point])

    def give_up(self, index: int) -> None:
        """A task is not to start any more; it is lost, unless it has been started."""
        self._lost.append(index)

    def again(self, index: int) -> None:
        """A task that was started is to start once more: whoever ran it is gone. What needs it goes on waiting."""
        self._running.remove(index)
        self._gone.remove(index)
        self._look_at([*self._gates.leave(self._tasks[index]), self._rank[index]])

    def passed(self, index: int, point: str) -> None:
        """A task that runs has passed a checkpoint."""
        if point in self._points.get(index, ()):
            self._points[index].remove(point)
            self._happened((index, point))

    def limit(self, name: str, places: int | None) -> None:
        """A limit has other places from now on; those that run go on."""
        self._look_at(self._gates.limit(name, places))

    def next_look(self) -> float | None:
        """When time alone may let a task start; None where only something else can."""
        return self._gates.next_opening()

    def _happened(self, event: _Event) -> None:
        for dependent in self._dependents.get(event, ()):
            self._waiting_for[dependent] -= 1
            if self._waiting_for[dependent] == 0:
                heapq.heappush(self._ready, self._rank[dependent])

    def _look_at(self, ranks: Iterable[Rank]) -> None:
        for rank in ranks:
            heapq.heappush(self._ready, rank)


def _events(task: Task) -> set[_Event]:
    return {
        *((other, _WELL) for other in task.needs),
        *((other, _ENDED) for other in task.after),
        *task.points,
    }
