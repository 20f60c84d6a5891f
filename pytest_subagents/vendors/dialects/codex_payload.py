"""What codex calls an event: the `msg` of its old stream and the `payload` of its session files are the same.

Names seen from 2025 (`agent_message`, `exec_command_end`) to 0.169 (`item_completed` with its own item types).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from pytest_subagents.model import limits
from pytest_subagents.model.event import (
    AnyEvent,
    Command,
    End,
    Failure,
    Message,
    Notice,
    Reasoning,
    SessionStart,
    Todo,
    ToolCall,
    TurnStart,
    Unknown,
    Usage,
)
from pytest_subagents.vendors.dialects.codex_items import (
    ITEMS,
    Item,
    activity,
    blocks_text,
    command_text,
    error_names,
    error_status,
    file_changes,
)
from pytest_subagents.vendors.dialects.codex_words import is_denied, is_retry_notice
from pytest_subagents.vendors.dialects.wire import NOTHING, text_at, text_of, value_of
from pytest_subagents.vendors.failures import classify


class Tokens(msgspec.Struct, gc=False):
    input_tokens: int | None = None
    cached_input_tokens: int | None = None
    output_tokens: int | None = None


class TokenInfo(msgspec.Struct, gc=False):
    total_token_usage: Tokens | None = None


class Payload(msgspec.Struct, gc=False):
    """Any payload: every field that one of them has and that we read."""

    type: str = ""
    message: msgspec.Raw = NOTHING
    text: msgspec.Raw = NOTHING
    delta: msgspec.Raw = NOTHING
    phase: str | None = None
    role: str | None = None
    content: msgspec.Raw = NOTHING
    summary: msgspec.Raw = NOTHING
    call_id: str | None = None
    name: str = ""
    arguments: msgspec.Raw = NOTHING
    input: msgspec.Raw = NOTHING
    output: msgspec.Raw = NOTHING
    action: msgspec.Raw = NOTHING
    query: msgspec.Raw = NOTHING
    command: msgspec.Raw = NOTHING
    aggregated_output: msgspec.Raw = NOTHING
    stdout: msgspec.Raw = NOTHING
    stderr: msgspec.Raw = NOTHING
    exit_code: int | None = None
    success: bool | None = None
    status: msgspec.Raw = NOTHING
    changes: msgspec.Raw = NOTHING
    invocation: msgspec.Raw = NOTHING
    result: msgspec.Raw = NOTHING
    plan: msgspec.Raw = NOTHING
    info: TokenInfo | None = None
    total_token_usage: Tokens | None = None
    thread_token_usage: Tokens | None = None
    input_tokens: int | None = None
    cached_input_tokens: int | None = None
    output_tokens: int | None = None
    last_agent_message: str | None = None
    error: msgspec.Raw = NOTHING
    codex_error_info: msgspec.Raw = NOTHING
    reason: msgspec.Raw = NOTHING
    duration_ms: int | None = None
    item: Item | None = None
    id: str | None = None
    session_id: str | None = None
    forked_from_id: str | None = None
    parent_thread_id: str | None = None
    cwd: str | None = None
    model: str | None = None
    cli_version: str | None = None
    agent_thread_id: str = ""
    kind: msgspec.Raw = NOTHING


NOTICES: Final = frozenset(
    {
        "context_compacted", "thread_settings_applied", "thread_name_updated", "thread_goal_updated", "turn_diff",
        "background_event", "warning", "model_reroute", "deprecation_notice", "user_message", "entered_review_mode",
        "exited_review_mode", "undo_started", "undo_completed", "get_history_entry_response", "mcp_startup_update",
        "mcp_startup_complete", "skills_update_available", "shutdown_complete", "image_generation_end",
        "guardian_assessment", "agent_reasoning_section_break", "exec_command_output_delta", "terminal_interaction",
        "view_image_tool_call", "collab_agent_interaction_begin", "collab_agent_interaction_end", "raw_response_item",
        "agent_message_content_delta", "agent_reasoning_delta", "agent_reasoning_raw_content",
        "agent_reasoning_raw_content_delta", "reasoning_content_delta", "reasoning_raw_content_delta", "item_started",
        "plan_delta",
    }
)  # fmt: skip
"""Types that decide nothing, or that say in pieces what another line says whole."""


class EventMessages:
    """Makes events of `msg` and `event_msg` payloads; remembers what a file's later lines repeat."""

    def __init__(self) -> None:
        self.has_tasks = False
        """Whether turns are marked; otherwise a person's message begins one."""
        self.said: str | None = None
        """The last message, which a `response_item` line repeats."""
        self._streamed = 0
        self._commands: dict[str, str] = {}
        self._patches: dict[str, msgspec.Raw] = {}
        self._makers: Mapping[str, Callable[[Payload, int], Sequence[AnyEvent]]] = {
            "session_configured": self._configured,
            "task_started": self._turn,
            "turn_started": self._turn,
            "agent_message": self._message,
            "agent_message_delta": self._delta,
            "agent_reasoning": _reasoning,
            "exec_command_begin": self._command_begin,
            "exec_command_end": self._command_end,
            "patch_apply_begin": self._patch_begin,
            "patch_apply_end": self._patch_end,
            "mcp_tool_call_begin": _mcp_call,
            "mcp_tool_call_end": _mcp_call,
            "web_search_begin": _web_search,
            "web_search_end": _web_search,
            "plan_update": _plan,
            "token_count": _token_count,
            "error": _error,
            "stream_error": _stream_error,
            "task_complete": self._complete,
            "turn_complete": self._complete,
            "turn_aborted": _aborted,
            "exec_approval_request": _refused,
            "apply_patch_approval_request": _refused,
            "item_completed": self._item,
            "sub_agent_activity": _activity,
        }

    def events(self, payload: Payload, number: int) -> Sequence[AnyEvent]:
        make = self._makers.get(payload.type)
        if make is not None:
            return make(payload, number)
        if payload.type == "user_message" and not self.has_tasks:
            return (TurnStart(line=number),)
        if payload.type in NOTICES:
            return (Notice(line=number, message=f"{payload.type}: {text_of(payload.message)}".rstrip(": ")),)
        return (Unknown(line=number, name=payload.type[: limits.MESSAGE_CHARS]),)

    def _configured(self, payload: Payload, number: int) -> Sequence[AnyEvent]:
        return (SessionStart(line=number, session_id=payload.session_id, model=payload.model, cwd=payload.cwd),)

    def _turn(self, payload: Payload, number: int) -> Sequence[AnyEvent]:
        self.has_tasks = True
        self.said = None
        return (TurnStart(line=number),)

    def _message(self, payload: Payload, number: int) -> Sequence[AnyEvent]:
        return self.say(text_of(payload.message), payload.phase, number)

    def say(self, text: str, phase: str | None, number: int) -> Sequence[AnyEvent]:
        self.said = text
        self._streamed += 1
        return (Message(line=number, text=text, final=phase != "commentary"),)

    def _delta(self, payload: Payload, number: int) -> Sequence[AnyEvent]:
        """A piece of a message that comes whole when it is finished; until then it is all there is of it."""
        text = text_of(payload.delta)
        return (Message(line=number, text=text, message_id=f"delta {self._streamed}", append=True),)

    def _command_begin(self, payload: Payload, number: int) -> Sequence[AnyEvent]:
        command = command_text(payload.command)
        if len(self._commands) < limits.OPEN_CALLS:
            self._commands[payload.call_id or ""] = command
        return (Command(line=number, command=command, phase="start", call_id=payload.call_id),)

    def _command_end(self, payload: Payload, number: int) -> Sequence[AnyEvent]:
        command = self._commands.pop(payload.call_id or "", "") or command_text(payload.command)
        output = text_of(payload.aggregated_output) or text_of(payload.stdout) + text_of(payload.stderr)
        end = Command(
            line=number,
            command=command,
            phase="end",
            output=output,
            exit_code=payload.exit_code,
            failed=payload.exit_code not in (0, None),
            call_id=payload.call_id,
        )
        return (end,)

    def _patch_begin(self, payload: Payload, number: int) -> Sequence[AnyEvent]:
        if len(self._patches) < limits.OPEN_CALLS:
            self._patches[payload.call_id or ""] = payload.changes.copy()
        return (ToolCall(line=number, tool="apply_patch", phase="start", call_id=payload.call_id),)

    def _patch_end(self, payload: Payload, number: int) -> Sequence[AnyEvent]:
        begun = self._patches.pop(payload.call_id or "", NOTHING)
        changes = payload.changes if bytes(payload.changes) != b"null" else begun
        return tuple(file_changes(changes, number, failed=payload.success is False))

    def _complete(self, payload: Payload, number: int) -> Sequence[AnyEvent]:
        error = value_of(payload.error)
        if isinstance(error, dict):
            message = text_at(error, "message")
            kind = classify(message, names=error_names(error.get("codex_error_info")), status=error_status(error))
            return (End(line=number, ok=False, failure=kind, message=message, duration_ms=payload.duration_ms),)
        text = payload.last_agent_message
        return (End(line=number, ok=True, text=text, duration_ms=payload.duration_ms),)

    def _item(self, payload: Payload, number: int) -> Sequence[AnyEvent]:
        item = payload.item or Item()
        if item.type == "AgentMessage":
            return self.say(blocks_text(item.content) or text_of(item.text), item.phase, number)
        make = ITEMS.get(item.type)
        return make(item, number) if make is not None else (Unknown(line=number, name=item.type or "item_completed"),)


def usage_of(tokens: Tokens | None, number: int) -> Sequence[AnyEvent]:
    if tokens is None:
        return ()
    usage = Usage(
        line=number,
        input_tokens=tokens.input_tokens,
        cached_input_tokens=tokens.cached_input_tokens,
        output_tokens=tokens.output_tokens,
    )
    return (usage,)


def _reasoning(payload: Payload, number: int) -> Sequence[AnyEvent]:
    return (Reasoning(line=number, text=text_of(payload.text)),)


def _mcp_call(payload: Payload, number: int) -> Sequence[AnyEvent]:
    invocation, result = value_of(payload.invocation), value_of(payload.result)
    error = text_at(result, "Err")
    ended = payload.type.endswith("_end")
    call = ToolCall(
        line=number,
        tool=f"{text_at(invocation, 'server')}/{text_at(invocation, 'tool')}",
        phase="end" if ended else "start",
        output=error or (text_of(payload.result) if ended else ""),
        failed=bool(error),
        denied=is_denied(error),
        call_id=payload.call_id,
    )
    return (call,)


def _web_search(payload: Payload, number: int) -> Sequence[AnyEvent]:
    phase = "end" if payload.type.endswith("_end") else "start"
    return (ToolCall(line=number, tool="web_search", phase=phase, arguments=text_of(payload.query)),)  # type: ignore[arg-type]


def _plan(payload: Payload, number: int) -> Sequence[AnyEvent]:
    steps = value_of(payload.plan)
    steps = steps if isinstance(steps, list) else []
    return (Todo(line=number, done=sum(text_at(step, "status") == "completed" for step in steps), total=len(steps)),)


def _token_count(payload: Payload, number: int) -> Sequence[AnyEvent]:
    """The total of the thread; before September 2025 it stood in the payload itself. `info` may be null."""
    if payload.info is not None:
        return usage_of(payload.info.total_token_usage, number)
    if payload.input_tokens is None:
        return ()
    tokens = Tokens(
        input_tokens=payload.input_tokens,
        cached_input_tokens=payload.cached_input_tokens,
        output_tokens=payload.output_tokens,
    )
    return usage_of(tokens, number)


def _error(payload: Payload, number: int) -> Sequence[AnyEvent]:
    message = text_of(payload.message)
    kind = classify(message, names=error_names(value_of(payload.codex_error_info)))
    return (Failure(line=number, kind=kind, message=message, transient=is_retry_notice(message)),)


def _stream_error(payload: Payload, number: int) -> Sequence[AnyEvent]:
    message = text_of(payload.message)
    return (Failure(line=number, kind=classify(message), message=message, transient=True),)


def _aborted(payload: Payload, number: int) -> Sequence[AnyEvent]:
    reason = text_of(payload.reason) or "interrupted"
    message = f"the turn was aborted ({reason})"
    return (End(line=number, ok=False, failure="killed", message=message, duration_ms=payload.duration_ms),)


def _refused(payload: Payload, number: int) -> Sequence[AnyEvent]:
    """An approval that nobody is there to give."""
    tool = "shell" if payload.type.startswith("exec") else "apply_patch"
    asked = command_text(payload.command)
    call = ToolCall(line=number, tool=tool, phase="end", arguments=asked, output="approval was requested", denied=True)
    return (call,)


def _activity(payload: Payload, number: int) -> Sequence[AnyEvent]:
    return (activity(payload.agent_thread_id, text_of(payload.kind), number),)
