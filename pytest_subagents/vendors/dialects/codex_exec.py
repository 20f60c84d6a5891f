"""`codex exec --json`: today's names (0.44 to 0.169, recorded with 0.169) and the first ones of September 2025.

The stream has no version and no model. `turn.completed` or `turn.failed` ends a turn; an `error` line does not, as
retry notices use it too, and one behind the end takes nothing back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar, Final, Literal, TypeAlias

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
from pytest_subagents.vendors.dialects import codex_exec_wire as wires
from pytest_subagents.vendors.dialects.codex_words import is_denied, is_retry_notice
from pytest_subagents.vendors.dialects.interface import Sink
from pytest_subagents.vendors.dialects.wire import UNREADABLE, WireDialect, text_at, text_of, value_of
from pytest_subagents.vendors.failures import classify

_Phase: TypeAlias = Literal["start", "end"]

_LINES: Final = frozenset({"thread.started", "turn.started", "turn.completed", "turn.failed"})
_KINDS: Final[Mapping[str, ChangeKind]] = MappingProxyType({"add": "add", "delete": "delete", "update": "update"})
_OLD_ITEMS: Final[Mapping[str, str]] = MappingProxyType({"assistant_message": "agent_message"})
_OLD_LINES: Final[Mapping[str, str]] = MappingProxyType(
    {"session.created": "thread.started", "session.resumed": "thread.started"}
)
_COUNTED: Final[dict[type, type]] = {
    wires.CommandSeen: Command,
    wires.ReasoningSeen: Reasoning,
    wires.WebSearchSeen: ToolCall,
    wires.TodoListSeen: Todo,
}
"""Items that make one event, which can change nothing but a count unless their status says `declined`."""


class CodexExec(WireDialect):
    name: ClassVar[str] = "codex_exec"
    vendor: ClassVar[str] = "codex"
    wire: ClassVar[object] = wires.Wire
    decoder: ClassVar[msgspec.json.Decoder[msgspec.Struct]] = msgspec.json.Decoder(wires.Wire)

    def __init__(self) -> None:
        super().__init__()
        self._completed = False

    def makers(self) -> Mapping[type, Callable[..., Sequence[AnyEvent]]]:
        return {
            wires.ItemStarted: _started,
            wires.ItemUpdated: _started,
            wires.ItemCompleted: _completed,
            wires.ItemStartSeen: _started,
            wires.ItemUpdateSeen: _started,
            wires.ItemEndSeen: _completed,
            wires.ThreadStarted: self._thread,
            wires.TurnStarted: self._turn,
            wires.TurnCompleted: self._turn_completed,
            wires.TurnFailed: _turn_failed,
            wires.ErrorLine: self._error,
        }

    def claims(self, record: Mapping[str, object]) -> bool:
        kind = record.get("type")
        if not isinstance(kind, str) or "service" in record:
            return False
        if kind in _LINES or kind in _OLD_LINES:
            return True
        if kind == "error":
            return isinstance(record.get("message"), str) and not record.keys() & {"timestamp", "severity", "sessionID"}
        return kind.startswith(("item.", "turn.", "thread.")) and not record.keys() & {"payload", "data"}

    def adapted(self, record: dict[str, object]) -> dict[str, object]:
        kind = record.get("type")
        if isinstance(kind, str) and kind in _OLD_LINES:
            return {**record, "type": _OLD_LINES[kind], "thread_id": record.get("session_id")}
        item = record.get("item")
        if isinstance(item, dict) and "type" not in item and isinstance(old := item.get("item_type"), str):
            return {**record, "item": {**item, "type": _OLD_ITEMS.get(old, old)}}
        return record

    def digest(self, lines: Sequence[bytes], first: int, sink: Sink) -> int:
        take, counted_as = sink.take, _COUNTED.get
        counted: list[type] = []
        count = counted.append
        number = first - 1
        try:
            for number, wire in enumerate(map(wires.SKIMMER.decode, lines), first):
                item = wire.item
                if item is None or (kind := counted_as(type(item))) is None:
                    for event in self._makers[type(wire)](wire, number):
                        take(event)
                elif item.status != "declined":  # what is only counted has one
                    count(kind)
                else:
                    for event in self.decode(lines[number - first], number) or ():
                        take(event)
        except UNREADABLE:
            return number + 1 - first
        finally:
            for kind, times in Counter(counted).items():
                sink.counts[kind] += times
        return len(lines)

    def _thread(self, wire: wires.ThreadStarted, number: int) -> Sequence[AnyEvent]:
        self._completed = False
        return (SessionStart(line=number, session_id=wire.thread_id),)

    def _turn(self, wire: wires.TurnStarted, number: int) -> Sequence[AnyEvent]:
        self._completed = False
        return (TurnStart(line=number),)

    def _turn_completed(self, wire: wires.TurnCompleted, number: int) -> Sequence[AnyEvent]:
        self._completed = True
        return (*_usage(wire.usage, number), End(line=number, ok=True))

    def _error(self, wire: wires.ErrorLine, number: int) -> Sequence[AnyEvent]:
        message = wire.message
        if is_retry_notice(message):
            return (Failure(line=number, kind="provider_error", message=message, transient=True),)
        return (Failure(line=number, kind=classify(message), message=message, transient=self._completed),)


def _started(
    wire: wires.ItemStarted | wires.ItemUpdated | wires.ItemStartSeen | wires.ItemUpdateSeen, number: int
) -> Sequence[AnyEvent]:
    return _ITEMS[type(wire.item)](wire.item, number, "start")


def _completed(wire: wires.ItemCompleted | wires.ItemEndSeen, number: int) -> Sequence[AnyEvent]:
    return _ITEMS[type(wire.item)](wire.item, number, "end")


def _usage(tokens: wires.Tokens | None, number: int) -> Sequence[AnyEvent]:
    """The thread's running total. `codex exec review` reports zeros (seen with 0.169): not known, rather than 0."""
    if tokens is None or not (tokens.input_tokens or tokens.output_tokens):
        return ()
    usage = Usage(
        line=number,
        input_tokens=tokens.input_tokens,
        cached_input_tokens=tokens.cached_input_tokens,
        output_tokens=tokens.output_tokens,
    )
    return (usage,)


def _turn_failed(wire: wires.TurnFailed, number: int) -> Sequence[AnyEvent]:
    message = text_at(value_of(wire.error), "message") or text_of(wire.error)
    return (End(line=number, ok=False, failure=classify(message), message=message),)


def _message(item: wires.AgentMessage, number: int, phase: _Phase) -> Sequence[AnyEvent]:
    """Messages arrive whole; one that was only started is not known to be finished."""
    return (Message(line=number, text=item.text, final=phase == "end"),)


def _reasoning(item: wires.Reasoning, number: int, phase: _Phase) -> Sequence[AnyEvent]:
    return (Reasoning(line=number, text=text_of(item.text)),)


def _command(item: wires.Command, number: int, phase: _Phase) -> Sequence[AnyEvent]:
    """An abandoned command comes as `completed` without an exit code (openai/codex#14691)."""
    call_id, command = text_of(item.id), text_of(item.command)
    if item.status == "declined":
        denied = ToolCall(
            line=number, tool="shell", phase=phase, arguments=command, failed=True, denied=True, call_id=call_id
        )
        return (denied,)
    event = Command(
        line=number,
        command=command,
        phase=phase,
        output=text_of(item.aggregated_output),
        exit_code=item.exit_code,
        failed=item.status == "failed",
        call_id=call_id,
    )
    return (event,)


def _file_changes(item: wires.FileChange, number: int, phase: _Phase) -> Sequence[AnyEvent]:
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


def _mcp_call(item: wires.McpCall, number: int, phase: _Phase) -> Sequence[AnyEvent]:
    message = text_at(value_of(item.error), "message")
    call = ToolCall(
        line=number,
        tool=f"{item.server}/{item.tool}",
        phase=phase,
        arguments=text_of(item.arguments),
        output=message or text_of(item.result),
        failed=item.status == "failed" or bool(message),
        denied=is_denied(message),
        call_id=text_of(item.id),
    )
    return (call,)


def _web_search(item: wires.WebSearch, number: int, phase: _Phase) -> Sequence[AnyEvent]:
    return (ToolCall(line=number, tool="web_search", phase=phase, arguments=text_of(item.query)),)


def _todo(item: wires.TodoList, number: int, phase: _Phase) -> Sequence[AnyEvent]:
    items = item.items or []
    return (Todo(line=number, done=sum(one.completed for one in items), total=len(items)),)


def _subagents(item: wires.CollabCall, number: int, phase: _Phase) -> Sequence[AnyEvent]:
    """One event for each agent that the call names. Multi-agent v2 names none when it waits (seen with 0.169)."""
    return tuple(_agents(item, number)) if phase == "end" else ()


def _agents(item: wires.CollabCall, number: int) -> Iterator[Subagent]:
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


def _warning(item: wires.Warning, number: int, phase: _Phase) -> Sequence[AnyEvent]:
    return (Notice(line=number, message=item.message),)


_ITEMS: Final[Mapping[type, Callable[..., Sequence[AnyEvent]]]] = MappingProxyType(
    {
        wires.AgentMessage: _message,
        wires.Reasoning: _reasoning,
        wires.Command: _command,
        wires.FileChange: _file_changes,
        wires.McpCall: _mcp_call,
        wires.WebSearch: _web_search,
        wires.TodoList: _todo,
        wires.CollabCall: _subagents,
        wires.Warning: _warning,
    }
)
