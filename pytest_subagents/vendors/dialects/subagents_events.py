"""The neutral dialect, for `runner: function` and for programs of people's own (docs/events.md).

One JSON object a line, its `type` beginning with `subagents.`; `subagents.end` alone ends a run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar, Final, Literal, Union, get_args

import msgspec

from pytest_subagents.model.event import (
    AnyEvent,
    ChangeKind,
    Command,
    End,
    Failure,
    FailureKind,
    FileChange,
    Message,
    Notice,
    Reasoning,
    SessionStart,
    ToolCall,
    Unknown,
    Usage,
)
from pytest_subagents.vendors.dialects.wire import NOTHING, WireDialect, text_of
from pytest_subagents.vendors.failures import classify

FORMAT: Final = 1
"""The version of the dialect that `subagents.start` names."""
PREFIX: Final = "subagents."


class _Start(msgspec.Struct, tag="subagents.start", gc=False):
    format: int = FORMAT
    session_id: str | None = None
    model: str | None = None
    cwd: str | None = None
    version: str | None = None


class _Message(msgspec.Struct, tag="subagents.message", gc=False):
    text: msgspec.Raw = NOTHING
    final: bool = True


class _Reasoning(msgspec.Struct, tag="subagents.reasoning", gc=False):
    text: msgspec.Raw = NOTHING


class _Command(msgspec.Struct, tag="subagents.command", gc=False):
    command: str = ""
    phase: Literal["start", "end"] = "end"
    output: msgspec.Raw = NOTHING
    exit_code: int | None = None
    id: str | None = None


class _Tool(msgspec.Struct, tag="subagents.tool", gc=False):
    tool: str = ""
    phase: Literal["start", "end"] = "end"
    arguments: msgspec.Raw = NOTHING
    output: msgspec.Raw = NOTHING
    failed: bool = False
    denied: bool = False
    id: str | None = None


class _FileChange(msgspec.Struct, tag="subagents.file_change", gc=False):
    path: str
    kind: ChangeKind = "update"
    failed: bool = False


class _Usage(msgspec.Struct, tag="subagents.usage", gc=False):
    input_tokens: int | None = None
    cached_input_tokens: int | None = None
    output_tokens: int | None = None
    usd: float | None = None
    cumulative: bool = False


class _Notice(msgspec.Struct, tag="subagents.notice", gc=False):
    message: msgspec.Raw = NOTHING


class _Failure(msgspec.Struct, tag="subagents.failure", gc=False):
    kind: str = ""
    message: msgspec.Raw = NOTHING
    transient: bool = False


class _End(msgspec.Struct, tag="subagents.end", gc=False):
    ok: bool
    failure: str | None = None
    message: msgspec.Raw = NOTHING
    text: msgspec.Raw = NOTHING
    duration_ms: int | None = None


_Wire = Union[_Start, _Message, _Reasoning, _Command, _Tool, _FileChange, _Usage, _Notice, _Failure, _End]
_KINDS: Final[Mapping[str, FailureKind]] = MappingProxyType({kind: kind for kind in get_args(FailureKind)})


class SubagentsEvents(WireDialect):
    name: ClassVar[str] = "subagents_events"
    vendor: ClassVar[str] = "command"
    wire: ClassVar[object] = _Wire
    decoder: ClassVar[msgspec.json.Decoder[msgspec.Struct]] = msgspec.json.Decoder(_Wire)

    def makers(self) -> Mapping[type, Callable[..., Sequence[AnyEvent]]]:
        return {
            _Start: _start,
            _Message: _message,
            _Reasoning: _reasoning,
            _Command: _command,
            _Tool: _tool,
            _FileChange: _file_change,
            _Usage: _usage,
            _Notice: _notice,
            _Failure: _failure,
            _End: _end,
        }

    def claims(self, record: Mapping[str, object]) -> bool:
        kind = record.get("type")
        return isinstance(kind, str) and kind.startswith(PREFIX)


def _start(wire: _Start, number: int) -> Sequence[AnyEvent]:
    """A later format is read as far as it is like this one."""
    start = SessionStart(
        line=number, session_id=wire.session_id, model=wire.model, cwd=wire.cwd, cli_version=wire.version
    )
    return (start,) if wire.format == FORMAT else (start, Unknown(line=number, name=f"format {wire.format}"))


def _message(wire: _Message, number: int) -> Sequence[AnyEvent]:
    return (Message(line=number, text=text_of(wire.text), final=wire.final),)


def _reasoning(wire: _Reasoning, number: int) -> Sequence[AnyEvent]:
    return (Reasoning(line=number, text=text_of(wire.text)),)


def _command(wire: _Command, number: int) -> Sequence[AnyEvent]:
    event = Command(
        line=number,
        command=wire.command,
        phase=wire.phase,
        output=text_of(wire.output),
        exit_code=wire.exit_code,
        failed=wire.exit_code not in (0, None),
        call_id=wire.id,
    )
    return (event,)


def _tool(wire: _Tool, number: int) -> Sequence[AnyEvent]:
    event = ToolCall(
        line=number,
        tool=wire.tool,
        phase=wire.phase,
        arguments=text_of(wire.arguments),
        output=text_of(wire.output),
        failed=wire.failed or wire.denied,
        denied=wire.denied,
        call_id=wire.id,
    )
    return (event,)


def _file_change(wire: _FileChange, number: int) -> Sequence[AnyEvent]:
    return (FileChange(line=number, path=wire.path, kind=wire.kind, failed=wire.failed),)


def _usage(wire: _Usage, number: int) -> Sequence[AnyEvent]:
    event = Usage(
        line=number,
        input_tokens=wire.input_tokens,
        cached_input_tokens=wire.cached_input_tokens,
        output_tokens=wire.output_tokens,
        usd=wire.usd,
        cumulative=wire.cumulative,
    )
    return (event,)


def _notice(wire: _Notice, number: int) -> Sequence[AnyEvent]:
    return (Notice(line=number, message=text_of(wire.message)),)


def _failure(wire: _Failure, number: int) -> Sequence[AnyEvent]:
    message = text_of(wire.message)
    kind = _KINDS.get(wire.kind) or classify(message, names=(wire.kind,))
    return (Failure(line=number, kind=kind, message=message, transient=wire.transient),)


def _end(wire: _End, number: int) -> Sequence[AnyEvent]:
    """An end that is not ok and names no failure leaves the word to the failures before it."""
    message = text_of(wire.message)
    failure = None
    if not wire.ok and wire.failure is not None:
        failure = _KINDS.get(wire.failure) or classify(message, names=(wire.failure,))
    text = text_of(wire.text) if wire.text != NOTHING else None
    return (End(line=number, ok=wire.ok, failure=failure, message=message, text=text, duration_ms=wire.duration_ms),)
