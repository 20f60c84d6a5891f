"""Cursor's agent transcripts: bare `{role, message: {content}}` lines, then `turn_ended` where there is one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

import msgspec

from pytest_subagents.model.event import AnyEvent, End, Message, Reasoning, ToolCall, TurnStart
from pytest_subagents.vendors.dialects.wire import NOTHING, NotOursError, WireDialect, text_at, text_of, value_of
from pytest_subagents.vendors.failures import classify


class _Message(msgspec.Struct, gc=False):
    content: msgspec.Raw = NOTHING


class _Line(msgspec.Struct, gc=False):
    role: str = ""
    message: _Message | None = None
    type: str = ""
    status: str = ""
    error: msgspec.Raw = NOTHING


class RoleMessages(WireDialect):
    name: ClassVar[str] = "role_messages"
    vendor: ClassVar[str] = "cursor"
    wire: ClassVar[object] = _Line
    decoder: ClassVar[msgspec.json.Decoder[msgspec.Struct]] = msgspec.json.Decoder(_Line)

    def makers(self) -> Mapping[type, Callable[..., Sequence[AnyEvent]]]:
        return {_Line: _line}

    def claims(self, record: Mapping[str, object]) -> bool:
        if record.get("type") == "turn_ended":
            return isinstance(record.get("status"), str)
        spoken = record.get("role") in ("user", "assistant") and isinstance(record.get("message"), dict)
        return spoken and "type" not in record


def _line(wire: _Line, number: int) -> Sequence[AnyEvent]:
    if wire.type == "turn_ended":
        if wire.status == "success":
            return (End(line=number, ok=True),)
        message = text_at(value_of(wire.error), "message") or text_of(wire.error) or f"the turn ended: {wire.status}"
        kind = "killed" if wire.status in ("aborted", "cancelled") else classify(message)
        return (End(line=number, ok=False, failure=kind, message=message),)
    if wire.type or wire.message is None or wire.role not in ("user", "assistant"):
        raise NotOursError(wire.type or wire.role)
    blocks = value_of(wire.message.content)
    if isinstance(blocks, str):
        blocks = [{"type": "text", "text": blocks}]
    events: list[AnyEvent] = [TurnStart(line=number)] if wire.role == "user" and _is_prompt(blocks) else []
    for block in blocks if isinstance(blocks, list) else ():
        events += _block(block, wire.role, number)
    return events


def _is_prompt(blocks: object) -> bool:
    return isinstance(blocks, list) and any(text_at(block, "type") == "text" for block in blocks)


def _block(block: object, role: str, number: int) -> Sequence[AnyEvent]:
    kind, text = text_at(block, "type"), text_at(block, "text")
    if kind == "thinking":
        return (Reasoning(line=number, text=text_at(block, "thinking") or text),)
    if kind in ("tool_use", "tool_call", "tool-call"):
        return (ToolCall(line=number, tool=text_at(block, "name"), phase="start", call_id=text_at(block, "id")),)
    if kind in ("tool_result", "tool-result"):
        return (ToolCall(line=number, tool=text_at(block, "name"), phase="end"),)
    if not text:
        return ()
    return (
        Message(
            line=number,
            text=text,
            role="assistant" if role == "assistant" else "user",
            message_id=str(number),
            append=True,
        ),
    )
