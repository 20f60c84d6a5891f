"""What a process that runs agents asks of the one that holds the limits of the whole run."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from pytest_subagents.model.progress import AgentProgress
from pytest_subagents.runners.leases import Ask, Leases
from pytest_subagents.runners.supervision.stop import Stop


class Allowance(Protocol):
    """Held by xdist's controller, or by the one process there is."""

    def ask(self, ask: Ask) -> str:
        """Waits until the subagent may start. Empty words: it may. Else why it never will."""
        ...

    def spent(self, *, tokens: int | None, usd: float | None) -> None:
        """What one run of an agent cost; None is what nobody knows."""
        ...

    def abort(self, team: str, why: str) -> None:
        """Nothing more of this workflow starts."""
        ...

    def release(self, nodeid: str) -> None:
        """It runs no more."""
        ...

    def tell(self, progress: AgentProgress) -> None:
        """For those who watch."""
        ...


class LocalAllowance:
    """For a run in one process, where one agent runs at a time."""

    def __init__(self, leases: Leases, stop: Stop, *, tell: Callable[[AgentProgress], None]) -> None:
        self._leases = leases
        self._stop = stop
        self._tell = tell

    def ask(self, ask: Ask) -> str:
        self._leases.ask(ask)
        while not self._stop.why:
            now = time.monotonic()
            for verdict in self._leases.verdicts(now):
                if verdict.nodeid == ask.nodeid:
                    return verdict.why
            self._stop.wait(self._leases.next_look(now))
        self._leases.release(ask.nodeid)
        return self._stop.why

    def spent(self, *, tokens: int | None, usd: float | None) -> None:
        self._leases.spent(tokens=tokens, usd=usd)

    def abort(self, team: str, why: str) -> None:
        self._leases.abort(team, why)

    def release(self, nodeid: str) -> None:
        self._leases.release(nodeid)

    def tell(self, progress: AgentProgress) -> None:
        self._tell(progress)
