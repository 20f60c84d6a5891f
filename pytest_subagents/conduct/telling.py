"""Tells those who watch what one subagent is doing."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from msgspec.structs import replace

from pytest_subagents.conduct.assignment import Assignment
from pytest_subagents.model.progress import AgentProgress, State
from pytest_subagents.runners.allowance import Allowance
from pytest_subagents.vendors.doing import shortened
from pytest_subagents.vendors.watching import Progress

Number = TypeVar("Number", int, float)


class Teller:
    """Remembers what was told last: a step says what is new, and what is not new is not said again.

    It is called often, while the agent's stream is read, so whoever is told must not wait for anything.
    """

    def __init__(self, assignment: Assignment, allowance: Allowance, redact: Callable[[str], str] = str) -> None:
        """`redact` cuts secrets out of what an agent did."""
        self._redact = redact
        self._done = ("", "")
        """What it did last, and how that is told."""
        planned = assignment.planned
        self._allowance = allowance
        id = planned.id if planned.attempt is None else f"{planned.id}[{planned.attempt.number}]"
        self._now = AgentProgress(
            nodeid=planned.nodeid, id=id, state="waiting", vendor=planned.vendor, model=planned.model
        )
        self._before = self._now
        """When the present try began: what the tries before it have spent."""
        self._told: AgentProgress | None = None
        self._passed: set[str] = set()

    def tell(self, state: State) -> None:
        self._tell(replace(self._now, state=state))

    def attempt(self, number: int) -> None:
        """A try begins."""
        started = self._now.started if self._now.started is not None else time.time()
        self._before = self._now
        self._tell(replace(self._now, attempt=number, started=started, state="running"))

    def watched(self, progress: Progress) -> None:
        """The stream of the present try has gone on."""
        for checkpoint in progress.passed:
            if checkpoint not in self._passed:
                self._passed.add(checkpoint)
                self._allowance.passed(self._now.nodeid, checkpoint)
        self._tell(
            replace(
                self._now,
                model=progress.model or self._now.model,
                turns=self._before.turns + progress.turns,
                tokens=_sum(self._before.tokens, progress.tokens),
                usd=_sum(self._before.usd, progress.usd),
                did=self._did(progress.did) or self._now.did,
            )
        )

    def end(self, status: str, why: str = "") -> None:
        """It is over, with this status of its result, and the reason where not all is well."""
        self._tell(replace(self._now, state="ended", status=status, did=why, ended=time.time()))

    def _did(self, words: str) -> str:
        if words != self._done[0]:
            self._done = (words, shortened(self._redact(words)))
        return self._done[1]

    def _tell(self, now: AgentProgress) -> None:
        self._now = now
        if now != self._told:
            self._told = now
            self._allowance.tell(now)


def _sum(before: Number | None, now: Number | None) -> Number | None:
    """None where neither is known."""
    if before is None or now is None:
        return before if now is None else now
    return before + now
