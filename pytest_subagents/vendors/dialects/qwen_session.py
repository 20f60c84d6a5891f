"""Qwen Code's session files: Claude's envelope around Gemini's parts (seen with 0.21). Nothing in them ends a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import ClassVar

import msgspec

from pytest_subagents.model.event import (
    AnyEvent,
    Message,
    ModelChange,
    Notice,
    Reasoning,
    SessionStart,
    ToolCall,
    TurnStart,
)
from pytest_subagents.vendors.dialects.wire import NOTHING, NotOursError, WireDialect, text_at, text_of, value_of


class _Part(msgspec.Struct, gc=False):
    text: str | None = None
    thought: bool = False
    functionCall: msgspec.Raw = NOTHING  # noqa: N815  # the vendor's names
    functionResponse: msgspec.Raw = NOTHING  # noqa: N815


class _Message(msgspec.Struct, gc=False):
    role: str = ""
    parts: list[_Part] | None = None


class _Line(msgspec.Struct, gc=False):
    type: str
    sessionId: str  # noqa: N815
    message: _Message | None = None
    cwd: str | None = None
    version: str | None = None
    model: str | None = None
    subtype: str = ""


class QwenSession(WireDialect):
    name: ClassVar[str] = "qwen_session"
    vendor: ClassVar[str] = "qwen"
    wire: ClassVar[object] = _Line
    decoder: ClassVar[msgspec.json.Decoder[msgspec.Struct]] = msgspec.json.Decoder(_Line)

    def __init__(self) -> None:
        super().__init__()
        self._session: str | None = None
        self._model: str | None = None

    def makers(self) -> Mapping[type, Callable[..., Sequence[AnyEvent]]]:
        return {_Line: self._line}

    def claims(self, record: Mapping[str, object]) -> bool:
        if not isinstance(record.get("sessionId"), str) or not isinstance(record.get("type"), str):
            return False
        message = record.get("message")
        return "systemPayload" in record or (isinstance(message, dict) and isinstance(message.get("parts"), list))

    def _line(self, wire: _Line, number: int) -> Sequence[AnyEvent]:
        if wire.type not in ("user", "assistant", "tool_result", "system"):
            raise NotOursError(wire.type)
        return tuple(self._events(wire, number))

    def _events(self, wire: _Line, number: int) -> Iterator[AnyEvent]:
        if wire.sessionId != self._session:
            self._session = wire.sessionId
            yield SessionStart(line=number, session_id=wire.sessionId, cwd=wire.cwd, cli_version=wire.version)
        if wire.model is not None and wire.model != self._model:
            self._model = wire.model
            yield ModelChange(line=number, model=wire.model)
        if wire.type == "system" or wire.message is None:
            yield Notice(line=number, message=wire.subtype or wire.type)
            return
        if wire.type == "user":
            yield TurnStart(line=number)
        for part in wire.message.parts or ():
            yield from _part(part, wire.message.role, number)


def _part(part: _Part, role: str, number: int) -> Iterator[AnyEvent]:
    if part.text is not None and part.thought:
        yield Reasoning(line=number, text=part.text)
    elif part.text is not None:
        yield Message(
            line=number,
            text=part.text,
            role="assistant" if role == "model" else "user",
            message_id=str(number),
            append=True,
        )
    call = value_of(part.functionCall)
    call = value_of(part.functionCall)
    if call is not None:
        yield ToolCall(line=number, tool=text_at(call, "name"), phase="start", call_id=text_at(call, "id"))
    if bytes(part.functionResponse) != b"null":
        yield ToolCall(line=number, tool="", phase="end", output=text_of(part.functionResponse))
