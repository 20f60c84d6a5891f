"""The messages of Claude Code, which its stream, its session files and other agents' streams have in common.

One API message is spread over several lines, one content block each, all with the same id (seen with 1.0 to 2.1.197).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final, Literal, Union

import msgspec

from pytest_subagents.model import limits
from pytest_subagents.model.event import AnyEvent, Command, FileChange, Message, Reasoning, ToolCall, Unknown
from pytest_subagents.vendors.dialects.wire import NOTHING, UNREADABLE, text_at, text_of, value_of


class Text(msgspec.Struct, tag="text", gc=False):
    text: str = ""


class Thinking(msgspec.Struct, tag="thinking", gc=False):
    thinking: msgspec.Raw = NOTHING


class RedactedThinking(msgspec.Struct, tag="redacted_thinking", gc=False):
    pass


class ToolUse(msgspec.Struct, tag="tool_use", gc=False):
    id: str = ""
    name: str = ""
    input: msgspec.Raw = NOTHING


class ToolResult(msgspec.Struct, tag="tool_result", gc=False):
    tool_use_id: str = ""
    is_error: bool | None = None
    content: msgspec.Raw = NOTHING


class Image(msgspec.Struct, tag="image", gc=False):
    pass


class Document(msgspec.Struct, tag="document", gc=False):
    pass


class ServerToolUse(msgspec.Struct, tag="server_tool_use", gc=False):
    id: str = ""
    name: str = ""
    input: msgspec.Raw = NOTHING


class WebSearchResult(msgspec.Struct, tag="web_search_tool_result", gc=False):
    tool_use_id: str = ""
    content: msgspec.Raw = NOTHING


Block = Union[Text, Thinking, RedactedThinking, ToolUse, ToolResult, Image, Document, ServerToolUse, WebSearchResult]


class Body(msgspec.Struct, gc=False):
    """The `message` of a line; `content` is a string in what a person typed."""

    id: str | None = None
    content: Union[list[Block], str, None] = None


class _Written(msgspec.Struct, gc=False):
    """What a call that writes a file says of it."""

    file_path: str | None = None
    notebook_path: str | None = None
    path: str | None = None


class _Kind(msgspec.Struct, gc=False):
    """What the structured form of a result says of its own kind: `create` or `update` for a file that was written."""

    type: str = ""


_WRITTEN: Final = msgspec.json.Decoder(_Written)
_KIND: Final = msgspec.json.Decoder(_Kind)

COMMANDS: Final = frozenset({"Bash", "bash", "shell"})
WRITERS: Final = frozenset({"Write", "Edit", "MultiEdit", "NotebookEdit", "create_file", "edit_file"})

_EXIT = re.compile(r"\s*(?:Error: )?Exit code (\d{1,9})\b")
_DENIED: Final = (
    b"requested permission",
    b"permission to use",
    b"was blocked. for security",
    b"doesn't want to proceed with this tool use",
    b"user rejected",
    b"haven't granted",
)
"""Words of a refused tool's result, in lower case (seen with 2.1.197)."""


class Call(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A tool call whose result has not come yet."""

    name: str
    event: type
    """The class of the event that the call, and its result, make."""
    writes: bool = False
    path: str = ""
    """The file that it writes, if it is one that does."""
    command: str = ""


class _ByName(dict[str, Call]):
    """What is known of a call from the tool's name alone, made once for each name."""

    def __missing__(self, name: str) -> Call:
        call = Call(name=name, event=Command if name in COMMANDS else ToolCall, writes=name in WRITERS)
        if len(self) < limits.OPEN_CALLS:
            self[name] = call
        return call


CALLS: Final = _ByName()
"""Calls by the name of their tool, for those that are only counted."""
NAMELESS: Final = CALLS[""]
"""The call of a result whose call was not seen."""


class Calls:
    """Makes events of content blocks, and remembers the open tool calls of a file."""

    def __init__(self) -> None:
        self.open: dict[str, Call] = {}
        self.denied: dict[str, None] = {}

    def events(
        self,
        body: Body,
        number: int,
        parent: str | None,
        *,
        role: Literal["assistant", "user"],
        result: msgspec.Raw = NOTHING,
    ) -> list[AnyEvent]:
        """The events of a message; `result` is the structured form of the tool result that it brings."""
        content = body.content
        if isinstance(content, str):
            return [Message(line=number, text=content, role=role, message_id=body.id, parent=parent)]
        return [event for block in content or () for event in self.made(block, body.id, number, parent, role, result)]

    def made(
        self,
        block: Block,
        message_id: str | None,
        number: int,
        parent: str | None,
        role: Literal["assistant", "user"],
        result: msgspec.Raw = NOTHING,
    ) -> Sequence[AnyEvent]:
        """The events of one block."""
        if isinstance(block, Text):
            return (message_of(block, message_id, number, parent, role),)
        if isinstance(block, ToolUse | ServerToolUse):
            return (self._called(block, number, parent),)
        if isinstance(block, ToolResult):
            return tuple(self._answered(block, number, parent, result))
        if isinstance(block, Thinking):
            return (Reasoning(line=number, text=text_of(block.thinking), parent=parent),)
        if isinstance(block, RedactedThinking):
            return (Reasoning(line=number, text="", parent=parent),)
        if isinstance(block, WebSearchResult):
            return (self._searched(block, number, parent),)
        return (Unknown(line=number, name=type(block).__name__.lower()),)

    def remember_denial(self, call_id: str) -> None:
        if len(self.denied) < limits.DENIALS_KEPT:
            self.denied[call_id] = None

    def _remember(self, call_id: str, call: Call) -> None:
        self.open[call_id] = call
        self.forget()

    def forget(self) -> None:
        """Forgets the older half of the open calls, where there are too many."""
        if len(self.open) <= limits.OPEN_CALLS:
            return
        for call_id in list(islice(self.open, limits.OPEN_CALLS // 2)):
            del self.open[call_id]

    def _called(self, block: ToolUse | ServerToolUse, number: int, parent: str | None) -> Command | ToolCall:
        if block.name in COMMANDS:
            command = text_at(value_of(block.input), "command")
            self._remember(block.id, Call(name=block.name, event=Command, command=command))
            return Command(line=number, command=command, phase="start", call_id=block.id, parent=parent)
        self._remember(block.id, writer(block) if block.name in WRITERS else CALLS[block.name])
        arguments = bytes(block.input).decode("utf-8", "backslashreplace")
        return ToolCall(
            line=number, tool=block.name, phase="start", arguments=arguments, call_id=block.id, parent=parent
        )

    def _answered(self, block: ToolResult, number: int, parent: str | None, result: msgspec.Raw) -> Iterator[AnyEvent]:
        call = self.open.pop(block.tool_use_id, NAMELESS)
        text = content_text(block.content)
        failed = bool(block.is_error)
        denied = failed and says_denied(block.content)
        if denied:
            self.remember_denial(block.tool_use_id)
        if call.event is Command and not denied:
            exit_code = _EXIT.match(text) if failed else None
            yield Command(
                line=number,
                command=call.command,
                phase="end",
                output=text,
                exit_code=int(exit_code[1]) if exit_code else None if failed else 0,
                failed=failed,
                call_id=block.tool_use_id,
                parent=parent,
            )
            return
        yield ToolCall(
            line=number,
            tool=call.name,
            phase="end",
            output=text,
            failed=failed,
            denied=denied,
            call_id=block.tool_use_id,
            parent=parent,
        )
        if call.path and not failed:
            yield written(call, block, number, parent, result)

    def _searched(self, block: WebSearchResult, number: int, parent: str | None) -> ToolCall:
        call = self.open.pop(block.tool_use_id, CALLS["web_search"])
        return ToolCall(
            line=number,
            tool=call.name,
            phase="end",
            output=text_of(block.content),
            call_id=block.tool_use_id,
            parent=parent,
        )


def writer(block: ToolUse | ServerToolUse) -> Call:
    """The call of a tool that writes a file."""
    path = _path_of(block.input)
    return Call(name=block.name, event=ToolCall, writes=bool(path), path=path)


def written(call: Call, block: ToolResult, number: int, parent: str | None, result: msgspec.Raw) -> FileChange:
    """What a call came to that wrote its file."""
    kind = _kind_of(result)
    created = kind == "create" or (kind != "update" and content_text(block.content).startswith("File created"))
    return FileChange(line=number, path=call.path, kind="add" if created else "update", parent=parent)


def _path_of(given: msgspec.Raw) -> str:
    try:
        written = _WRITTEN.decode(given)
    except UNREADABLE:
        return ""
    return written.file_path or written.notebook_path or written.path or ""


def _kind_of(result: msgspec.Raw) -> str:
    try:
        return _KIND.decode(result).type
    except UNREADABLE:
        return ""


def message_of(
    block: Text, message_id: str | None, number: int, parent: str | None, role: Literal["assistant", "user"]
) -> Message:
    return Message(line=number, text=block.text, role=role, message_id=message_id, append=True, parent=parent)


def says_denied(content: msgspec.Raw) -> bool:
    """Whether the content of a failed tool's result begins by saying that a permission was missing or denied."""
    start = memoryview(content)[: limits.MESSAGE_CHARS].tobytes().lower()
    return any(words in start for words in _DENIED)


def content_text(raw: msgspec.Raw) -> str:
    """The text of a tool result's content, which is a string or a list of blocks."""
    content = value_of(raw)
    if isinstance(content, list):
        return "\n".join(text for text in (text_at(block, "text") for block in content) if text)
    return content if isinstance(content, str) else text_of(raw)
