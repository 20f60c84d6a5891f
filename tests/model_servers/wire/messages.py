"""The Messages API as Claude Code speaks it: named events, one content block after the other.

Seen with 2.1.197: it asks `HEAD /` first; after a stream that broke it asks again without one; a schema of
`--json-schema` comes as the input of a tool of its own, `StructuredOutput`, and a valid call of that ends the run.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from model_servers.faults import HttpError
from model_servers.reply import Event, Reply
from model_servers.script import (
    Answer,
    EditFile,
    ListFolder,
    ReadFile,
    Say,
    Shell,
    Think,
    Tool,
    Turn,
    UnknownTool,
    Usage,
    Use,
    WriteFile,
)
from model_servers.seen import Seen, Side, ToolResult
from model_servers.wire.call_ids import call_id, turns_done
from model_servers.wire.interface import Request, UnreadableError
from model_servers.wire.pieces import abilities, compact, pieces
from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.spec import Tool as Ability


class _Block(msgspec.Struct, frozen=True):
    type: str = ""
    text: str = ""
    tool_use_id: str = ""
    content: str | tuple[_Block, ...] | None = None
    is_error: bool | None = None


class _Message(msgspec.Struct, frozen=True):
    role: str
    content: str | tuple[_Block, ...]


class _Tool(msgspec.Struct, frozen=True):
    name: str = ""
    input_schema: JsonValue = None


class _Body(msgspec.Struct, frozen=True):
    model: str
    messages: tuple[_Message, ...]
    system: str | tuple[_Block, ...] | None = None
    tools: tuple[_Tool, ...] = ()
    stream: bool = False


_DECODER: Final = msgspec.json.Decoder(_Body)
_FOLDER: Final = re.compile(r"working directory: (.+)")
_STRUCTURED: Final = "StructuredOutput"
_CAN: Final[Mapping[str, frozenset[Ability]]] = MappingProxyType(
    {
        "Read": frozenset({"read"}),
        "Grep": frozenset({"search"}),
        "Glob": frozenset({"search"}),
        "Edit": frozenset({"edit"}),
        "Write": frozenset({"edit"}),
        "NotebookEdit": frozenset({"edit"}),
        "Bash": frozenset({"shell"}),
        "WebFetch": frozenset({"web"}),
        "WebSearch": frozenset({"web"}),
        "Agent": frozenset({"subagents"}),
        "Task": frozenset({"subagents"}),
        "Workflow": frozenset({"subagents"}),
    }
)
_STOPS: Final = {"length": "max_tokens", "refusal": "refusal"}
_KINDS: Final = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
    529: "overloaded_error",
}


class MessagesWire:
    """Claude Code."""

    def understand(self, request: Request) -> Seen | Side:
        if request.method == "HEAD":
            return Side(kind="hello", reply=Reply(whole={}))
        if request.method != "POST" or "/v1/messages" not in request.path:
            raise UnreadableError(f"nothing is known of {request.method} {request.path}")
        if request.path.endswith("/count_tokens"):
            return Side(kind="tokens", reply=Reply(whole={"input_tokens": len(request.body) // 4}))
        body = _DECODER.decode(request.body)
        offered = tuple(tool.name for tool in body.tools)
        results = tuple(_results(body))
        system = _text(body.system)
        folder = _FOLDER.search(system)
        return Seen(
            model=body.model,
            prompt="\n".join(_text(message.content) for message in body.messages if message.role == "user"),
            system=system,
            offered=offered,
            tools=abilities(offered, _CAN),
            schema=next((tool.input_schema for tool in body.tools if tool.name == _STRUCTURED), None),
            results=results,
            authorised="x-api-key" in request.headers or "authorization" in request.headers,
            turn=turns_done(result.call for result in results),
            folder=folder[1].strip() if folder else "",
            streamed=body.stream,
        )

    def reply(self, turn: Turn, seen: Seen) -> Reply:
        blocks = [_block(action, seen, place) for place, action in enumerate(turn.actions)]
        called = any(block["type"] == "tool_use" for block in blocks)
        stop = _STOPS.get(turn.stop, "tool_use" if called else "end_turn")
        head: dict[str, JsonValue] = {
            "id": f"msg_t{seen.turn}",
            "type": "message",
            "role": "assistant",
            "model": seen.model,
            "stop_sequence": None,
        }
        usage = _usage(turn.usage)
        opened: JsonValue = {**head, "content": [], "stop_reason": None, "usage": {**usage, "output_tokens": 1}}
        events = [_event("message_start", message=opened), _event("ping")]
        for place, block in enumerate(blocks):
            events += _streamed(place, block)
        delta: JsonValue = {"stop_reason": stop, "stop_sequence": None}
        events += [_event("message_delta", delta=delta, usage=usage), _event("message_stop")]
        return Reply(events=events, whole={**head, "content": [*blocks], "stop_reason": stop, "usage": usage})

    def error(self, fault: HttpError) -> JsonValue:
        return _error(fault.code or _KINDS.get(fault.status, "api_error"), fault.message)

    def stream_error(self, message: str) -> Event:
        return Event(name="error", data=_error("api_error", message))


def _text(content: str | tuple[_Block, ...] | None) -> str:
    return content if isinstance(content, str) else "\n".join(block.text for block in content or () if block.text)


def _results(body: _Body) -> Iterator[ToolResult]:
    for message in body.messages:
        for block in message.content if isinstance(message.content, tuple) else ():
            if block.type == "tool_result":
                yield ToolResult(call=block.tool_use_id, text=_text(block.content), failed=bool(block.is_error))


def _block(action: Say | Think | Answer | Use, seen: Seen, place: int) -> dict[str, JsonValue]:
    match action:
        case Answer(text=text) if _STRUCTURED in seen.offered:
            name, arguments = _STRUCTURED, json.loads(text)
        case Say(text=text) | Answer(text=text):
            return {"type": "text", "text": text}
        case Think(text=text):
            return {"type": "thinking", "thinking": text, "signature": "c2lnbmVk"}
        case Use(tool=tool):
            name, arguments = _native_call(tool, seen.folder)
    return {"type": "tool_use", "id": call_id(seen.turn, place), "name": name, "input": arguments}


def _native_call(tool: Tool, folder: str) -> tuple[str, JsonValue]:
    match tool:
        case ReadFile(path=path):
            return "Read", {"file_path": posixpath.join(folder, path)}
        case ListFolder(path=path):
            return "Bash", {"command": f"ls -1 '{path}'", "description": "List the files of a folder"}
        case WriteFile(path=path, content=content):
            return "Write", {"file_path": posixpath.join(folder, path), "content": content}
        case EditFile(path=path, old=old, new=new):
            return "Edit", {"file_path": posixpath.join(folder, path), "old_string": old, "new_string": new}
        case Shell(command=command):
            return "Bash", {"command": command, "description": "Run a command"}
        case UnknownTool(name=name):
            return name, {}


def _streamed(place: int, block: dict[str, JsonValue]) -> Iterator[Event]:
    match block:
        case {"type": "text", "text": str(text)}:
            opened: JsonValue = {**block, "text": ""}
            deltas: list[JsonValue] = [{"type": "text_delta", "text": piece} for piece in pieces(text)]
        case {"type": "thinking", "thinking": str(text)}:
            opened = {**block, "thinking": "", "signature": ""}
            deltas = [{"type": "thinking_delta", "thinking": piece} for piece in pieces(text)]
            deltas.append({"type": "signature_delta", "signature": block["signature"]})
        case _:
            opened = {**block, "input": {}}
            given = compact(block["input"])
            deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in pieces(given)]
    yield _event("content_block_start", index=place, content_block=opened)
    for delta in deltas:
        yield _event("content_block_delta", index=place, delta=delta)
    yield _event("content_block_stop", index=place)


def _event(kind: str, **fields: JsonValue) -> Event:
    return Event(name=kind, data={"type": kind, **fields})


def _error(kind: str, message: str) -> JsonValue:
    return {"type": "error", "error": {"type": kind, "message": message}}


def _usage(usage: Usage) -> dict[str, JsonValue]:
    """Here input does not include what came from the cache."""
    return {
        "input_tokens": usage.input - usage.cached,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": usage.cached,
        "output_tokens": usage.output,
    }
