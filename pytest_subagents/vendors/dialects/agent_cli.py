"""The stream of link-assistant's agent, a fork of OpenCode (seen with 0.25 and 0.26): its log and its events in one.

`init`, `message`, `tool_use` and `result` come again for every step of one session; the last `result` ends the run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Final, Union

import msgspec

from pytest_subagents.model.event import (
    AnyEvent,
    End,
    Failure,
    FileChange,
    Message,
    Notice,
    SessionStart,
    ToolCall,
    TurnStart,
)
from pytest_subagents.vendors.dialects.claude_content import Block, Text
from pytest_subagents.vendors.dialects.wire import NOTHING, WireDialect, text_at, text_of, value_of
from pytest_subagents.vendors.failures import classify


class _Init(msgspec.Struct, tag="init", gc=False):
    session_id: str
    model: str | None = None


class _Message(msgspec.Struct, tag="message", gc=False):
    session_id: str
    role: str = "assistant"
    content: Union[list[Block], str, None] = None


class _ToolUse(msgspec.Struct, tag="tool_use", gc=False):
    session_id: str
    name: str = ""
    input: msgspec.Raw = NOTHING
    tool_use_id: str = ""


class _Result(msgspec.Struct, tag="result", gc=False):
    session_id: str
    status: str = ""
    duration_ms: int | None = None
    error: msgspec.Raw = NOTHING


class _Error(msgspec.Struct, tag="error", gc=False):
    session_id: str
    error: msgspec.Raw = NOTHING
    message: msgspec.Raw = NOTHING


class _Log(msgspec.Struct, tag="log", gc=False):
    level: str


class _Config(msgspec.Struct, tag="config", gc=False):
    level: str


_Wire = Union[_Init, _Message, _ToolUse, _Result, _Error, _Log, _Config]
_WRITERS: Final = frozenset({"write", "edit"})


class AgentCli(WireDialect):
    name: ClassVar[str] = "agent_cli"
    vendor: ClassVar[str] = "opencode"
    wire: ClassVar[object] = _Wire
    decoder: ClassVar[msgspec.json.Decoder[msgspec.Struct]] = msgspec.json.Decoder(_Wire)

    def __init__(self) -> None:
        super().__init__()
        self._session: str | None = None

    def makers(self) -> Mapping[type, Callable[..., Sequence[AnyEvent]]]:
        return {
            _Init: self._init,
            _Message: _message,
            _ToolUse: _tool_use,
            _Result: _result,
            _Error: _error,
            _Log: _log,
            _Config: _log,
        }

    def claims(self, record: Mapping[str, object]) -> bool:
        kind = record.get("type")
        if not isinstance(kind, str):
            return False
        if {"level", "service"} <= record.keys():
            return True
        if kind == "model_resolved":
            return "providerID" in record
        if kind not in ("init", "message", "tool_use", "result", "error", "idle", "step_start"):
            return False
        return text_at(record, "session_id").startswith("ses_")

    def adapted(self, record: dict[str, object]) -> dict[str, object]:
        """What its event bus logs (`message.updated`, `session.idle`, `*`) is said by lines of their own too."""
        return {**record, "type": "log"} if {"level", "service"} <= record.keys() else record

    def _init(self, wire: _Init, number: int) -> Sequence[AnyEvent]:
        if wire.session_id == self._session:
            return (TurnStart(line=number, model=wire.model),)
        self._session = wire.session_id
        return (SessionStart(line=number, session_id=wire.session_id, model=wire.model),)


def _message(wire: _Message, number: int) -> Sequence[AnyEvent]:
    content = wire.content
    text = content if isinstance(content, str) else "".join(b.text for b in content or () if isinstance(b, Text))
    return (Message(line=number, text=text, role="assistant" if wire.role == "assistant" else "user"),)


def _tool_use(wire: _ToolUse, number: int) -> Sequence[AnyEvent]:
    """Written again and again while the call runs; whether it went well is not told."""
    call = ToolCall(
        line=number,
        tool=wire.name,
        phase="start",
        arguments=bytes(wire.input).decode("utf-8", "backslashreplace"),
        call_id=wire.tool_use_id,
    )
    path = text_at(value_of(wire.input), "filePath")
    if wire.name in _WRITERS and path:
        return (call, FileChange(line=number, path=path, kind="update"))
    return (call,)


def _result(wire: _Result, number: int) -> Sequence[AnyEvent]:
    if wire.status == "success":
        return (End(line=number, ok=True, duration_ms=wire.duration_ms),)
    message = text_at(value_of(wire.error), "message") or text_of(wire.error) or wire.status
    return (End(line=number, ok=False, failure=classify(message), message=message, duration_ms=wire.duration_ms),)


def _error(wire: _Error, number: int) -> Sequence[AnyEvent]:
    error = value_of(wire.error)
    message = (
        text_at(error, "data", "message") or text_at(error, "message") or text_of(wire.message) or text_of(wire.error)
    )
    return (Failure(line=number, kind=classify(message, names=(text_at(error, "name"),)), message=message),)


def _log(wire: _Log | _Config, number: int) -> Sequence[AnyEvent]:
    return (Notice(line=number, message=wire.level),)
