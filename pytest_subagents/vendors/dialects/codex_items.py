"""The items of codex' session files (0.146 to 0.169), and what they share with the older events."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final, Literal

import msgspec

from pytest_subagents.model.event import (
    AnyEvent,
    ChangeKind,
    Command,
    FileChange,
    Notice,
    Reasoning,
    Subagent,
    ToolCall,
)
from pytest_subagents.vendors.dialects.codex_words import is_denied
from pytest_subagents.vendors.dialects.wire import NOTHING, text_at, text_of, value_of


class Item(msgspec.Struct, gc=False):
    """The item of an `item_completed`, whatever its type."""

    type: str = ""
    id: str | None = None
    status: str | None = None
    phase: str | None = None
    text: msgspec.Raw = NOTHING
    content: msgspec.Raw = NOTHING
    summary_text: msgspec.Raw = NOTHING
    command: msgspec.Raw = NOTHING
    aggregated_output: msgspec.Raw = NOTHING
    exit_code: int | None = None
    changes: msgspec.Raw = NOTHING
    server: str = ""
    tool: str = ""
    arguments: msgspec.Raw = NOTHING
    result: msgspec.Raw = NOTHING
    error: msgspec.Raw = NOTHING
    query: msgspec.Raw = NOTHING
    prompt: msgspec.Raw = NOTHING
    agents_states: msgspec.Raw = NOTHING
    agent_thread_id: str = ""
    kind: str = ""


_KINDS: Final[Mapping[str, ChangeKind]] = MappingProxyType({"add": "add", "delete": "delete", "update": "update"})
_PHASES: Final[Mapping[str, Literal["start", "update", "end"]]] = MappingProxyType(
    {"started": "start", "completed": "end", "errored": "end"}
)


def command_text(raw: msgspec.Raw) -> str:
    """A command, which is a list of arguments in session files; of `bash -lc SCRIPT` only the script counts."""
    command = value_of(raw)
    if not isinstance(command, list):
        return command if isinstance(command, str) else ""
    parts = [part for part in command if isinstance(part, str)]
    return parts[2] if len(parts) == 3 and parts[1] in ("-lc", "-c") else " ".join(parts)


def blocks_text(raw: msgspec.Raw) -> str:
    """The text of a list of content blocks."""
    blocks = value_of(raw)
    return "".join(text_at(block, "text") for block in blocks) if isinstance(blocks, list) else ""


def error_names(info: object) -> tuple[str, ...]:
    """The names in a `codex_error_info`, which is a string or an object with one key."""
    if isinstance(info, str):
        return (info,)
    return tuple(str(key) for key in info) if isinstance(info, dict) else ()


def error_status(error: object) -> int | None:
    """The HTTP status in a `codex_error_info`, if it has one."""
    info = error.get("codex_error_info") if isinstance(error, dict) else None
    for detail in info.values() if isinstance(info, dict) else ():
        status = detail.get("http_status_code") if isinstance(detail, dict) else None
        if isinstance(status, int):
            return status
    return None


def _names(change: object, key: str) -> bool:
    """Whether the oldest files' form names the kind: `{"add": {...}}`."""
    return isinstance(change, dict) and key in change


def file_changes(raw: msgspec.Raw, number: int, *, failed: bool) -> Iterator[FileChange]:
    """Changes as session files list them: path -> what was done to it."""
    changes = value_of(raw)
    for path, change in changes.items() if isinstance(changes, dict) else ():
        kind = text_at(change, "type") or next((key for key in _KINDS if _names(change, key)), "")
        target = text_at(change, "move_path") or text_at(change, "update", "move_path")
        if target and target != path:
            yield FileChange(line=number, path=str(path), kind="rename", failed=failed)
            yield FileChange(line=number, path=target, kind="add", failed=failed)
        else:
            yield FileChange(line=number, path=str(path), kind=_KINDS.get(kind, "update"), failed=failed)


def activity(agent: str, kind: str, number: int) -> Subagent:
    phase = _PHASES.get(kind, "update")
    return Subagent(line=number, agent_id=agent, phase=phase, status=kind, failed=kind == "errored")


def _item_reasoning(item: Item, number: int) -> Sequence[AnyEvent]:
    parts = value_of(item.summary_text)
    text = "\n".join(part for part in parts if isinstance(part, str)) if isinstance(parts, list) else ""
    return (Reasoning(line=number, text=text),)


def _item_command(item: Item, number: int) -> Sequence[AnyEvent]:
    command = command_text(item.command)
    if item.status == "declined":
        call = ToolCall(line=number, tool="shell", phase="end", arguments=command, failed=True, denied=True)
        return (call,)
    end = Command(
        line=number,
        command=command,
        phase="end",
        output=text_of(item.aggregated_output),
        exit_code=item.exit_code,
        failed=item.status == "failed",
        call_id=item.id,
    )
    return (end,)


def _item_changes(item: Item, number: int) -> Sequence[AnyEvent]:
    if item.status == "declined":
        return (ToolCall(line=number, tool="apply_patch", phase="end", failed=True, denied=True),)
    return tuple(file_changes(item.changes, number, failed=item.status == "failed"))


def _item_mcp(item: Item, number: int) -> Sequence[AnyEvent]:
    message = text_at(value_of(item.error), "message") or text_at(value_of(item.result), "Err")
    call = ToolCall(
        line=number,
        tool=f"{item.server}/{item.tool}",
        phase="end",
        arguments=text_of(item.arguments),
        output=message or text_of(item.result),
        failed=item.status == "failed",
        denied=is_denied(message),
        call_id=item.id,
    )
    return (call,)


def _item_search(item: Item, number: int) -> Sequence[AnyEvent]:
    return (ToolCall(line=number, tool="web_search", phase="end", arguments=text_of(item.query)),)


def _item_collab(item: Item, number: int) -> Sequence[AnyEvent]:
    return tuple(_collab_agents(item, number))


def _collab_agents(item: Item, number: int) -> Iterator[Subagent]:
    """`agents_states` says `"pending_init"` or `{"completed": answer}` here, unlike the stream (seen with 0.169)."""
    states = value_of(item.agents_states)
    for agent, state in states.items() if isinstance(states, dict) else ():
        status = state if isinstance(state, str) else next(iter(state), "") if isinstance(state, dict) else ""
        yield Subagent(
            line=number,
            agent_id=str(agent),
            phase="start" if item.tool == "spawn_agent" else "end" if status in ("completed", "errored") else "update",
            status=str(status),
            description=text_of(item.prompt),
            answer=text_at(state, "completed"),
            failed=status == "errored",
        )


def _item_activity(item: Item, number: int) -> Sequence[AnyEvent]:
    return (activity(item.agent_thread_id, item.kind, number),)


def _item_notice(item: Item, number: int) -> Sequence[AnyEvent]:
    return (Notice(line=number, message=item.type),)


ITEMS: Final[Mapping[str, Callable[[Item, int], Sequence[AnyEvent]]]] = MappingProxyType(
    {
        "Reasoning": _item_reasoning,
        "CommandExecution": _item_command,
        "FileChange": _item_changes,
        "McpToolCall": _item_mcp,
        "WebSearch": _item_search,
        "CollabAgentToolCall": _item_collab,
        "SubAgentActivity": _item_activity,
        "UserMessage": _item_notice,
        "ContextCompaction": _item_notice,
        "Plan": _item_notice,
        "Extension": _item_notice,
    }
)
"""What makes events of each type of item, messages excepted."""
