"""Who may start now: how many at a time, how soon after each other, and whether there is anything left to spend.

A plain state machine without clock, threads or channels: whoever owns it (xdist's controller, or the one process
there is) tells it the time and what happened, and hands its verdicts over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pytest_subagents.model.budget import NO_BUDGET, Budget


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A subagent that could start at once."""

    nodeid: str
    team: str = ""
    """The workflow file; subagents of marks are in none."""
    at_once: int | None = None
    """How many of its team may run at a time."""
    stagger: float = 0.0
    """Seconds between two starts of its team."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`why` is empty for one that may start."""

    nodeid: str
    why: str = ""


class Leases:
    """Asked first, served first; what must wait does not keep others waiting that need not."""

    def __init__(self, *, at_once: int | None = None, budget: Budget = NO_BUDGET) -> None:
        self._at_once = at_once
        self._budget = budget
        self._waiting: list[Ask] = []
        self._running: dict[str, Ask] = {}
        self._last_start: dict[str, float] = {}
        self._began: float | None = None
        self._usd = 0.0
        self._tokens = 0
        self._over = ""
        self._aborted: dict[str, str] = {}

    @property
    def over(self) -> str:
        """Why nothing more may start; empty while something may."""
        return self._over

    def ask(self, ask: Ask) -> None:
        self._waiting.append(ask)

    def spent(self, *, tokens: int | None, usd: float | None) -> None:
        """What a run of a subagent cost once it ended, a try that failed too; None is what nobody knows."""
        self._tokens += tokens or 0
        self._usd += usd or 0.0
        if self._budget.tokens is not None and self._tokens >= self._budget.tokens:
            self.stop(f"the budget of {self._budget.tokens:,} tokens is spent ({self._tokens:,})")
        if self._budget.usd is not None and self._usd >= self._budget.usd:
            self.stop(f"the budget of {self._budget.usd:g} USD is spent ({self._usd:.4f})")

    def release(self, nodeid: str) -> None:
        """A subagent has ended, or is known to be gone; one that was waiting waits no more."""
        self._running.pop(nodeid, None)
        self._waiting = [ask for ask in self._waiting if ask.nodeid != nodeid]

    def abort(self, team: str, why: str) -> None:
        """Nothing more of this team starts."""
        self._aborted.setdefault(team, why)

    def stop(self, why: str) -> None:
        """Nothing more starts; the first reason counts."""
        self._over = self._over or why

    def verdicts(self, now: float) -> Iterator[Verdict]:
        """Who may start at `now` (seconds of any one clock) and who never will; the others go on waiting."""
        self._out_of_time(now)
        waiting, self._waiting = self._waiting, []
        for ask in waiting:
            why = self._over or self._aborted.get(ask.team, "")
            if why:
                yield Verdict(nodeid=ask.nodeid, why=why)
            elif self._has_room(ask) and self._wait(ask, now) <= 0:
                self._running[ask.nodeid] = ask
                self._last_start[ask.team] = now
                self._began = now if self._began is None else self._began
                yield Verdict(nodeid=ask.nodeid)
            else:
                self._waiting.append(ask)

    def next_look(self, now: float) -> float | None:
        """In how many seconds time alone may let somebody start; None where only an end can."""
        waits = [self._wait(ask, now) for ask in self._waiting if self._has_room(ask)]
        if self._budget.seconds is not None and self._began is not None and self._waiting:
            waits.append(self._began + self._budget.seconds - now)
        return max(0.0, min(waits)) if waits else None

    def _has_room(self, ask: Ask) -> bool:
        if self._at_once is not None and len(self._running) >= self._at_once:
            return False
        beside = sum(running.team == ask.team for running in self._running.values())
        return ask.at_once is None or beside < ask.at_once

    def _wait(self, ask: Ask, now: float) -> float:
        last = self._last_start.get(ask.team)
        return 0.0 if last is None else last + ask.stagger - now

    def _out_of_time(self, now: float) -> None:
        seconds, began = self._budget.seconds, self._began
        if seconds is not None and began is not None and now - began >= seconds:
            self.stop(f"the budget of {seconds:g} s is over")
