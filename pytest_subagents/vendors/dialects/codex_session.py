"""Codex' session files, `rollout-<time>-<thread>.jsonl`: lines `{timestamp, type, payload}` (0.2x to 0.169).

The oldest ones (mid 2025) are bare response items after a line of facts. A fork or a subagent replays the history of
its parent, with the parent's own `session_meta` (steipete/CodexBar#2037). `task_complete` or `turn_aborted` ends a
turn; where neither comes the program was killed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar, Final

import msgspec

from pytest_subagents.model import limits
from pytest_subagents.model.event import (
    AnyEvent,
    Message,
    ModelChange,
    Notice,
    Reasoning,
    SessionStart,
    ToolCall,
    Unknown,
)
from pytest_subagents.vendors.dialects.codex_items import blocks_text
from pytest_subagents.vendors.dialects.codex_payload import EventMessages, Payload, usage_of
from pytest_subagents.vendors.dialects.codex_words import is_denied
from pytest_subagents.vendors.dialects.wire import NotOursError, WireDialect, text_of, value_of


class _Line(msgspec.Struct, gc=False):
    type: str
    payload: Payload


_OTHER: Final = frozenset({"world_state", "compacted", "inter_agent_communication_metadata", "session_state"})
_BARE: Final = frozenset(
    {"message", "reasoning", "function_call", "function_call_output", "local_shell_call", "custom_tool_call",
     "custom_tool_call_output", "web_search_call"}
)  # fmt: skip
_CALLS: Final = frozenset(
    {"function_call", "custom_tool_call", "local_shell_call", "web_search_call", "tool_search_call", "tool_call",
     "image_generation_call"}
)  # fmt: skip
_OUTPUTS: Final = frozenset(
    {"function_call_output", "custom_tool_call_output", "tool_search_output", "tool_result", "local_shell_call_output"}
)


class CodexSession(WireDialect):
    name: ClassVar[str] = "codex_session"
    vendor: ClassVar[str] = "codex"
    wire: ClassVar[object] = _Line
    decoder: ClassVar[msgspec.json.Decoder[msgspec.Struct]] = msgspec.json.Decoder(_Line)

    def __init__(self) -> None:
        super().__init__()
        self._messages = EventMessages()
        self._ancestors: set[str] = set()
        self._tools: dict[str, str] = {}
        self._lines: Mapping[str, Callable[[Payload, int], Sequence[AnyEvent]]] = MappingProxyType(
            {
                "session_meta": self._session,
                "turn_context": _context,
                "event_msg": self._messages.events,
                "response_item": self._response_item,
                "token_usage_record": _tokens,
            }
        )

    def makers(self) -> Mapping[type, Callable[..., Sequence[AnyEvent]]]:
        return {_Line: self._line}

    def claims(self, record: Mapping[str, object]) -> bool:
        kind = record.get("type")
        if kind is None:
            return record.get("record_type") == "state" or {"id", "timestamp", "instructions"} <= record.keys()
        if not isinstance(kind, str):
            return False
        if isinstance(record.get("payload"), dict):
            return kind in self._lines or kind in _OTHER or "ordinal" in record
        return kind in _BARE and _is_bare(record)

    def adapted(self, record: dict[str, object]) -> dict[str, object]:
        if isinstance(record.get("payload"), dict):
            return record
        if "type" in record:
            return {"type": "response_item", "payload": record}
        if "record_type" in record:
            return {"type": "session_state", "payload": {}}
        return {"type": "session_meta", "payload": record}

    def _line(self, wire: _Line, number: int) -> Sequence[AnyEvent]:
        make = self._lines.get(wire.type)
        if make is not None:
            return make(wire.payload, number)
        if wire.type in _OTHER:
            return (Notice(line=number, message=wire.type),)
        raise NotOursError(wire.type)

    def _session(self, payload: Payload, number: int) -> Sequence[AnyEvent]:
        """The first one is the file's own; one of an ancestor only begins the replay of its history."""
        if payload.id in self._ancestors:
            return (Notice(line=number, message=f"history of {payload.id}"),)
        ancestors = (payload.forked_from_id, payload.parent_thread_id, payload.session_id)
        if len(self._ancestors) < limits.OPEN_CALLS:
            self._ancestors.update(one for one in ancestors if one is not None)
        start = SessionStart(
            line=number,
            session_id=payload.id or payload.session_id,
            model=payload.model,
            cwd=payload.cwd,
            cli_version=payload.cli_version,
        )
        return (start,)

    def _response_item(self, payload: Payload, number: int) -> Sequence[AnyEvent]:
        """What went to and came from the model. Messages come here and as an event; refused tools only here."""
        kind = payload.type
        if kind == "message":
            return self._message(payload, number)
        if kind == "reasoning":
            return (Reasoning(line=number, text=blocks_text(payload.summary)),)
        if kind in _CALLS:
            tool = payload.name or kind.removesuffix("_call")
            if payload.call_id and len(self._tools) < limits.OPEN_CALLS:
                self._tools[payload.call_id] = tool
            arguments = text_of(payload.arguments) or text_of(payload.input) or text_of(payload.action)
            return (ToolCall(line=number, tool=tool, phase="start", arguments=arguments, call_id=payload.call_id),)
        if kind in _OUTPUTS:
            return (self._output(payload, number),)
        if kind in ("agent_message", "ghost_snapshot", "compaction", "compaction_summary", "other"):
            return (Notice(line=number, message=kind),)
        return (Unknown(line=number, name=kind or "response_item"),)

    def _message(self, payload: Payload, number: int) -> Sequence[AnyEvent]:
        text = blocks_text(payload.content)
        if payload.role != "assistant":
            return (Message(line=number, text=text, role="user"),)
        if text == self._messages.said:
            return ()
        return self._messages.say(text, payload.phase, number)

    def _output(self, payload: Payload, number: int) -> ToolCall:
        """The output is a string, which may be JSON itself, a list of blocks, or an object."""
        output = value_of(payload.output)
        text = blocks_text(payload.output) if isinstance(output, list) else text_of(payload.output)
        return ToolCall(
            line=number,
            tool=self._tools.pop(payload.call_id or "", ""),
            phase="end",
            output=text,
            denied=not text.startswith(("Chunk ID", "Exit code", "{")) and is_denied(text[: limits.MESSAGE_CHARS]),
            call_id=payload.call_id,
        )


def _is_bare(record: Mapping[str, object]) -> bool:
    """Whether an object is a response item without an envelope, and not a line of another agent's file."""
    if record.keys() & {"session_id", "sessionID", "sessionId", "part", "message", "parentId"}:
        return False
    content = record.get("content")
    if record.get("type") == "message":
        return isinstance(content, list) and all(
            isinstance(block, dict) and block.get("type") in ("input_text", "output_text", "input_image")
            for block in content
        )
    return bool(record.keys() & {"call_id", "summary", "encrypted_content", "action"})


def _context(payload: Payload, number: int) -> Sequence[AnyEvent]:
    """The settings of a turn, said again after a compaction: the only place that names the model."""
    return (ModelChange(line=number, model=payload.model),) if payload.model else ()


def _tokens(payload: Payload, number: int) -> Sequence[AnyEvent]:
    return usage_of(payload.thread_token_usage, number)
