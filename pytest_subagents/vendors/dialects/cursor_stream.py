"""`cursor-agent -p --output-format stream-json`: Claude's shape, but tool calls are lines of their own.

`result.result` joins all texts of the run, so that it is not the answer: the last assistant line is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar, Final, Literal, TypeAlias, Union

import msgspec

from pytest_subagents.model import limits
from pytest_subagents.model.event import (
    AnyEvent,
    ChangeKind,
    Command,
    End,
    FileChange,
    Message,
    Notice,
    Reasoning,
    SessionStart,
    ToolCall,
    TurnStart,
    Usage,
)
from pytest_subagents.vendors.dialects.claude_content import Body, Text
from pytest_subagents.vendors.dialects.claude_stream import is_cursor
from pytest_subagents.vendors.dialects.wire import NOTHING, WireDialect, text_at, text_of, value_of
from pytest_subagents.vendors.failures import classify


class _System(msgspec.Struct, tag="system", gc=False):
    subtype: str = ""
    session_id: str | None = None
    cwd: str | None = None
    model: str | None = None


class _Assistant(msgspec.Struct, tag="assistant", gc=False):
    message: Body


class _User(msgspec.Struct, tag="user", gc=False):
    message: Body


class _Thinking(msgspec.Struct, tag="thinking", gc=False):
    """88 of 100 lines are a word of its thoughts."""

    text: msgspec.Raw = NOTHING


class _ToolCallLine(msgspec.Struct, tag="tool_call", gc=False):
    subtype: str = ""
    call_id: str = ""
    tool_call: msgspec.Raw = NOTHING


class _Tokens(msgspec.Struct, gc=False):
    inputTokens: int | None = None  # noqa: N815  # the vendor's names
    cacheReadTokens: int | None = None  # noqa: N815
    cacheWriteTokens: int | None = None  # noqa: N815
    outputTokens: int | None = None  # noqa: N815


class _Result(msgspec.Struct, tag="result", gc=False):
    subtype: str = ""
    is_error: bool | None = None
    result: msgspec.Raw = NOTHING
    duration_ms: int | None = None
    usage: _Tokens | None = None


_Wire = Union[_System, _Assistant, _User, _Thinking, _ToolCallLine, _Result]
_Phase: TypeAlias = Literal["start", "end"]
_WRITERS: Final[Mapping[str, ChangeKind]] = MappingProxyType(
    {"editToolCall": "update", "writeToolCall": "add", "deleteToolCall": "delete"}
)


class CursorStream(WireDialect):
    name: ClassVar[str] = "cursor_stream"
    vendor: ClassVar[str] = "cursor"
    wire: ClassVar[object] = _Wire
    decoder: ClassVar[msgspec.json.Decoder[msgspec.Struct]] = msgspec.json.Decoder(_Wire)

    def __init__(self) -> None:
        super().__init__()
        self._session: str | None = None
        self._cwd: str | None = None
        self._spoke = False

    def makers(self) -> Mapping[type, Callable[..., Sequence[AnyEvent]]]:
        return {
            _System: self._system,
            _Assistant: self._assistant,
            _User: _user,
            _Thinking: _thinking,
            _ToolCallLine: _tool_call,
            _Result: self._result,
        }

    def claims(self, record: Mapping[str, object]) -> bool:
        match record.get("type"):
            case "thinking" | "tool_call" | "interaction_query" | "connection" | "retry":
                return "session_id" in record and "subtype" in record
            case "system" | "result":
                return is_cursor(record)
            case "assistant" | "user":
                return "model_call_id" in record and isinstance(record.get("message"), dict)
            case _:
                return False

    def _system(self, wire: _System, number: int) -> Sequence[AnyEvent]:
        if wire.subtype != "init":
            return (Notice(line=number, message=wire.subtype),)
        self._spoke = False
        if self._session is not None and wire.session_id == self._session:
            return (TurnStart(line=number, model=wire.model),)
        self._session, self._cwd = wire.session_id, wire.cwd
        return (SessionStart(line=number, session_id=wire.session_id, model=wire.model, cwd=wire.cwd),)

    def _assistant(self, wire: _Assistant, number: int) -> Sequence[AnyEvent]:
        self._spoke = True
        return (Message(line=number, text=_text(wire.message)),)

    def _result(self, wire: _Result, number: int) -> Sequence[AnyEvent]:
        text = text_of(wire.result)
        tokens = wire.usage
        usage: tuple[AnyEvent, ...] = ()
        if tokens is not None and tokens.inputTokens is not None:
            cached = tokens.cacheReadTokens or 0
            given = tokens.inputTokens + cached + (tokens.cacheWriteTokens or 0)
            usage = (
                Usage(line=number, input_tokens=given, cached_input_tokens=cached, output_tokens=tokens.outputTokens),
            )
        if wire.subtype in ("success", "") and not wire.is_error:
            said = None if self._spoke else text
            return (*usage, End(line=number, ok=True, text=said, duration_ms=wire.duration_ms))
        message = text or wire.subtype
        end = End(line=number, ok=False, failure=classify(message), message=message, duration_ms=wire.duration_ms)
        return (*usage, end)


def _text(body: Body) -> str:
    if isinstance(body.content, str):
        return body.content
    return "".join(block.text for block in body.content or () if isinstance(block, Text))


def _user(wire: _User, number: int) -> Sequence[AnyEvent]:
    return (Message(line=number, text=_text(wire.message), role="user"),)


def _thinking(wire: _Thinking, number: int) -> Sequence[AnyEvent]:
    return (Reasoning(line=number, text=text_of(wire.text)),)


def _tool_call(wire: _ToolCallLine, number: int) -> Sequence[AnyEvent]:
    """One key names the tool; the result is one of `success`, `error`, `rejected`. `call_id` contains a line break."""
    calls = value_of(wire.tool_call)
    name, call = next(iter(calls.items()), ("", None)) if isinstance(calls, dict) else ("", None)
    phase: _Phase = "end" if wire.subtype == "completed" else "start"
    result = call.get("result") if isinstance(call, dict) else None
    outcomes = result if isinstance(result, dict) else {}
    denied, failed = "rejected" in outcomes, bool(outcomes.keys() & {"error", "rejected", "failure"})
    if name == "shellToolCall" and not denied:
        code = outcomes.get("success")
        exit_code = code.get("exitCode") if isinstance(code, dict) else None
        command = Command(
            line=number,
            command=text_at(call, "args", "command"),
            phase=phase,
            output=text_at(outcomes, "success", "stdout") + text_at(outcomes, "success", "stderr"),
            exit_code=exit_code if isinstance(exit_code, int) else None,
            failed=failed or exit_code not in (0, None),
            call_id=wire.call_id,
        )
        return (command,)
    event = ToolCall(
        line=number,
        tool=str(name).removesuffix("ToolCall"),
        phase=phase,
        output=text_at(outcomes, "rejected", "reason") or text_at(outcomes, "error", "errorMessage"),
        failed=failed,
        denied=denied,
        call_id=wire.call_id,
    )
    path = text_at(call, "args", "path")
    if name in _WRITERS and phase == "end" and path and not failed and len(path) <= limits.PATH_BYTES:
        return (event, FileChange(line=number, path=path, kind=_WRITERS[name]))
    return (event,)
