"""`opencode run --format json` (recorded with 1.18.33).

There is no line that begins or ends a run: a `step_finish` with reason `stop` is the only sign that it ended well,
an `error` that it did not. A tool call is one line, written when it is finished. Each step is a message of the model's:
one that ends the run without a text is an empty answer, whatever a step before it said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
    Reasoning,
    SessionStart,
    Subagent,
    Todo,
    ToolCall,
    TurnStart,
    Usage,
)
from pytest_subagents.vendors.dialects.wire import NOTHING, WireDialect, text_at, text_of, value_of
from pytest_subagents.vendors.failures import classify


class _Cache(msgspec.Struct, gc=False):
    read: int = 0
    write: int = 0


class _Tokens(msgspec.Struct, gc=False):
    total: int | None = None
    input: int = 0
    output: int = 0
    reasoning: int = 0
    cache: _Cache | None = None


class _State(msgspec.Struct, gc=False):
    status: str = ""
    input: msgspec.Raw = NOTHING
    output: msgspec.Raw = NOTHING
    error: msgspec.Raw = NOTHING
    metadata: msgspec.Raw = NOTHING


class _Part(msgspec.Struct, gc=False):
    text: str = ""
    tool: str = ""
    callID: str = ""  # noqa: N815  # the vendor's name
    state: _State | None = None
    reason: str | None = None
    tokens: _Tokens | None = None
    cost: float | None = None


class _Line(msgspec.Struct, gc=False):
    part: _Part
    sessionID: str | None = None  # noqa: N815


class _StepStart(_Line, tag_field="type", tag="step_start", gc=False):
    pass


class _Text(_Line, tag_field="type", tag="text", gc=False):
    pass


class _Reasoning(_Line, tag_field="type", tag="reasoning", gc=False):
    pass


class _ToolUse(_Line, tag_field="type", tag="tool_use", gc=False):
    pass


class _StepFinish(_Line, tag_field="type", tag="step_finish", gc=False):
    pass


class _Error(msgspec.Struct, tag_field="type", tag="error", gc=False):
    error: msgspec.Raw
    sessionID: str | None = None  # noqa: N815


_Wire = Union[_StepStart, _Text, _Reasoning, _ToolUse, _StepFinish, _Error]
_PARTS: Final = frozenset({"step_start", "text", "reasoning", "tool_use", "step_finish"})
_WRITERS: Final = frozenset({"write", "edit", "multiedit", "patch", "apply_patch"})
_DENIED: Final = ("rejected permission", "specified a rule which prevents", "call unavailable tool")


class OpencodeRun(WireDialect):
    name: ClassVar[str] = "opencode_run"
    vendor: ClassVar[str] = "opencode"
    wire: ClassVar[object] = _Wire
    decoder: ClassVar[msgspec.json.Decoder[msgspec.Struct]] = msgspec.json.Decoder(_Wire)

    def __init__(self) -> None:
        super().__init__()
        self._session: str | None = None
        self._ended = False
        self._silent = False
        """Whether the step has begun and said nothing yet."""

    def makers(self) -> Mapping[type, Callable[..., Sequence[AnyEvent]]]:
        return {
            _StepStart: self._step_start,
            _Text: self._text,
            _Reasoning: self._reasoning,
            _ToolUse: self._tool_use,
            _StepFinish: self._step_finish,
            _Error: self._error,
        }

    def claims(self, record: Mapping[str, object]) -> bool:
        kind = record.get("type")
        if kind == "error":
            return isinstance(record.get("error"), dict | str) and "sessionID" in record
        if isinstance(kind, str) and "sessionID" in record and isinstance(record.get("part"), dict):
            return True
        return isinstance(kind, str) and kind in _PARTS and isinstance(record.get("part"), dict)

    def _start(self, session: str | None, number: int) -> Sequence[AnyEvent]:
        """A retry begins another session in the same file."""
        if session is None or session == self._session:
            return ()
        self._session, self._ended = session, False
        return (SessionStart(line=number, session_id=session),)

    def _step_start(self, wire: _StepStart, number: int) -> Sequence[AnyEvent]:
        start = self._start(wire.sessionID, number)
        self._silent = True
        if self._ended:
            self._ended = False
            return (*start, TurnStart(line=number))
        return start

    def _text(self, wire: _Text, number: int) -> Sequence[AnyEvent]:
        self._silent = False
        return (*self._start(wire.sessionID, number), Message(line=number, text=wire.part.text))

    def _reasoning(self, wire: _Reasoning, number: int) -> Sequence[AnyEvent]:
        return (*self._start(wire.sessionID, number), Reasoning(line=number, text=wire.part.text))

    def _tool_use(self, wire: _ToolUse, number: int) -> Sequence[AnyEvent]:
        return (*self._start(wire.sessionID, number), *_tool(wire.part, number))

    def _step_finish(self, wire: _StepFinish, number: int) -> Sequence[AnyEvent]:
        start, usage = self._start(wire.sessionID, number), _usage(wire.part, number)
        match wire.part.reason:
            case "stop":
                self._ended = True
                return (*start, usage, End(line=number, ok=True, text="" if self._silent else None))
            case "length":
                self._ended = True
                message = "the model stopped at its limit of output tokens"
                return (*start, usage, End(line=number, ok=False, failure="output_limit", message=message))
            case "content-filter":
                self._ended = True
                message = "the provider's content filter stopped the model"
                return (*start, usage, End(line=number, ok=False, failure="refusal", message=message))
            case "error":
                self._ended = True
                return (*start, usage, End(line=number, ok=False, message="the model's step ended with an error"))
            case _:
                return (*start, usage)

    def _error(self, wire: _Error, number: int) -> Sequence[AnyEvent]:
        error = value_of(wire.error)
        data = error.get("data") if isinstance(error, dict) else None
        status = data.get("statusCode") if isinstance(data, dict) else None
        name = text_at(error, "name")
        message = text_at(data, "message") or text_at(error, "message") or name or text_of(wire.error)
        kind = classify(message, names=(name,), status=status if isinstance(status, int) else None)
        return (*self._start(wire.sessionID, number), Failure(line=number, kind=kind, message=message))


def _usage(part: _Part, number: int) -> Usage:
    """One step's; the total of a run is their sum. What is read from or written to a cache is not in `input`."""
    tokens = part.tokens
    if tokens is None:
        return Usage(line=number, usd=part.cost, cumulative=False)
    cache = tokens.cache or _Cache()
    given = tokens.input + cache.read + cache.write
    output = tokens.output + tokens.reasoning
    if tokens.total is not None and tokens.output <= tokens.total - given <= output:
        output = tokens.total - given
    return Usage(
        line=number,
        input_tokens=given,
        cached_input_tokens=cache.read,
        output_tokens=output,
        usd=part.cost,
        cumulative=False,
    )


def _tool(part: _Part, number: int) -> Sequence[AnyEvent]:
    state = part.state or _State()
    given, metadata = value_of(state.input), value_of(state.metadata)
    error = text_of(state.error)
    failed = state.status == "error"
    if part.tool == "invalid":
        failed, error = True, text_at(given, "error") or text_of(state.output)
    denied = failed and any(words in error.lower() for words in _DENIED)
    tool = text_at(given, "tool") or part.tool if part.tool == "invalid" else part.tool
    if tool == "bash" and not denied and part.tool != "invalid":
        exit_code = metadata.get("exit") if isinstance(metadata, dict) else None
        code = exit_code if isinstance(exit_code, int) else None
        end = Command(
            line=number,
            command=text_at(given, "command"),
            phase="end",
            output=error or text_of(state.output),
            exit_code=code,
            failed=failed or code not in (0, None),
            call_id=part.callID,
        )
        return (end,)
    if tool == "task":
        return (_subagent(part, state, given, metadata, failed, number),)
    if tool == "todowrite" and isinstance(given, dict) and isinstance(given.get("todos"), list):
        todos = given["todos"]
        return (
            Todo(line=number, done=sum(text_at(todo, "status") == "completed" for todo in todos), total=len(todos)),
        )
    call = ToolCall(
        line=number,
        tool=tool,
        phase="end",
        arguments=bytes(state.input).decode("utf-8", "backslashreplace"),
        output=error or text_of(state.output),
        failed=failed,
        denied=denied,
        call_id=part.callID,
    )
    if tool in _WRITERS and not failed:
        return (call, *_changes(tool, given, metadata, number))
    return (call,)


def _subagent(part: _Part, state: _State, given: object, metadata: object, failed: bool, number: int) -> Subagent:
    output = text_of(state.output)
    return Subagent(
        line=number,
        agent_id=text_at(metadata, "sessionId") or part.callID,
        phase="end",
        status=state.status,
        description=text_at(given, "description"),
        answer=output.partition("<task_result>")[2].partition("</task_result>")[0] or output,
        failed=failed,
    )


def _changes(tool: str, given: object, metadata: object, number: int) -> Sequence[FileChange]:
    files = metadata.get("files") if isinstance(metadata, dict) else None
    if isinstance(files, list):  # apply_patch
        listed = ((text_at(file, "filePath") or text_at(file, "file"), text_at(file, "type")) for file in files)
        kinds: Mapping[str, ChangeKind] = {"add": "add", "delete": "delete", "update": "update"}
        return tuple(
            FileChange(line=number, path=path, kind=kinds.get(kind, "update"))
            for path, kind in listed
            if path and len(path) <= limits.PATH_BYTES
        )
    path = text_at(given, "filePath") or text_at(given, "file_path") or text_at(given, "path")
    existed = metadata.get("exists") if isinstance(metadata, dict) else None
    return (FileChange(line=number, path=path, kind="add" if existed is False else "update"),) if path else ()
