"""A worker's end of the channel: it asks the controller, and hears when everything must stop."""

from __future__ import annotations

import queue
from typing import Any, Final

import msgspec

from pytest_subagents.glue.transport import encoded
from pytest_subagents.model.progress import AgentProgress
from pytest_subagents.model.result import Result
from pytest_subagents.runners.leases import Ask
from pytest_subagents.runners.supervision.stop import Stop

_LOST: Final = "xdist's controller is gone"


class WorkerAllowance:
    """Implements `Allowance` over a channel. One agent runs in a worker at a time."""

    def __init__(self, channel: Any, stop: Stop) -> None:
        self._channel = channel
        self._stop = stop
        self._verdicts: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
        channel.setcallback(self._hear, endmarker=None)

    def ask(self, ask: Ask) -> str:
        if not self._send({"kind": "ask", "ask": msgspec.to_builtins(ask)}):
            return _LOST
        while True:
            nodeid, why = self._verdicts.get()
            if nodeid in (ask.nodeid, ""):
                return why

    def spent(self, *, tokens: int | None, usd: float | None) -> None:
        self._send({"kind": "spent", "tokens": tokens, "usd": usd})

    def abort(self, team: str, why: str) -> None:
        self._send({"kind": "abort", "team": team, "why": why})

    def release(self, nodeid: str) -> None:
        self._send({"kind": "release", "nodeid": nodeid})

    def tell(self, progress: AgentProgress) -> None:
        self._send({"kind": "progress", "progress": msgspec.to_builtins(progress)})

    def announce(self, result: Result) -> None:
        """A result, before its test is over: the worker may die until then."""
        self._send({"kind": "result", "result": encoded(result)})

    def _hear(self, message: dict[str, Any] | None) -> None:
        """In execnet's thread."""
        match message:
            case {"kind": "verdict", "nodeid": str(nodeid), "why": str(why)}:
                self._verdicts.put((nodeid, why))
            case {"kind": "stop", "why": str(why)}:
                self._end(why)
            case None:
                self._end(_LOST)

    def _end(self, why: str) -> None:
        self._stop.ask(why)
        self._verdicts.put(("", why))

    def _send(self, message: dict[str, Any]) -> bool:
        try:
            self._channel.send(message)
        except OSError:
            return False
        return True
