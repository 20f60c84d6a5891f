"""A worker's end of the channel: what it has collected, what its agents come to, and what it is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

import msgspec
import pytest

from pytest_subagents.glue.run import Run
from pytest_subagents.glue.scheduling.entries import entries_of, to_plain
from pytest_subagents.glue.scheduling.team_work import Start
from pytest_subagents.glue.transport import decoded, encoded
from pytest_subagents.glue.transport import to_plain as planned_to_plain
from pytest_subagents.model.progress import AgentProgress
from pytest_subagents.model.result import Result
from pytest_subagents.runners.supervision.stop import Stop

Listener: TypeAlias = Callable[[dict[str, Any] | None], None]

_LOST: Final = "xdist's controller is gone"


class Worker:
    """Registered in a worker of xdist. Implements `Allowance`: that it was given an item says that it may start it."""

    def __init__(self, run: Run, channel: Any) -> None:
        self._run = run
        self._channel = channel
        self._stop: Stop | None = None
        self._why = ""
        """Why nothing more is to be done."""
        self._listener: Listener | None = None
        self._listens = False

    def listen(self, stop: Stop) -> None:
        """From now on the channel can end what this process does."""
        self._stop = stop
        if self._why:
            stop.ask(self._why)
        self._begin()

    def listen_for(self, listener: Listener) -> None:
        """From now on `listener` hears all that the controller says, and None once it is gone; in execnet's thread."""
        self._listener = listener
        self._begin()

    def _begin(self) -> None:
        if not self._listens:
            self._listens = True
            self._channel.setcallback(self._hear, endmarker=None)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Before xdist tells what was collected."""
        if self._channel is None:
            return
        run = self._run
        self.send(
            {
                "kind": "plan",
                "planned": [planned_to_plain(planned) for planned in run.planned.values()],
                "deselected": sorted(run.deselected),
                "mistakes": [(each.where, each.what, each.hint, each.exit_code) for each in run.mistakes],
                "warnings": list(run.warnings),
                "bad_files": run.bad_files,
                "audits": self._audits(),
                "mergings": list(run.mergings),
                "sharding": self._sharding(),
                "told": sorted(run.told),
                "entries": [to_plain(entry) for entry in entries_of(run, session.items)],
            }
        )

    def _audits(self) -> list[dict[str, Any]]:
        if not self._run.audits:
            return []
        from pytest_subagents.glue.auditing import to_plain as audits_to_plain

        return audits_to_plain(self._run.audits)

    def _sharding(self) -> dict[str, Any] | None:
        if self._run.sharding is None:
            return None
        from pytest_subagents.glue.sharding import to_plain as sharding_to_plain

        return sharding_to_plain(self._run.sharding)

    def ask(self, team: str, *, stagger: float) -> str:
        return self._stop.why if self._stop is not None else ""

    def spent(self, *, tokens: int | None, usd: float | None) -> None:
        self.send({"kind": "spent", "tokens": tokens, "usd": usd})

    def limited(self, nodeid: str) -> None:
        self.send({"kind": "limited", "nodeid": nodeid})

    def abort(self, team: str, why: str) -> None:
        self.send({"kind": "abort", "team": team, "why": why})

    def passed(self, nodeid: str, checkpoint: str) -> None:
        self.send({"kind": "checkpoint", "nodeid": nodeid, "checkpoint": checkpoint})

    def tell(self, progress: AgentProgress) -> None:
        self.send({"kind": "progress", "progress": msgspec.to_builtins(progress)})

    def announce(self, result: Result) -> None:
        """A result, before its test is over: the worker may die until then."""
        self.send({"kind": "result", "result": encoded(result)})

    def _hear(self, message: dict[str, Any] | None) -> None:
        """In execnet's thread."""
        if self._listener is not None:
            self._listener(message)
        match message:
            case {"kind": "start", "start": plain}:
                start = msgspec.convert(plain, Start)
                self._run.learn(
                    start.nodeid,
                    results=[decoded(text) for text in start.results],
                    passed=start.passed,
                    left_out=start.left_out,
                    instead=start.instead,
                )
            case {"kind": "stop", "why": str(why)}:
                self._end(why)
            case None:
                self._end(_LOST)

    def _end(self, why: str) -> None:
        self._why = why
        if self._stop is not None:
            self._stop.ask(why)

    def send(self, message: dict[str, Any]) -> bool:
        """To the controller; whether it can hear it."""
        try:
            self._channel.send(message)
        except OSError:  # the controller is gone, which the end marker of the channel tells
            return False
        return True
