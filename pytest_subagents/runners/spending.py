"""Whether anything more may start: what is left to spend, and which workflows have been given up.

A plain state machine without clock, threads or channels: whoever owns it (xdist's controller, or the one process there
is) tells it the time and what happened.
"""

from __future__ import annotations

from pytest_subagents.model.budget import NO_BUDGET, Budget


class Spending:
    """Of a whole run."""

    def __init__(self, budget: Budget = NO_BUDGET) -> None:
        self._budget = budget
        self._began: float | None = None
        self._usd = 0.0
        self._tokens = 0
        self._over = ""
        self._aborted: dict[str, str] = {}
        self.changes = 0
        """How often something that could start may not any more."""

    @property
    def over(self) -> str:
        """Why nothing more may start; empty while something may."""
        return self._over

    @property
    def ends_at(self) -> float | None:
        """When the budget of time is over; None where there is none, or nothing has started."""
        seconds = self._budget.seconds
        return None if seconds is None or self._began is None or self._over else self._began + seconds

    def refusal(self, team: str, now: float) -> str:
        """Why nothing of this workflow may start at `now` (seconds of any one clock); empty where it may."""
        seconds, began = self._budget.seconds, self._began
        if seconds is not None and began is not None and now - began >= seconds:
            self.stop(f"the budget of {seconds:g} s is over")
        return self._over or self._aborted.get(team, "")

    def started(self, now: float) -> None:
        """A subagent starts; time counts from the first one on."""
        self._began = now if self._began is None else self._began

    def spent(self, *, tokens: int | None, usd: float | None) -> None:
        """What a run of a subagent cost once it ended, a try that failed too; None is what nobody knows."""
        self._tokens += tokens or 0
        self._usd += usd or 0.0
        if self._budget.tokens is not None and self._tokens >= self._budget.tokens:
            self.stop(f"the budget of {self._budget.tokens:,} tokens is spent ({self._tokens:,})")
        if self._budget.usd is not None and self._usd >= self._budget.usd:
            self.stop(f"the budget of {self._budget.usd:g} USD is spent ({self._usd:.4f})")

    def abort(self, team: str, why: str) -> None:
        """Nothing more of this workflow starts."""
        self.changes += team not in self._aborted
        self._aborted.setdefault(team, why)

    def stop(self, why: str) -> None:
        """Nothing more starts; the first reason counts."""
        self.changes += not self._over
        self._over = self._over or why
