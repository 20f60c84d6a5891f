"""A scripted model server: it answers as its scripts say, and refuses what is not as they expect."""

from __future__ import annotations

import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

import msgspec

from model_servers.expectations import result_differences
from model_servers.faults import BrokenEvents, CutOff, Fault, HttpError, Silence, StreamError, fault_of
from model_servers.reply import Event, Reply
from model_servers.script import Script, Turn, Use
from model_servers.seen import Exchange, Seen, Side
from model_servers.transport import Answer, Document, Nothing, Stream, Transport
from model_servers.wire.call_ids import call_id
from model_servers.wire.interface import Request, UnreadableError
from model_servers.wire.registry import wire

_T = TypeVar("_T")
_REFUSED: Final = 400
"""The status for a request that is not as expected. No program tries again after it."""


class ModelServer:
    """Serves the vendor's protocol on `listener` until `stop`; keeps what it saw and what was not as expected."""

    def __init__(self, vendor: str, scripts: Sequence[Script], listener: socket.socket) -> None:
        self.vendor = vendor
        self.scripts = tuple(scripts)
        self._wire = wire(vendor)
        self._changed = threading.Condition()
        self._state = _State()
        host, port = listener.getsockname()
        self.url = f"http://{host}:{port}"
        """Without a path or a slash at its end."""
        self._transport = Transport(listener, self)
        self._transport.start()

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """Every request for a turn, in the order of arrival."""
        with self._changed:
            return tuple(self._state.exchanges)

    @property
    def sides(self) -> tuple[Side, ...]:
        """Every request beside the conversations."""
        with self._changed:
            return tuple(self._state.sides)

    def wait_for(self, holds: Callable[[tuple[Exchange, ...]], bool], *, seconds: float) -> None:
        """Returns when `holds` is true of the exchanges; raises `TimeoutError` where that takes too long."""
        with self._changed:
            if not self._changed.wait_for(lambda: holds(tuple(self._state.exchanges)), timeout=seconds):
                raise TimeoutError(f"after {seconds} s there are {len(self._state.exchanges)} exchanges")

    def stop(self) -> None:
        """Ends every answer that is silent, and the server."""
        self._transport.stop()

    def differences(self) -> tuple[str, ...]:
        """What was not as the scripts expect, each once, with the place where it was seen."""
        with self._changed:
            exchanges, problems = tuple(self._state.exchanges), tuple(self._state.problems)
        lines = [f"{_place(exchange)}: {line}" for exchange in exchanges for line in exchange.differences]
        return tuple(dict.fromkeys([*problems, *lines, *self._never_finished(exchanges)]))

    def check(self) -> None:
        """Raises `AssertionError` with all differences."""
        if differences := self.differences():
            raise AssertionError(f"the model server of {self.vendor} saw:\n" + "\n".join(differences))

    def answer(self, request: Request) -> Answer:
        """For the transport."""
        try:
            understood = self._wire.understand(request)
        except (UnreadableError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            return self._refuse_unreadable(f"{request.method} {request.path}: {error}")
        match understood:
            case Side(reply=reply, streamed=streamed):
                self._keep(understood, self._state.sides)
                return Stream(events=reply.events) if streamed else Document(body=reply.whole)
            case Seen():
                return self._answer_turn(understood)

    def broke(self, problem: BaseException) -> None:
        """For the transport."""
        self._keep(f"the server itself failed: {problem!r}", self._state.problems)

    def _answer_turn(self, seen: Seen) -> Answer:
        number = next((n for n, script in enumerate(self.scripts) if script.match in seen.prompt), None)
        if number is None:
            return self._refuse(seen, None, ("no script is for it",))
        script = self.scripts[number]
        if differences := tuple(_differences(script, seen)):
            return self._refuse(seen, number, differences)
        turn = script.turn(seen.turn)
        exchange = self._count(Exchange(seen=seen, script=number, answered="turn"))
        fault = fault_of(turn.faults, exchange.attempt)
        self._keep(replace(exchange, answered=_name(fault)), self._state.exchanges)
        return self._as_scripted(turn, seen, fault)

    def _as_scripted(self, turn: Turn, seen: Seen, fault: Fault | None) -> Answer:
        reply = self._wire.reply(turn, seen)
        half = max(1, len(reply.events) // 2)
        begun = Stream(events=reply.events[:half], raw_separators=turn.raw_separators)
        match fault:
            case None:
                return _whole(reply, turn, seen)
            case HttpError():
                hint = () if fault.retry_after is None else (("retry-after", str(fault.retry_after)),)
                return Document(status=fault.status, body=self._wire.error(fault), headers=(*hint, *fault.headers))
            case Silence(after="request"):
                return Nothing()
            case Silence(after="headers"):
                return Stream(events=(), then=fault)
            case CutOff() | Silence():
                return replace(begun, then=fault)
            case StreamError(message=message) if not seen.streamed:
                return Document(status=500, body=self._wire.error(HttpError(status=500, message=message)))
            case StreamError(message=message):
                return replace(begun, events=(*begun.events, self._wire.stream_error(message)))
            case BrokenEvents():
                return replace(begun, events=(*begun.events, Event(text='{"broken": ')))

    def _count(self, exchange: Exchange) -> Exchange:
        with self._changed:
            at = (exchange.script, exchange.seen.turn)
            attempt = self._state.attempts[at]
            self._state.attempts[at] += 1
        return replace(exchange, attempt=attempt)

    def _keep(self, thing: _T, things: list[_T]) -> None:
        with self._changed:
            things.append(thing)
            self._changed.notify_all()

    def _refuse(self, seen: Seen, script: int | None, differences: tuple[str, ...]) -> Document:
        exchange = Exchange(seen=seen, script=script, answered="refused", differences=differences)
        self._keep(exchange, self._state.exchanges)
        return self._refusal("; ".join(differences))

    def _refusal(self, why: str) -> Document:
        return Document(status=_REFUSED, body=self._wire.error(HttpError(status=_REFUSED, message=why)))

    def _refuse_unreadable(self, why: str) -> Document:
        self._keep(why, self._state.problems)
        return self._refusal(why)

    def _never_finished(self, exchanges: tuple[Exchange, ...]) -> Iterator[str]:
        """Scripts that should have come to their end and did not."""
        for number, script in enumerate(self.scripts):
            last = len(script.turns) - 1
            done = [one.seen.turn for one in exchanges if one.script == number and one.answered == "turn"]
            if script.complete and max(done, default=-1) < last:
                came = f"it came to turn {max(done)}" if done else "no turn was answered"
                yield f"script {number} has turns 0 to {last}; {came}"


@dataclass(slots=True)
class _State:
    """What the threads of a server share; guarded by its condition."""

    exchanges: list[Exchange] = field(default_factory=list)
    sides: list[Side] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    attempts: Counter[tuple[int | None, int]] = field(default_factory=Counter)


def _differences(script: Script, seen: Seen) -> Iterator[str]:
    """How `seen` is not as the script expects, and how the results of the turn before it are not."""
    yield from script.expect.differences(seen)
    if 0 < seen.turn <= len(script.turns):
        for place, action in enumerate(script.turns[seen.turn - 1].actions):
            match action:
                case Use(returns=returns, fails=fails):
                    yield from result_differences(returns, fails, call_id(seen.turn - 1, place), seen.results)


def _whole(reply: Reply, turn: Turn, seen: Seen) -> Answer:
    if not seen.streamed:
        return Document(body=reply.whole)
    return Stream(events=reply.events, raw_separators=turn.raw_separators)


def _name(fault: Fault | None) -> str:
    match fault:
        case None:
            return "turn"
        case HttpError(status=status):
            return f"HttpError {status}"
    return type(fault).__name__


def _place(exchange: Exchange) -> str:
    script = "no script" if exchange.script is None else f"script {exchange.script}"
    return f"{script}, turn {exchange.seen.turn}, attempt {exchange.attempt}"
