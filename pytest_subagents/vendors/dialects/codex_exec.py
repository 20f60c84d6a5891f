"""`codex exec --json`: today's names (0.44 to 0.169, recorded with 0.169) and the first ones of September 2025.

The stream has no version and no model. `turn.completed` or `turn.failed` ends a turn; an `error` line does not, as
retry notices use it too. Source of the traps: recordings with codex 0.169, issues named in the project's notes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar, Final, Union

import msgspec

from pytest_subagents.model.event import (
    AnyEvent,
    ChangeKind,
    Command,
    End,
    Failure,
    FileChange,
    Message,
    Notice,
    Reasoning,
    SessionStart,
    Subagent,
    Todo,
    ToolCall,
    TurnStart,
    Usage,
)
from pytest_subagents.vendors.dialects.codex_words import is_denied, is_retry_notice
from pytest_subagents.vendors.dialects.interface import Sink
from pytest_subagents.vendors.dialects.wire import NOTHING, UNREADABLE, WireDialect, text_at, text_of, value_of
from pytest_subagents.vendors.failures import classify


class _Item(msgspec.Struct, tag_field="type", gc=False):
    """`id` stands twice in a `web_search` item (seen with 0.169): the last one wins, and nothing is keyed by it."""

    status: str | None = None


class _AgentMessage(_Item, tag="agent_message", gc=False):
    text: str = ""


class _Reasoning(_Item, tag="reasoning", gc=False):
    text: msgspec.Raw = NOTHING


class _Command(_Item, tag="command_execution", gc=False):
    id: msgspec.Raw = NOTHING
    command: msgspec.Raw = NOTHING
    aggregated_output: msgspec.Raw = NOTHING
    exit_code: int | None = None


class _Change(msgspec.Struct, gc=False):
    path: str = ""
    kind: str = "update"


class _FileChange(_Item, tag="file_change"):
    changes: list[_Change] | None = None


class _McpCall(_Item, tag="mcp_tool_call", gc=False):
    id: msgspec.Raw = NOTHING
    server: str = ""
    tool: str = ""
    arguments: msgspec.Raw = NOTHING
    result: msgspec.Raw = NOTHING
    error: msgspec.Raw = NOTHING


class _WebSearch(_Item, tag="web_search", gc=False):
    query: msgspec.Raw = NOTHING


class _Todo(msgspec.Struct, gc=False):
    completed: bool = False


class _TodoList(_Item, tag="todo_list"):
    items: list[_Todo] | None = None


class _CollabCall(_Item, tag="collab_tool_call", gc=False):
    tool: str = ""
    prompt: msgspec.Raw = NOTHING
    agents_states: msgspec.Raw = NOTHING


class _Warning(_Item, tag="error", gc=False):
    message: str = ""


_AnyItem = Union[
    _AgentMessage, _Command, _Reasoning, _FileChange, _McpCall, _TodoList, _WebSearch, _CollabCall, _Warning
]


class _ItemStarted(msgspec.Struct, tag_field="type", tag="item.started"):
    item: _AnyItem


class _ItemUpdated(msgspec.Struct, tag_field="type", tag="item.updated"):
    item: _AnyItem


class _ItemCompleted(msgspec.Struct, tag_field="type", tag="item.completed"):
    item: _AnyItem


class _Line(msgspec.Struct, tag_field="type", gc=False):
    item: ClassVar[None] = None


class _ThreadStarted(_Line, tag="thread.started", gc=False):
    thread_id: str | None = None


class _TurnStarted(_Line, tag="turn.started", gc=False):
    pass


class _Tokens(msgspec.Struct, gc=False):
    input_tokens: int | None = None
    cached_input_tokens: int | None = None
    output_tokens: int | None = None


class _TurnCompleted(_Line, tag="turn.completed", gc=False):
    usage: _Tokens | None = None


class _TurnFailed(_Line, tag="turn.failed", gc=False):
    error: msgspec.Raw = NOTHING


class _ErrorLine(_Line, tag="error", gc=False):
    message: str


_Wire = Union[_ItemStarted, _ItemUpdated, _ItemCompleted, _ThreadStarted, _TurnStarted, _TurnCompleted, _TurnFailed, _ErrorLine]

_LINES: Final = frozenset({"thread.started", "turn.started", "turn.completed", "turn.failed"})
_KINDS: Final[Mapping[str, ChangeKind]] = MappingProxyType({"add": "add", "delete": "delete", "update": "update"})
_OLD_ITEMS: Final[Mapping[str, str]] = MappingProxyType({"assistant_message": "agent_message"})
_OLD_LINES: Final[Mapping[str, str]] = MappingProxyType({"session.created": "thread.started", "session.resumed": "thread.started"})

_QUIET: Final[Mapping[type, type]] = MappingProxyType(
    {_Command: Command, _Reasoning: Reasoning, _WebSearch: ToolCall, _TodoList: Todo}
)
"""Items that make one event, which can change nothing but a count unless their status says `declined`."""

_Phase = str


class CodexExec(WireDialect):
    name: ClassVar[str] = "codex_exec"
    vendor: ClassVar[str] = "codex"
    wire: ClassVar[object] = _Wire
    decoder: ClassVar[msgspec.json.Decoder[msgspec.Struct]] = msgspec.json.Decoder(_Wire)

    def __init__(self) -> None:
        super().__init__()
        self._items: Mapping[type, Callable[..., Sequence[AnyEvent]]] = {
            _AgentMessage: _message,
            _Reasoning: _reasoning,
            _Command: _command,
            _FileChange: _file_changes,
            _McpCall: _mcp_call,
            _WebSearch: _web_search,
            _TodoList: _todo,
            _CollabCall: _subagents,
            _Warning: _warning,
        }

    def makers(self) -> Mapping[type, Callable[..., Sequence[AnyEvent]]]:
        return {
            _ItemStarted: self._started,
            _ItemUpdated: self._started,
            _ItemCompleted: self._completed,
            _ThreadStarted: _thread,
            _TurnStarted: _turn,
            _TurnCompleted: _turn_completed,
            _TurnFailed: _turn_failed,
            _ErrorLine: _error,
        }

    def claims(self, record: Mapping[str, object]) -> bool:
        kind = record.get("type")
        if not isinstance(kind, str):
            return False
        if kind in _LINES or kind in _OLD_LINES:
            return True
        if kind == "error":
            return isinstance(record.get("message"), str) and not record.keys() & {"timestamp", "severity", "sessionID"}
        return kind.startswith(("item.", "turn.", "thread.")) and "payload" not in record and "data" not in record

    def adapted(self, record: dict[str, object]) -> dict[str, object]:
        kind = record.get("type")
        if isinstance(kind, str) and kind in _OLD_LINES:
            return {**record, "type": _OLD_LINES[kind], "thread_id": record.get("session_id")}
        item = record.get("item")
        if isinstance(item, dict) and "type" not in item and isinstance(old := item.get("item_type"), str):
            return {**record, "item": {**item, "type": _OLD_ITEMS.get(old, old)}}
        return record

    def digest(self, lines: Sequence[bytes], start: int, first: int, sink: Sink) -> int:
        decode, makers, take, counts = self.decoder.decode, self._makers, sink.take, sink.counts
        quiet = _QUIET.get
        for index in range(start, len(lines)):
            try:
                wire = decode(lines[index])
            except UNREADABLE:
                return index
            item = wire.item  # type: ignore[attr-defined]  # every class of the union has it
            counted = quiet(type(item))
            if counted is not None and item.status != "declined":
                counts[counted] += 1
                continue
            for event in makers[type(wire)](wire, first + index):
                take(event)
        return len(lines)

    def _started(self, wire: _ItemStarted | _ItemUpdated, number: int) -> Sequence[AnyEvent]:
        return self._items[type(wire.item)](wire.item, number, "start")

    def _completed(self, wire: _ItemCompleted, number: int) -> Sequence[AnyEvent]:
        return self._items[type(wire.item)](wire.item, number, "end")


def _thread(wire: _ThreadStarted, number: int) -> Sequence[AnyEvent]:
    return (SessionStart(line=number, session_id=wire.thread_id),)


def _turn(wire: _TurnStarted, number: int) -> Sequence[AnyEvent]:
    return (TurnStart(line=number),)


def _turn_completed(wire: _TurnCompleted, number: int) -> Sequence[AnyEvent]:
    """The running total of the thread. `codex exec review` reports zeros (seen with 0.169): not known, rather than 0."""
    end = End(line=number, ok=True)
    tokens = wire.usage
    if tokens is None or not (tokens.input_tokens or tokens.output_tokens):
        return (end,)
    usage = Usage(
        line=number,
        input_tokens=tokens.input_tokens,
        cached_input_tokens=tokens.cached_input_tokens,
        output_tokens=tokens.output_tokens,
    )
    return (usage, end)


def _turn_failed(wire: _TurnFailed, number: int) -> Sequence[AnyEvent]:
    message = text_at(value_of(wire.error), "message") or text_of(wire.error)
    return (End(line=number, ok=False, failure=classify(message), message=message),)


def _error(wire: _ErrorLine, number: int) -> Sequence[AnyEvent]:
    failure = Failure(
        line=number, kind=classify(wire.message), message=wire.message, transient=is_retry_notice(wire.message)
    )
    return (failure,)


def _message(item: _AgentMessage, number: int, phase: _Phase) -> Sequence[AnyEvent]:
    """Messages arrive whole; one that was only started is not known to be finished."""
    return (Message(line=number, text=item.text, final=phase == "end"),)


def _reasoning(item: _Reasoning, number: int, phase: _Phase) -> Sequence[AnyEvent]:
    return (Reasoning(line=number, text=text_of(item.text)),)


def _command(item: _Command, number: int, phase: _Phase) -> Sequence[AnyEvent]:
    call_id, command = text_of(item.id), text_of(item.command)
    if item.status == "declined":
        return (ToolCall(line=number, tool="shell", phase="end", arguments=command, failed=True, denied=True, call_id=call_id),)
    event = Command(
        line=number,
        command=command,
        phase="end" if phase == "end" else "start",
        output=text_of(item.aggregated_output),
        exit_code=item.exit_code,
        failed=item.status == "failed",
        call_id=call_id,
    )
    return (event,)


def _file_changes(item: _FileChange, number: int, phase: _Phase) -> Sequence[AnyEvent]:
    """Only what is completed has been written; of a failed one some files may have been (seen with 0.169)."""
    if phase != "end":
        return ()
    if item.status == "declined":
        return (ToolCall(line=number, tool="apply_patch", phase="end", failed=True, denied=True),)
    failed = item.status == "failed"
    return tuple(
        FileChange(line=number, path=change.path, kind=_KINDS.get(change.kind, "update"), failed=failed)
        for change in item.changes or ()
    )


def _mcp_call(item: _McpCall, number: int, phase: _Phase) -> Sequence[AnyEvent]:
    message = text_at(value_of(item.error), "message")
    call = ToolCall(
        line=number,
        tool=f"{item.server}/{item.tool}",
        phase="end" if phase == "end" else "start",
        arguments=text_of(item.arguments),
        output=message or text_of(item.result),
        failed=item.status == "failed" or bool(message),
        denied=is_denied(message),
        call_id=text_of(item.id),
    )
    return (call,)


def _web_search(item: _WebSearch, number: int, phase: _Phase) -> Sequence[AnyEvent]:
    return (ToolCall(line=number, tool="web_search", phase="end" if phase == "end" else "start", arguments=text_of(item.query)),)


def _todo(item: _TodoList, number: int, phase: _Phase) -> Sequence[AnyEvent]:
    items = item.items or []
    return (Todo(line=number, done=sum(one.completed for one in items), total=len(items)),)


def _subagents(item: _CollabCall, number: int, phase: _Phase) -> Sequence[AnyEvent]:
    """One event for each agent that the call names. Multi-agent v2 names none when it waits (seen with 0.169)."""
    return tuple(_agents(item, number)) if phase == "end" else ()


def _agents(item: _CollabCall, number: int) -> Iterator[Subagent]:
    states = value_of(item.agents_states)
    for agent, state in states.items() if isinstance(states, dict) else ():
        status = text_at(state, "status")
        yield Subagent(
            line=number,
            agent_id=str(agent),
            phase="start" if item.tool == "spawn_agent" else "end" if status in ("completed", "errored") else "update",
            status=status,
            description=text_of(item.prompt),
            answer=text_at(state, "message") if status == "completed" else "",
            failed=status == "errored",
        )


def _warning(item: _Warning, number: int, phase: _Phase) -> Sequence[AnyEvent]:
    return (Notice(line=number, message=item.message),)
