"""GitHub Copilot CLI: `events.jsonl` of a session, and its `--output-format json` (seen with 0.0.420 to 1.0.77).

Lines are `{type, data, id, timestamp, parentId}`. `session.shutdown` ends a session, `abort` a turn that was stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar, Final

import msgspec

from pytest_subagents.model import limits
from pytest_subagents.model.event import (
    AnyEvent,
    ChangeKind,
    Command,
    End,
    Failure,
    FileChange,
    Message,
    ModelChange,
    Notice,
    Reasoning,
    SessionStart,
    Subagent,
    ToolCall,
    TurnStart,
    Unknown,
)
from pytest_subagents.vendors.dialects.wire import NOTHING, NotOursError, WireDialect, text_at, text_of, value_of
from pytest_subagents.vendors.failures import classify


class _Data(msgspec.Struct, gc=False):
    content: msgspec.Raw = NOTHING
    parentToolCallId: str | None = None  # noqa: N815  # the vendor's names
    toolCallId: str = ""  # noqa: N815
    toolName: str = ""  # noqa: N815
    arguments: msgspec.Raw = NOTHING
    success: bool | None = None
    result: msgspec.Raw = NOTHING
    error: msgspec.Raw = NOTHING
    message: msgspec.Raw = NOTHING
    errorType: str = ""  # noqa: N815
    statusCode: int | None = None  # noqa: N815
    reason: msgspec.Raw = NOTHING
    sessionId: str | None = None  # noqa: N815
    selectedModel: str | None = None  # noqa: N815
    newModel: str | None = None  # noqa: N815
    copilotVersion: str | None = None  # noqa: N815
    context: msgspec.Raw = NOTHING
    shutdownType: str = ""  # noqa: N815
    errorReason: msgspec.Raw = NOTHING  # noqa: N815
    agentName: str = ""  # noqa: N815
    agentDescription: msgspec.Raw = NOTHING  # noqa: N815


class _Line(msgspec.Struct, gc=False):
    type: str
    data: _Data | None = None
    exitCode: int | None = None  # noqa: N815


_FAMILIES: Final = (
    "session.",
    "assistant.",
    "user.",
    "tool.",
    "subagent.",
    "hook.",
    "system.",
    "skill.",
    "permission.",
)
_WRITERS: Final[Mapping[str, ChangeKind]] = MappingProxyType(
    {"create": "add", "edit": "update", "str_replace": "update"}
)
_COMMANDS: Final = frozenset({"bash", "shell", "powershell"})
_DENIED: Final = ("permission denied", "denied by", "user rejected", "rejected this tool call")


class CopilotEvents(WireDialect):
    name: ClassVar[str] = "copilot_events"
    vendor: ClassVar[str] = "copilot"
    wire: ClassVar[object] = _Line
    decoder: ClassVar[msgspec.json.Decoder[msgspec.Struct]] = msgspec.json.Decoder(_Line)

    def __init__(self) -> None:
        super().__init__()
        self._open: dict[str, tuple[str, str]] = {}
        self._lines: Mapping[str, Callable[[_Data, int], Sequence[AnyEvent]]] = MappingProxyType(
            {
                "session.start": _session,
                "session.resume": _turn,
                "session.model_change": _model,
                "session.error": _error,
                "session.shutdown": _shutdown,
                "user.message": _user,
                "assistant.message": _message,
                "assistant.reasoning": _reasoning,
                "tool.execution_start": self._tool_start,
                "tool.execution_complete": self._tool_end,
                "subagent.started": _subagent_started,
                "subagent.completed": _subagent_completed,
                "subagent.failed": _subagent_failed,
                "abort": _abort,
            }
        )

    def makers(self) -> Mapping[type, Callable[..., Sequence[AnyEvent]]]:
        return {_Line: self._line}

    def claims(self, record: Mapping[str, object]) -> bool:
        kind = record.get("type")
        if not isinstance(kind, str):
            return False
        if kind == "result":
            return "exitCode" in record and "subtype" not in record
        return isinstance(record.get("data"), dict) and (kind == "abort" or kind.startswith(_FAMILIES))

    def _line(self, wire: _Line, number: int) -> Sequence[AnyEvent]:
        if wire.type == "result" and wire.exitCode is not None:
            return (_ended(wire.exitCode, number),)
        if wire.data is None:
            raise NotOursError(wire.type)
        make = self._lines.get(wire.type)
        if make is not None:
            return make(wire.data, number)
        if wire.type.startswith(("session.", "assistant.", "hook.", "system.", "tool.", "permission.")):
            said = text_of(wire.data.message) or text_of(wire.data.reason)
            return (Notice(line=number, message=f"{wire.type}: {said}" if said else wire.type),)
        if wire.type.startswith(_FAMILIES):
            return (Unknown(line=number, name=wire.type[: limits.MESSAGE_CHARS]),)
        raise NotOursError(wire.type)

    def _tool_start(self, data: _Data, number: int) -> Sequence[AnyEvent]:
        given = value_of(data.arguments)
        path, command = text_at(given, "path"), text_at(given, "command")
        if len(self._open) < limits.OPEN_CALLS:
            self._open[data.toolCallId] = (data.toolName, path or command)
        parent = data.parentToolCallId
        if data.toolName in _COMMANDS:
            start = Command(line=number, command=command, phase="start", call_id=data.toolCallId, parent=parent)
            return (start,)
        arguments = bytes(data.arguments).decode("utf-8", "backslashreplace")
        call = ToolCall(
            line=number, tool=data.toolName, phase="start", arguments=arguments, call_id=data.toolCallId, parent=parent
        )
        return (call,)

    def _tool_end(self, data: _Data, number: int) -> Sequence[AnyEvent]:
        tool, what = self._open.pop(data.toolCallId, ("", ""))
        failed = data.success is False
        result, error = value_of(data.result), value_of(data.error)
        output = text_at(result, "content") or text_at(error, "message") or text_of(data.error)
        denied = failed and any(words in output[: limits.MESSAGE_CHARS].lower() for words in _DENIED)
        parent = data.parentToolCallId
        if tool in _COMMANDS and not denied:
            end = Command(
                line=number,
                command=what,
                phase="end",
                output=output,
                failed=failed,
                call_id=data.toolCallId,
                parent=parent,
            )
            return (end,)
        call = ToolCall(
            line=number,
            tool=tool,
            phase="end",
            output=output,
            failed=failed,
            denied=denied,
            call_id=data.toolCallId,
            parent=parent,
        )
        if tool in _WRITERS and what and not failed:
            return (call, FileChange(line=number, path=what, kind=_WRITERS[tool], parent=parent))
        return (call,)


def _session(data: _Data, number: int) -> Sequence[AnyEvent]:
    start = SessionStart(
        line=number,
        session_id=data.sessionId,
        model=data.selectedModel,
        cwd=text_at(value_of(data.context), "cwd") or None,
        cli_version=data.copilotVersion,
    )
    return (start,)


def _turn(data: _Data, number: int) -> Sequence[AnyEvent]:
    return (TurnStart(line=number, model=data.selectedModel),)


def _model(data: _Data, number: int) -> Sequence[AnyEvent]:
    return (ModelChange(line=number, model=data.newModel),) if data.newModel else ()


def _error(data: _Data, number: int) -> Sequence[AnyEvent]:
    message = text_of(data.message)
    return (
        Failure(line=number, kind=classify(message, names=(data.errorType,), status=data.statusCode), message=message),
    )


def _shutdown(data: _Data, number: int) -> Sequence[AnyEvent]:
    if data.shutdownType != "error":
        return (End(line=number, ok=True),)
    message = text_of(data.errorReason) or "the session shut down with an error"
    return (End(line=number, ok=False, failure=classify(message), message=message),)


def _ended(exit_code: int, number: int) -> End:
    if exit_code == 0:
        return End(line=number, ok=True)
    return End(line=number, ok=False, failure="provider_error", message=f"the run ended with exit code {exit_code}")


def _user(data: _Data, number: int) -> Sequence[AnyEvent]:
    return (TurnStart(line=number), Message(line=number, text=text_of(data.content), role="user"))


def _message(data: _Data, number: int) -> Sequence[AnyEvent]:
    """A message that only calls tools has empty content."""
    text = text_of(data.content)
    return (Message(line=number, text=text, parent=data.parentToolCallId),) if text else ()


def _reasoning(data: _Data, number: int) -> Sequence[AnyEvent]:
    return (Reasoning(line=number, text=text_of(data.content), parent=data.parentToolCallId),)


def _subagent_started(data: _Data, number: int) -> Sequence[AnyEvent]:
    about = text_of(data.agentDescription) or data.agentName
    return (Subagent(line=number, agent_id=data.toolCallId, phase="start", description=about),)


def _subagent_completed(data: _Data, number: int) -> Sequence[AnyEvent]:
    return (
        Subagent(line=number, agent_id=data.toolCallId, phase="end", status="completed", description=data.agentName),
    )


def _subagent_failed(data: _Data, number: int) -> Sequence[AnyEvent]:
    end = Subagent(
        line=number, agent_id=data.toolCallId, phase="end", status="failed", description=data.agentName, failed=True
    )
    return (end,)


def _abort(data: _Data, number: int) -> Sequence[AnyEvent]:
    reason = text_of(data.reason) or "no reason given"
    return (End(line=number, ok=False, failure="killed", message=f"the turn was aborted: {reason}"),)
