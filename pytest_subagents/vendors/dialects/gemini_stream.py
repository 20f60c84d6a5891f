"""`gemini --output-format stream-json`, and the one object of `--output-format json` (recorded with 0.61.0).

The answer comes in pieces only, without an id: all since the last tool call belong together, and where there is none
behind it there is no answer. Only `result` ends a run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar, Final, Union

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
    Notice,
    SessionStart,
    Subagent,
    ToolCall,
    TurnStart,
    Usage,
)
from pytest_subagents.vendors.dialects.wire import (
    NOTHING,
    UNREADABLE,
    WireDialect,
    parse_object,
    text_at,
    text_of,
    value_of,
)
from pytest_subagents.vendors.failures import classify


class _Init(msgspec.Struct, tag="init", gc=False):
    session_id: str | None = None
    model: str | None = None


class _Message(msgspec.Struct, tag="message", gc=False):
    role: str
    content: str
    delta: bool = False


class _ToolUse(msgspec.Struct, tag="tool_use", gc=False):
    tool_name: str
    tool_id: str = ""
    parameters: msgspec.Raw = NOTHING


class _ToolResult(msgspec.Struct, tag="tool_result", gc=False):
    tool_id: str
    status: str = ""
    output: msgspec.Raw = NOTHING
    error: msgspec.Raw = NOTHING


class _Stats(msgspec.Struct, gc=False):
    input_tokens: int | None = None
    cached: int | None = None
    output_tokens: int | None = None
    duration_ms: int | None = None


class _Result(msgspec.Struct, tag="result", gc=False):
    status: str
    stats: _Stats | None = None
    error: msgspec.Raw = NOTHING


class _Error(msgspec.Struct, tag="error", gc=False):
    severity: str = "error"
    message: str = ""


_Wire = Union[_Init, _Message, _ToolUse, _ToolResult, _Result, _Error]

_WRITERS: Final[Mapping[str, ChangeKind]] = MappingProxyType(
    {"write_file": "add", "replace": "update", "edit": "update"}
)
_DENIED_TYPES: Final = frozenset({"tool_not_registered", "policy_violation", "tool_denied", "path_not_in_workspace"})
_DENIED_WORDS: Final = ("not in workspace", "denied by policy", "requires approval", "denied by user", "not allowed")


class GeminiStream(WireDialect):
    name: ClassVar[str] = "gemini_stream"
    vendor: ClassVar[str] = "gemini"
    wire: ClassVar[object] = _Wire
    decoder: ClassVar[msgspec.json.Decoder[msgspec.Struct]] = msgspec.json.Decoder(_Wire)

    def __init__(self) -> None:
        super().__init__()
        self._session: str | None = None
        self._piece = 0
        self._silent = True
        """Whether the model has said nothing since the last tool call."""
        self._open: dict[str, _ToolUse] = {}

    def makers(self) -> Mapping[type, Callable[..., Sequence[AnyEvent]]]:
        return {
            _Init: self._init,
            _Message: self._message,
            _ToolUse: self._tool_use,
            _ToolResult: self._tool_result,
            _Result: self._result,
            _Error: _error,
        }

    def claims(self, record: Mapping[str, object]) -> bool:
        kind = record.get("type")
        if kind is None:
            return _is_object_form(record)
        if kind == "init":
            return isinstance(record.get("session_id"), str) and not str(record["session_id"]).startswith("ses_")
        if record.keys() & {"session_id", "sessionID", "sessionId", "part", "id"}:
            return False
        if kind == "message":
            return "role" in record and isinstance(record.get("content"), str)
        if kind == "result":
            return isinstance(record.get("status"), str) and bool(record.keys() & {"stats", "error", "timestamp"})
        if kind == "error":
            return bool(record.keys() & {"severity", "timestamp"}) and isinstance(record.get("message"), str)
        return (kind == "tool_use" and "tool_name" in record) or (kind == "tool_result" and "tool_id" in record)

    def decode(self, line: bytes, number: int) -> Sequence[AnyEvent] | None:
        try:
            wire = self.decoder.decode(line)
        except UNREADABLE:
            record = parse_object(line)
            if record is not None and "type" not in record:
                return tuple(_object_form(record, number)) if _is_object_form(record) else None
            return self.decode_leniently(line, number)
        return self._makers[type(wire)](wire, number)

    def _init(self, wire: _Init, number: int) -> Sequence[AnyEvent]:
        self._piece += 1
        self._silent = True
        if self._session is not None and wire.session_id == self._session:
            return (TurnStart(line=number, model=wire.model),)
        self._session = wire.session_id
        return (SessionStart(line=number, session_id=wire.session_id, model=wire.model),)

    def _message(self, wire: _Message, number: int) -> Sequence[AnyEvent]:
        if wire.role == "user":
            self._piece += 1
            self._silent = True
            return (Message(line=number, text=wire.content, role="user"),)
        self._silent = False
        return (Message(line=number, text=wire.content, message_id=str(self._piece), append=wire.delta),)

    def _tool_use(self, wire: _ToolUse, number: int) -> Sequence[AnyEvent]:
        self._piece += 1
        self._silent = True
        given = value_of(wire.parameters)
        if len(self._open) < limits.OPEN_CALLS:
            self._open[wire.tool_id] = _ToolUse(wire.tool_name, wire.tool_id, wire.parameters.copy())
        if wire.tool_name == "run_shell_command":
            return (Command(line=number, command=text_at(given, "command"), phase="start", call_id=wire.tool_id),)
        if wire.tool_name == "invoke_agent":
            agent = text_at(given, "agent_name")
            return (Subagent(line=number, agent_id=wire.tool_id, phase="start", description=agent),)
        call = ToolCall(
            line=number,
            tool=wire.tool_name,
            phase="start",
            arguments=bytes(wire.parameters).decode("utf-8", "backslashreplace"),
            call_id=wire.tool_id,
        )
        return (call,)

    def _tool_result(self, wire: _ToolResult, number: int) -> Sequence[AnyEvent]:
        self._piece += 1
        self._silent = True
        use = self._open.pop(wire.tool_id, _ToolUse(""))
        given, error = value_of(use.parameters), value_of(wire.error)
        failed = wire.status == "error"
        message = text_at(error, "message") or text_of(wire.output)
        denied = failed and (
            text_at(error, "type") in _DENIED_TYPES or any(words in message.lower() for words in _DENIED_WORDS)
        )
        if use.tool_name == "run_shell_command" and not denied:
            # One that exits with another code than 0 is a success here, and the code is not told (seen with 0.61).
            command = text_at(given, "command")
            end = Command(
                line=number, command=command, phase="end", output=message, failed=failed, call_id=wire.tool_id
            )
            return (end,)
        if use.tool_name == "invoke_agent":
            status = "failed" if failed else "completed"
            end_of = Subagent(line=number, agent_id=wire.tool_id, phase="end", status=status, failed=failed)
            return (end_of,)
        call = ToolCall(
            line=number,
            tool=use.tool_name,
            phase="end",
            output=message,
            failed=failed,
            denied=denied,
            call_id=wire.tool_id,
        )
        path = text_at(given, "file_path") or text_at(given, "path")
        if use.tool_name in _WRITERS and path and not failed:
            return (call, FileChange(line=number, path=path, kind=_WRITERS[use.tool_name]))
        return (call,)

    def _result(self, wire: _Result, number: int) -> Sequence[AnyEvent]:
        stats = wire.stats or _Stats()
        usage = () if wire.stats is None else (_usage(stats, number),)
        if wire.status == "success":
            text = "" if self._silent else None
            return (*usage, End(line=number, ok=True, text=text, duration_ms=stats.duration_ms))
        return (*usage, _failed(value_of(wire.error), number, stats.duration_ms))


def _usage(stats: _Stats, number: int) -> Usage:
    return Usage(
        line=number,
        input_tokens=stats.input_tokens,
        cached_input_tokens=stats.cached,
        output_tokens=stats.output_tokens,
    )


def _failed(error: object, number: int, duration_ms: int | None = None) -> End:
    message = text_at(error, "message") or (error if isinstance(error, str) else "")
    code = error.get("code") if isinstance(error, dict) else None
    kind = classify(message, names=(text_at(error, "type"),), status=code if isinstance(code, int) else None)
    return End(line=number, ok=False, failure=kind, message=message, duration_ms=duration_ms)


def _error(wire: _Error, number: int) -> Sequence[AnyEvent]:
    """Documented, not seen."""
    if wire.severity == "warning":
        return (Notice(line=number, message=wire.message),)
    return (Failure(line=number, kind=classify(wire.message), message=wire.message),)


def _is_object_form(record: Mapping[str, object]) -> bool:
    """Whether an object is all that `--output-format json` prints; the first versions gave no `session_id` [docs]."""
    if "type" in record:
        return False
    stats = record.get("stats")
    if isinstance(record.get("response"), str) and isinstance(stats, dict):
        return "session_id" in record or isinstance(stats.get("models"), dict)
    return "session_id" in record and isinstance(record.get("error"), dict)


def _object_form(record: Mapping[str, object], number: int) -> Iterator[AnyEvent]:
    models = record["stats"].get("models") if isinstance(record.get("stats"), dict) else None  # type: ignore[attr-defined]
    by_model = models if isinstance(models, dict) else {}
    yield SessionStart(
        line=number,
        session_id=text_at(record, "session_id") or None,
        model=next(iter(by_model), None) if len(by_model) == 1 else None,
    )
    tokens = [model.get("tokens") for model in by_model.values() if isinstance(model, dict)]
    if tokens:
        yield Usage(
            line=number,
            input_tokens=_total(tokens, "prompt"),
            cached_input_tokens=_total(tokens, "cached"),
            output_tokens=_total(tokens, "candidates"),
        )
    if isinstance(record.get("error"), dict):
        yield _failed(record["error"], number)
    else:
        yield Message(line=number, text=text_at(record, "response"))
        yield End(line=number, ok=True)


def _total(tokens: Sequence[object], key: str) -> int | None:
    found = [one[key] for one in tokens if isinstance(one, dict) and isinstance(one.get(key), int)]
    return sum(found) if found else None
