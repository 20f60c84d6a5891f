"""`claude -p --output-format stream-json --verbose`; the `json` forms are its result line, or an array of its lines.

Recorded with Claude Code 2.1.197. Amp and Qwen Code write streams of the same shape.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import ClassVar, Final, Union

import msgspec

from pytest_subagents.model import limits
from pytest_subagents.model.event import (
    AnyEvent,
    End,
    Failure,
    FailureKind,
    ModelChange,
    Notice,
    Reasoning,
    SessionStart,
    Subagent,
    ToolCall,
    TurnStart,
)
from pytest_subagents.vendors.dialects.claude_content import (
    CALLS,
    NAMELESS,
    Body,
    Calls,
    Text,
    Thinking,
    ToolResult,
    ToolUse,
    message_of,
    says_denied,
    writer,
    written,
)
from pytest_subagents.vendors.dialects.claude_usage import ModelTokens, Tokens, usage_of, usage_of_models
from pytest_subagents.vendors.dialects.interface import Sink
from pytest_subagents.vendors.dialects.wire import NOTHING, UNREADABLE, WireDialect, text_at, text_of, value_of
from pytest_subagents.vendors.failures import NAMES, classify


class _Assistant(msgspec.Struct, tag="assistant", gc=False):
    message: Body
    parent_tool_use_id: str | None = None
    error: str | None = None


class _User(msgspec.Struct, tag="user", gc=False):
    message: Body
    parent_tool_use_id: str | None = None
    tool_use_result: msgspec.Raw = NOTHING


class _System(msgspec.Struct, tag="system", gc=False):
    subtype: str = ""
    session_id: str | None = None
    cwd: str | None = None
    model: str | None = None
    claude_code_version: str | None = None
    attempt: int | None = None
    max_retries: int | None = None
    error_status: int | None = None
    error: msgspec.Raw = NOTHING
    task_id: str = ""
    task_type: str = ""
    description: str = ""
    status: msgspec.Raw = NOTHING
    summary: msgspec.Raw = NOTHING
    patch: msgspec.Raw = NOTHING
    text: msgspec.Raw = NOTHING
    content: msgspec.Raw = NOTHING
    hook_name: str = ""
    fallback_model: str | None = None


class _Result(msgspec.Struct, tag="result", gc=False):
    subtype: str = ""
    is_error: bool | None = None
    result: msgspec.Raw = NOTHING
    structured_output: msgspec.Raw = NOTHING
    errors: msgspec.Raw = NOTHING
    error: msgspec.Raw = NOTHING
    """Of Amp and Qwen Code: text, or an object with a `message`."""
    api_error_status: int | None = None
    duration_ms: float | None = None
    total_cost_usd: float | None = None
    usage: Tokens | None = None
    modelUsage: dict[str, ModelTokens] | None = None  # noqa: N815
    permission_denials: msgspec.Raw = NOTHING
    terminal_reason: str | None = None
    stop_reason: str | None = None


class _StreamEvent(msgspec.Struct, tag="stream_event", gc=False):
    """A raw piece of the API's stream: its text comes again as an assistant line."""


class _RateLimit(msgspec.Struct, tag="rate_limit_event", gc=False):
    pass


_Wire = Union[_Assistant, _User, _System, _Result, _StreamEvent, _RateLimit]

_SESSION_FILE: Final = frozenset({"sessionId", "parentUuid", "isSidechain"})
"""Keys of the lines of a session file, which look much the same."""
_TOLD: Final = frozenset({"init", "api_retry", "model_fallback"})
"""Subtypes of `system` lines that can matter to the outcome of a run."""


class ClaudeStream(WireDialect):
    name: ClassVar[str] = "claude_stream"
    vendor: ClassVar[str] = "claude"
    wire: ClassVar[object] = _Wire
    decoder: ClassVar[msgspec.json.Decoder[msgspec.Struct]] = msgspec.json.Decoder(_Wire)

    def __init__(self) -> None:
        super().__init__()
        self._calls = Calls()
        self._session: str | None = None
        self._message_id: str | None = None
        self._pieces: list[str] = []
        self._failure: FailureKind | None = None

    def makers(self) -> Mapping[type, Callable[..., Sequence[AnyEvent]]]:
        return {
            _Assistant: self._assistant,
            _User: self._user,
            _System: self._system,
            _Result: self._result,
            _StreamEvent: _nothing,
            _RateLimit: _rate_limit,
        }

    def claims(self, record: Mapping[str, object]) -> bool:
        kind = record.get("type")
        if not isinstance(kind, str) or record.keys() & _SESSION_FILE:
            return False
        if kind in ("assistant", "user"):
            return isinstance(record.get("message"), dict) and "model_call_id" not in record
        if kind == "system":
            return isinstance(record.get("subtype"), str) and not is_cursor(record)
        if kind == "result":
            return bool(record.keys() & {"subtype", "is_error"}) and not is_cursor(record)
        return "session_id" in record and "uuid" in record

    def digest(self, lines: Sequence[bytes], first: int, sink: Sink) -> int:
        """One loop, since a call for each line would cost as much as the decoding does."""
        take, calls = sink.take, self._calls
        by_name, open_calls, forgotten = CALLS, calls.open, NAMELESS
        counted: list[type] = []
        count = counted.append
        number = first - 1
        try:
            for number, wire in enumerate(map(self.decoder.decode, lines), first):
                if type(wire) is _User and type(content := wire.message.content) is list:
                    parent = wire.parent_tool_use_id
                    if parent is None:
                        self._message_id = None
                    for block in content:
                        if type(block) is ToolResult and not (block.is_error and says_denied(block.content)):
                            call = open_calls.pop(block.tool_use_id, forgotten)
                            count(call.event)
                            if call.writes and not block.is_error:
                                take(written(call, block, number, parent, wire.tool_use_result))
                        else:
                            for event in calls.made(block, None, number, parent, "user", wire.tool_use_result):
                                take(event)
                elif type(wire) is _Assistant and wire.error is None and type(content := wire.message.content) is list:
                    parent, message_id = wire.parent_tool_use_id, wire.message.id
                    if parent is None and (message_id is None or message_id != self._message_id):
                        self._message_id, self._pieces = message_id, []
                    for block in content:
                        if type(block) is ToolUse:
                            call = by_name[block.name]
                            open_calls[block.id] = writer(block) if call.writes else call
                            count(call.event)
                        elif type(block) is Thinking:
                            count(Reasoning)
                        elif type(block) is Text:
                            if parent is None:
                                self._note_text(block.text)
                            take(message_of(block, message_id, number, parent, "assistant"))
                        else:
                            for event in calls.made(block, message_id, number, parent, "assistant"):
                                take(event)
                elif type(wire) is _System and wire.subtype not in _TOLD:
                    count(_system_event(wire))
                elif type(wire) is not _StreamEvent:
                    for event in self._makers[type(wire)](wire, number):
                        take(event)
        except UNREADABLE:
            return number + 1 - first
        finally:
            calls.forget()
            for kind, times in Counter(counted).items():
                sink.counts[kind] += times
        return len(lines)

    def _assistant(self, wire: _Assistant, number: int) -> Sequence[AnyEvent]:
        body, parent = wire.message, wire.parent_tool_use_id
        if wire.error is not None:
            return (self._api_failure(wire, number),)
        if parent is None and isinstance(body.content, list):
            self._note_message(body.id)
            for block in body.content:
                if isinstance(block, Text):
                    self._note_text(block.text)
        return self._calls.events(body, number, parent, role="assistant")

    def _note_message(self, message_id: str | None) -> None:
        """Keeps the id of the main agent's last message, whose blocks come one a line."""
        if message_id is None or message_id != self._message_id:
            self._message_id, self._pieces = message_id, []

    def _note_text(self, text: str) -> None:
        if len(self._pieces) < limits.OPEN_CALLS:
            self._pieces.append(text)

    def _api_failure(self, wire: _Assistant, number: int) -> AnyEvent:
        """A message that the CLI wrote itself after a failed request: it looks like prose, and is no answer."""
        content = wire.message.content
        blocks = content if isinstance(content, list) else []
        message = "".join(block.text for block in blocks if isinstance(block, Text))
        if wire.parent_tool_use_id is not None:
            return Notice(line=number, message=message)
        self._failure = classify(message, names=(wire.error or "",))
        return Failure(line=number, kind=self._failure, message=message)

    def _user(self, wire: _User, number: int) -> Sequence[AnyEvent]:
        if wire.parent_tool_use_id is None:
            self._message_id = None
        return self._calls.events(
            wire.message, number, wire.parent_tool_use_id, role="user", result=wire.tool_use_result
        )

    def _system(self, wire: _System, number: int) -> Sequence[AnyEvent]:
        if wire.subtype == "init":
            return (self._init(wire, number),)
        if wire.subtype == "api_retry":
            return (_retry(wire, number),)
        if wire.subtype == "model_fallback" and wire.fallback_model:
            return (ModelChange(line=number, model=wire.fallback_model),)
        if _system_event(wire) is Subagent:
            return (_task(wire, number),)
        return (Notice(line=number, message=_notice(wire)),)

    def _init(self, wire: _System, number: int) -> AnyEvent:
        """Said again, with the same session, for the turn that follows a background task (seen with 2.1.197)."""
        self._message_id, self._failure = None, None
        if self._session is not None and wire.session_id == self._session:
            return TurnStart(line=number, model=wire.model)
        self._session = wire.session_id
        return SessionStart(
            line=number,
            session_id=wire.session_id,
            model=wire.model,
            cwd=wire.cwd,
            cli_version=wire.claude_code_version,
        )

    def _result(self, wire: _Result, number: int) -> Sequence[AnyEvent]:
        denials = tuple(self._denials(wire, number))
        if wire.modelUsage:
            usage = usage_of_models(wire.modelUsage, wire.total_cost_usd, number)
        else:
            usage = usage_of(wire.usage, wire.total_cost_usd, number)
        return (*denials, usage, self._end(wire, number))

    def _denials(self, wire: _Result, number: int) -> Iterator[AnyEvent]:
        """What was denied and not seen to be when it happened."""
        listed = value_of(wire.permission_denials)
        for denial in listed if isinstance(listed, list) else ():
            call_id = text_at(denial, "tool_use_id")
            if call_id not in self._calls.denied:
                self._calls.remember_denial(call_id)
                tool = text_at(denial, "tool_name")
                yield ToolCall(line=number, tool=tool, phase="end", failed=True, denied=True, call_id=call_id)

    def _end(self, wire: _Result, number: int) -> End:
        text = text_of(wire.result) if wire.result != NOTHING else None
        ok = wire.subtype in ("success", "") and not wire.is_error
        duration = int(wire.duration_ms) if wire.duration_ms is not None and 0 <= wire.duration_ms < 2**53 else None
        if ok:
            structured = wire.structured_output
            return End(
                line=number,
                ok=True,
                text=self._whole(text),
                structured=None if structured == NOTHING else bytes(structured).decode("utf-8", "backslashreplace"),
                duration_ms=duration,
            )
        message = "; ".join(_errors(wire)) or text or wire.subtype
        return End(line=number, ok=False, failure=self._kind(wire, message), message=message, duration_ms=duration)

    def _whole(self, text: str | None) -> str | None:
        """`result` may hold only the first piece of a message that came in several (anthropics/claude-code#78686)."""
        if text is None or self._message_id is None:
            return text
        said = "".join(self._pieces)
        return said if len(said) > len(text) and said.startswith(text) else text

    def _kind(self, wire: _Result, message: str) -> FailureKind:
        if wire.subtype in NAMES:
            return NAMES[wire.subtype]
        if (wire.terminal_reason or "").startswith("aborted"):
            return "killed"
        if wire.stop_reason == "refusal":
            return "refusal"
        found = classify(message, status=wire.api_error_status)
        return self._failure if found == "provider_error" and self._failure is not None else found


def is_cursor(record: Mapping[str, object]) -> bool:
    """Whether a `system` or `result` line is Cursor's: the same shape, but without what Claude Code always says."""
    if record.get("type") == "system":
        return record.get("subtype") == "init" and "tools" not in record and "apiKeySource" in record
    return "request_id" in record and not record.keys() & {"num_turns", "total_cost_usd", "uuid"}


def _nothing(wire: object, number: int) -> Sequence[AnyEvent]:
    return ()


def _rate_limit(wire: _RateLimit, number: int) -> Sequence[AnyEvent]:
    return (Notice(line=number, message="rate_limit_event"),)


def _system_event(wire: _System) -> type:
    """The class of the event that a line makes which starts nothing and is no retry."""
    return Subagent if wire.subtype.startswith("task_") and wire.task_type in ("", "local_agent") else Notice


def _retry(wire: _System, number: int) -> Failure:
    name = text_of(wire.error)
    status = f" {wire.error_status}" if wire.error_status is not None else ""
    message = f"API retry {wire.attempt} of {wire.max_retries}:{status} {name}"
    return Failure(
        line=number, kind=classify("", names=(name,), status=wire.error_status), message=message, transient=True
    )


def _notice(wire: _System) -> str:
    said = text_of(wire.content) or text_of(wire.text) or wire.description or wire.hook_name or text_of(wire.status)
    return f"{wire.subtype}: {said}" if said else wire.subtype


def _task(wire: _System, number: int) -> AnyEvent:
    status = text_of(wire.status) or text_at(value_of(wire.patch), "status")
    ended = wire.subtype == "task_notification"
    return Subagent(
        line=number,
        agent_id=wire.task_id,
        phase="start" if wire.subtype == "task_started" else "end" if ended else "update",
        status=status,
        description=wire.description or text_of(wire.summary),
        failed=ended and status != "completed",
    )


def _errors(wire: _Result) -> Iterator[str]:
    errors = value_of(wire.errors)
    for error in errors if isinstance(errors, list) else ():
        if isinstance(error, str) and error:
            yield error
    if message := text_at(value_of(wire.error), "message") or text_of(wire.error):
        yield message
