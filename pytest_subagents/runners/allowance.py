"""What a process that runs agents asks of the one that knows of the whole run, and what it tells it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Protocol

from pytest_subagents.model.progress import AgentProgress
from pytest_subagents.runners.spending import Spending
from pytest_subagents.runners.supervision.stop import Stop


class Allowance(Protocol):
    """Held by xdist's controller, or by the one process there is."""

    def ask(self, team: str, *, stagger: float) -> str:
        """Waits until a subagent of this workflow may start, `stagger` seconds after the one before. Empty words: it
        may. Else why none of it ever will."""
        ...

    def spent(self, *, tokens: int | None, usd: float | None) -> None:
        """What one run of an agent cost; None is what nobody knows."""
        ...

    def limited(self, nodeid: str) -> None:
        """A subagent has met a limit of its vendor's, which wants fewer at a time."""
        ...

    def abort(self, team: str, why: str) -> None:
        """Nothing more of this workflow starts."""
        ...

    def passed(self, nodeid: str, checkpoint: str) -> None:
        """A subagent that runs has passed a checkpoint."""
        ...

    def tell(self, progress: AgentProgress) -> None:
        """For those who watch."""
        ...


class LocalAllowance:
    """For a run in one process, where one agent runs at a time, each after those that it waits for."""

    def __init__(self, spending: Spending, stop: Stop, *, tell: Callable[[AgentProgress], None]) -> None:
        self._spending = spending
        self._stop = stop
        self._tell = tell
        self._last: dict[str, float] = {}
        """When the last one of a workflow started."""

    def ask(self, team: str, *, stagger: float) -> str:
        while not self._stop.why:
            now = time.monotonic()
            why = self._spending.refusal(team, now)
            next_start = self._last.get(team, -math.inf) + stagger
            if why or next_start <= now:
                break
            ends_at = self._spending.ends_at
            self._stop.wait((next_start if ends_at is None else min(next_start, ends_at)) - now)
        else:
            return self._stop.why
        if not why:
            self._last[team] = now
            self._spending.started(now)
        return why

    def spent(self, *, tokens: int | None, usd: float | None) -> None:
        self._spending.spent(tokens=tokens, usd=usd)

    def limited(self, nodeid: str) -> None:
        """There are never two at a time."""

    def abort(self, team: str, why: str) -> None:
        self._spending.abort(team, why)

    def passed(self, nodeid: str, checkpoint: str) -> None:
        """Nobody waits for it: its result, which tells the same, is there before anybody else starts."""

    def tell(self, progress: AgentProgress) -> None:
        self._tell(progress)
