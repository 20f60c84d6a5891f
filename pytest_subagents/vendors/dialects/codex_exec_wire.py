"""The lines of `codex exec --json` as structs (seen with 0.44 to 0.169)."""

from __future__ import annotations

from typing import ClassVar, Final, Union

import msgspec

from pytest_subagents.vendors.dialects.wire import NOTHING


class Item(msgspec.Struct, tag_field="type", gc=False):
    """`id` stands twice in a `web_search` item (seen with 0.169): the last one wins, and nothing is keyed by it."""

    status: str | None = None


class AgentMessage(Item, tag="agent_message", gc=False):
    text: str = ""


class Reasoning(Item, tag="reasoning", gc=False):
    text: msgspec.Raw = NOTHING


class Command(Item, tag="command_execution", gc=False):
    id: msgspec.Raw = NOTHING
    command: msgspec.Raw = NOTHING
    aggregated_output: msgspec.Raw = NOTHING
    exit_code: int | None = None


class Change(msgspec.Struct, gc=False):
    path: str = ""
    kind: str = "update"


class FileChange(Item, tag="file_change"):
    changes: list[Change] | None = None


class McpCall(Item, tag="mcp_tool_call", gc=False):
    id: msgspec.Raw = NOTHING
    server: str = ""
    tool: str = ""
    arguments: msgspec.Raw = NOTHING
    result: msgspec.Raw = NOTHING
    error: msgspec.Raw = NOTHING


class WebSearch(Item, tag="web_search", gc=False):
    query: msgspec.Raw = NOTHING


class Todo(msgspec.Struct, gc=False):
    completed: bool = False


class TodoList(Item, tag="todo_list"):
    items: list[Todo] | None = None


class CollabCall(Item, tag="collab_tool_call", gc=False):
    tool: str = ""
    prompt: msgspec.Raw = NOTHING
    agents_states: msgspec.Raw = NOTHING


class Warning(Item, tag="error", gc=False):
    message: str = ""


AnyItem = Union[AgentMessage, Command, Reasoning, FileChange, McpCall, TodoList, WebSearch, CollabCall, Warning]


class ItemStarted(msgspec.Struct, tag_field="type", tag="item.started", gc=False):
    item: AnyItem


class ItemUpdated(msgspec.Struct, tag_field="type", tag="item.updated", gc=False):
    item: AnyItem


class ItemCompleted(msgspec.Struct, tag_field="type", tag="item.completed", gc=False):
    item: AnyItem


class CommandSeen(Item, tag="command_execution", gc=False):
    """A command that is only counted."""


class ReasoningSeen(Item, tag="reasoning", gc=False):
    pass


class WebSearchSeen(Item, tag="web_search", gc=False):
    pass


class TodoListSeen(Item, tag="todo_list", gc=False):
    pass


SeenItem = Union[
    AgentMessage,
    CommandSeen,
    ReasoningSeen,
    FileChange,
    McpCall,
    TodoListSeen,
    WebSearchSeen,
    CollabCall,
    Warning,
]


class ItemStartSeen(msgspec.Struct, tag_field="type", tag="item.started", gc=False):
    item: SeenItem


class ItemUpdateSeen(msgspec.Struct, tag_field="type", tag="item.updated", gc=False):
    item: SeenItem


class ItemEndSeen(msgspec.Struct, tag_field="type", tag="item.completed", gc=False):
    item: SeenItem


class Line(msgspec.Struct, tag_field="type", gc=False):
    item: ClassVar[None] = None


class ThreadStarted(Line, tag="thread.started", gc=False):
    thread_id: str | None = None


class TurnStarted(Line, tag="turn.started", gc=False):
    pass


class Tokens(msgspec.Struct, gc=False):
    input_tokens: int | None = None
    cached_input_tokens: int | None = None
    output_tokens: int | None = None


class TurnCompleted(Line, tag="turn.completed", gc=False):
    usage: Tokens | None = None


class TurnFailed(Line, tag="turn.failed", gc=False):
    error: msgspec.Raw = NOTHING


class ErrorLine(Line, tag="error", gc=False):
    message: str


Turns = Union[ThreadStarted, TurnStarted, TurnCompleted, TurnFailed, ErrorLine]
Wire = Union[ItemStarted, ItemUpdated, ItemCompleted, Turns]
SKIMMER: Final = msgspec.json.Decoder(Union[ItemStartSeen, ItemUpdateSeen, ItemEndSeen, Turns])
