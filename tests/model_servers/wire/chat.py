"""Chat completions as OpenCode speaks them through an OpenAI-compatible provider: unnamed events, `[DONE]` at the end.

Seen with 1.18.33: for a title it asks the small model, without tools and with instructions for a title generator.
"""

from __future__ import annotations

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


class _Part(msgspec.Struct, frozen=True):
    text: str = ""


class _Message(msgspec.Struct, frozen=True):
    role: str
    content: str | tuple[_Part, ...] | None = None
    tool_call_id: str = ""


class _Function(msgspec.Struct, frozen=True):
    name: str


class _Tool(msgspec.Struct, frozen=True):
    function: _Function


class _Schema(msgspec.Struct, frozen=True):
    schema: JsonValue = None


class _Format(msgspec.Struct, frozen=True):
    json_schema: _Schema = _Schema()


class _Body(msgspec.Struct, frozen=True):
    model: str
    messages: tuple[_Message, ...]
    tools: tuple[_Tool, ...] = ()
    response_format: _Format = _Format()
    stream: bool = False


_DECODER: Final = msgspec.json.Decoder(_Body)
_FOLDER: Final = re.compile(r"Working directory: (.+)")
_TITLE: Final = "You are a title generator"
_CAN: Final[Mapping[str, frozenset[Ability]]] = MappingProxyType(
    {
        "read": frozenset({"read"}),
        "glob": frozenset({"search"}),
        "grep": frozenset({"search"}),
        "list": frozenset({"search"}),
        "edit": frozenset({"edit"}),
        "write": frozenset({"edit"}),
        "apply_patch": frozenset({"edit"}),
        "bash": frozenset({"shell"}),
        "webfetch": frozenset({"web"}),
        "websearch": frozenset({"web"}),
        "task": frozenset({"subagents"}),
    }
)
_FAILED: Final = ("File not found:", "Error:", "The arguments provided to the tool are invalid", "The user rejected")
"""How the result of a failed tool begins: the protocol has no place to say so."""
_FINISHES: Final = {"length": "length", "refusal": "content_filter"}
_KINDS: Final = {400: "invalid_request_error", 401: "authentication_error", 429: "rate_limit_error"}


class ChatWire:
    """OpenCode."""

    def understand(self, request: Request) -> Seen | Side:
        if request.method == "GET" and request.path.endswith("/models"):
            return Side(kind="models", reply=Reply(whole={"object": "list", "data": []}))
        if request.method != "POST" or not request.path.endswith("/chat/completions"):
            raise UnreadableError(f"nothing is known of {request.method} {request.path}")
        body = _DECODER.decode(request.body)
        system = "\n".join(_text(message) for message in body.messages if message.role in ("system", "developer"))
        offered = tuple(tool.function.name for tool in body.tools)
        results = tuple(_result(message) for message in body.messages if message.role == "tool")
        folder = _FOLDER.search(system)
        seen = Seen(
            model=body.model,
            prompt="\n".join(_text(message) for message in body.messages if message.role == "user"),
            system=system,
            offered=offered,
            tools=abilities(offered, _CAN),
            schema=body.response_format.json_schema.schema,
            results=results,
            authorised="authorization" in request.headers,
            turn=turns_done(result.call for result in results),
            folder=folder[1].strip() if folder else "",
            streamed=body.stream,
        )
        if not offered and system.startswith(_TITLE):
            title = self.reply(Turn(actions=(Say(text="A scripted title"),)), seen)
            return Side(kind="title", model=body.model, reply=title, streamed=body.stream)
        return seen

    def reply(self, turn: Turn, seen: Seen) -> Reply:
        head: dict[str, JsonValue] = {"id": f"chatcmpl-t{seen.turn}", "created": 0, "model": seen.model}
        texts = [action.text for action in turn.actions if isinstance(action, Say | Answer)]
        thoughts = [action.text for action in turn.actions if isinstance(action, Think)]
        calls = [_call(action, seen, place) for place, action in enumerate(turn.actions) if isinstance(action, Use)]
        finish = _FINISHES.get(turn.stop, "tool_calls" if calls else "stop")
        usage = _usage(turn.usage)
        deltas: list[dict[str, JsonValue]] = [{"role": "assistant", "content": ""}]
        deltas += [{"reasoning_content": piece} for thought in thoughts for piece in pieces(thought)]
        deltas += [{"content": piece} for text in texts for piece in pieces(text)]
        deltas += [delta for index, call in enumerate(calls) for delta in _call_deltas(index, call)]
        chunks = [_chunk(head, delta, None) for delta in deltas]
        chunks += [_chunk(head, {}, finish), {**head, "object": _CHUNK, "choices": [], "usage": usage}]
        message: dict[str, JsonValue] = {"role": "assistant", "content": "".join(texts), "tool_calls": [*calls]}
        choice: JsonValue = {"index": 0, "message": message, "finish_reason": finish}
        return Reply(
            events=[*(Event(data=chunk) for chunk in chunks), Event(data=None, text="[DONE]")],
            whole={**head, "object": "chat.completion", "choices": [choice], "usage": usage},
        )

    def error(self, fault: HttpError) -> JsonValue:
        return _error(fault.message, fault.code or _KINDS.get(fault.status, "server_error"))

    def stream_error(self, message: str) -> Event:
        return Event(data=_error(message, "server_error"))


_CHUNK: Final = "chat.completion.chunk"


def _text(message: _Message) -> str:
    content = message.content
    return content if isinstance(content, str) else "\n".join(part.text for part in content or ())


def _result(message: _Message) -> ToolResult:
    text = _text(message)
    return ToolResult(call=message.tool_call_id, text=text, failed=text.startswith(_FAILED))


def _call(use: Use, seen: Seen, place: int) -> dict[str, JsonValue]:
    name, arguments = _native_call(use.tool, seen.folder)
    function: JsonValue = {"name": name, "arguments": compact(arguments)}
    return {"id": call_id(seen.turn, place), "type": "function", "function": function}


def _native_call(tool: Tool, folder: str) -> tuple[str, JsonValue]:
    match tool:
        case ReadFile(path=path):
            return "read", {"filePath": posixpath.join(folder, path)}
        case ListFolder(path=path):
            return "glob", {"pattern": "*", "path": posixpath.join(folder, path)}
        case WriteFile(path=path, content=content):
            return "write", {"filePath": posixpath.join(folder, path), "content": content}
        case EditFile(path=path, old=old, new=new):
            return "edit", {"filePath": posixpath.join(folder, path), "oldString": old, "newString": new}
        case Shell(command=command):
            return "bash", {"command": command, "description": "Run a command"}
        case UnknownTool(name=name):
            return name, {}


def _call_deltas(index: int, call: dict[str, JsonValue]) -> Iterator[dict[str, JsonValue]]:
    match call:
        case {"function": {"name": name, "arguments": str(arguments)}}:
            yield {"tool_calls": [{**call, "index": index, "function": {"name": name, "arguments": ""}}]}
            for piece in pieces(arguments):
                yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}


def _chunk(head: dict[str, JsonValue], delta: dict[str, JsonValue], finish: str | None) -> dict[str, JsonValue]:
    return {**head, "object": _CHUNK, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def _error(message: str, kind: str) -> JsonValue:
    return {"error": {"message": message, "type": kind, "param": None, "code": kind}}


def _usage(usage: Usage) -> JsonValue:
    return {
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.input + usage.output,
        "prompt_tokens_details": {"cached_tokens": usage.cached},
        "completion_tokens_details": {"reasoning_tokens": usage.thinking},
    }
