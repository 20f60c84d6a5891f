"""Limits on how much may run at once and how soon after each other, and those that wait for a place.

A task that finds a limit without a place waits at that one alone. Whenever a place is free, the best that waits there
is looked at again; where that must wait elsewhere, the next one is. So nobody waits for a place that is free, and
nobody is looked at who cannot start.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from pytest_subagents.plan.task import Task

Rank: TypeAlias = tuple[int, float, int]
"""Smaller ones start first; the last is the position of the task."""


class Gates:
    def __init__(self, places: Mapping[str, int | None], paces: Mapping[str, float]) -> None:
        """`places` of each limit: None is no bound, and a limit that is not named has one. `paces`: the time between
        two starts."""
        self._places = dict(places)
        self._paces: Final = {pace: time for pace, time in paces.items() if time > 0}
        self._taken: dict[str, int] = defaultdict(int)
        self._opens: dict[str, float] = {}
        """When a pace lets the next one start."""
        self._at_limits: dict[str, list[Rank]] = {}
        self._at_paces: dict[str, list[Rank]] = {}

    def enter(self, task: Task, rank: Rank, now: float) -> bool:
        """Whether the task starts now, in its places; else it waits here."""
        if self._opens.get(task.pace, now) > now:
            heapq.heappush(self._at_paces.setdefault(task.pace, []), rank)
            return False
        for name in task.limits:
            if not self._has_place(name):
                heapq.heappush(self._at_limits.setdefault(name, []), rank)
                return False
        for name in task.limits:
            self._taken[name] += 1
        if task.pace in self._paces:
            self._opens[task.pace] = now + self._paces[task.pace]
        return True

    def leave(self, task: Task) -> Sequence[Rank]:
        """It runs no more: who may be looked at again."""
        for name in task.limits:
            self._taken[name] -= 1
        return self._best(task.limits)

    def spare(self, task: Task, now: float) -> Sequence[Rank]:
        """Who may be looked at again since this one has been, and has not taken all that there was."""
        return (*self._best(task.limits), *self.opened(now, (task.pace,)))

    def opened(self, now: float, paces: Iterable[str] | None = None) -> Sequence[Rank]:
        """Who may be looked at again as time has passed."""
        if not self._at_paces:
            return ()
        looked_at = list(self._at_paces) if paces is None else paces
        return [_pop(self._at_paces, pace) for pace in looked_at if pace in self._at_paces and self._opens[pace] <= now]

    def limit(self, name: str, places: int | None) -> Sequence[Rank]:
        """A limit has other places from now on: who may be looked at again."""
        self._places[name] = places
        return self._best((name,))

    def next_opening(self) -> float | None:
        """When time alone may let somebody start."""
        return min((self._opens[pace] for pace in self._at_paces), default=None)

    def _has_place(self, name: str) -> bool:
        places = self._places.get(name, 1)
        return places is None or self._taken[name] < places

    def _best(self, names: Iterable[str]) -> Sequence[Rank]:
        if not self._at_limits:
            return ()
        return [_pop(self._at_limits, name) for name in names if name in self._at_limits and self._has_place(name)]


def _pop(waiting: dict[str, list[Rank]], name: str) -> Rank:
    rank = heapq.heappop(waiting[name])
    if not waiting[name]:
        del waiting[name]
    return rank
