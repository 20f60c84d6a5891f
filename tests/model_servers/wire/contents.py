"""The Gemini API as Gemini CLI speaks it: `streamGenerateContent`, unnamed events, each a part of the answer.

Seen with 0.61.0: it keeps the ids of calls. Beside the conversation it asks a model which model to use, and whether it
goes in circles; those requests ask for JSON of a schema, and no other does.
"""

from __future__ import annotations

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
from model_servers.wire.smallest import smallest
from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.spec import Tool as Ability


class _Response(msgspec.Struct, frozen=True, rename="camel"):
    id: str = ""
    response: dict[str, JsonValue] = {}


class _Part(msgspec.Struct, frozen=True, rename="camel"):
    text: str = ""
    function_response: _Response | None = None


class _Content(msgspec.Struct, frozen=True):
    role: str = ""
    parts: tuple[_Part, ...] = ()


class _Function(msgspec.Struct, frozen=True):
    name: str


class _Tools(msgspec.Struct, frozen=True, rename="camel"):
    function_declarations: tuple[_Function, ...] = ()


class _Configuration(msgspec.Struct, frozen=True, rename="camel"):
    response_schema: JsonValue = None
    response_json_schema: JsonValue = None


class _Body(msgspec.Struct, frozen=True, rename="camel"):
    contents: tuple[_Content, ...]
    system_instruction: _Content = _Content()
    tools: tuple[_Tools, ...] = ()
    generation_config: _Configuration = _Configuration()


_DECODER: Final = msgspec.json.Decoder(_Body)
_FOLDER: Final = re.compile(r"Workspace Directories:\*\*\s+- (.+)")
_CAN: Final[Mapping[str, frozenset[Ability]]] = MappingProxyType(
    {
        "read_file": frozenset({"read"}),
        "read_many_files": frozenset({"read"}),
        "list_directory": frozenset({"search"}),
        "glob": frozenset({"search"}),
        "grep_search": frozenset({"search"}),
        "write_file": frozenset({"edit"}),
        "replace": frozenset({"edit"}),
        "run_shell_command": frozenset({"shell"}),
        "google_web_search": frozenset({"web"}),
        "web_fetch": frozenset({"web"}),
        "invoke_agent": frozenset({"subagents"}),
    }
)
_FINISHES: Final = {"end": "STOP", "length": "MAX_TOKENS", "refusal": "SAFETY"}
_STATES: Final = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
}


class ContentsWire:
    """Gemini CLI."""

    def understand(self, request: Request) -> Seen | Side:
        model, _, verb = request.path.rpartition("/")[2].partition(":")
        if verb == "countTokens":
            return Side(kind="tokens", model=model, reply=Reply(whole={"totalTokens": len(request.body) // 4}))
        if verb not in ("generateContent", "streamGenerateContent"):
            raise UnreadableError(f"nothing is known of {request.method} {request.path}")
        body = _DECODER.decode(request.body)
        schema = body.generation_config.response_schema or body.generation_config.response_json_schema
        if schema is not None:
            parts: list[JsonValue] = [{"text": compact(smallest(schema))}]
            chunk = _chunk(parts, model, Usage(), "STOP")
            reply = Reply(whole=chunk, events=(Event(data=chunk),))
            return Side(kind="routing", model=model, reply=reply, streamed=verb == "streamGenerateContent")
        users = [content for content in body.contents if content.role == "user"]
        prompt = "\n".join(_text(content) for content in users)
        results = tuple(_results(users))
        offered = tuple(function.name for tools in body.tools for function in tools.function_declarations)
        folder = _FOLDER.search(prompt)
        return Seen(
            model=model,
            prompt=prompt,
            system=_text(body.system_instruction),
            offered=offered,
            tools=abilities(offered, _CAN),
            results=results,
            authorised="x-goog-api-key" in request.headers,
            turn=turns_done(result.call for result in results),
            folder=folder[1].strip() if folder else "",
            streamed=verb == "streamGenerateContent",
        )

    def reply(self, turn: Turn, seen: Seen) -> Reply:
        finish = _FINISHES[turn.stop]
        parts = [part for place, action in enumerate(turn.actions) for part in _parts(action, seen, place)]
        events = [_chunk([part], seen.model, turn.usage, None) for part in parts[:-1]]
        events.append(_chunk(parts[-1:], seen.model, turn.usage, finish))
        whole = _chunk(parts, seen.model, turn.usage, finish)
        return Reply(events=[Event(data=chunk) for chunk in events], whole=whole)

    def error(self, fault: HttpError) -> JsonValue:
        details: list[JsonValue] = []
        if fault.retry_after is not None:
            hint = "type.googleapis.com/google.rpc.RetryInfo"
            details.append({"@type": hint, "retryDelay": f"{fault.retry_after}s"})
        return _error(fault.status, fault.message, fault.code or _STATES.get(fault.status, "INTERNAL"), details)

    def stream_error(self, message: str) -> Event:
        return Event(data=_error(500, message, "INTERNAL", []))


def _text(content: _Content) -> str:
    return "\n".join(part.text for part in content.parts if part.text)


def _results(users: list[_Content]) -> Iterator[ToolResult]:
    for content in users:
        for part in content.parts:
            if (told := part.function_response) is not None:
                words = (word if isinstance(word, str) else compact(word) for word in told.response.values())
                yield ToolResult(call=told.id, text="\n".join(words), failed="error" in told.response)


def _parts(action: Say | Think | Answer | Use, seen: Seen, place: int) -> Iterator[JsonValue]:
    match action:
        case Say(text=text) | Answer(text=text):
            for piece in pieces(text):
                yield {"text": piece}
        case Think(text=text):
            for piece in pieces(text):
                yield {"text": piece, "thought": True}
        case Use(tool=tool):
            name, arguments = _native_call(tool)
            yield {"functionCall": {"id": call_id(seen.turn, place), "name": name, "args": arguments}}


def _native_call(tool: Tool) -> tuple[str, JsonValue]:
    match tool:
        case ReadFile(path=path):
            return "read_file", {"file_path": path}
        case ListFolder(path=path):
            return "list_directory", {"dir_path": path}
        case WriteFile(path=path, content=content):
            return "write_file", {"file_path": path, "content": content}
        case EditFile(path=path, old=old, new=new):
            why = "Change the text as asked"
            return "replace", {"file_path": path, "old_string": old, "new_string": new, "instruction": why}
        case Shell(command=command):
            return "run_shell_command", {"command": command, "description": "Run a command"}
        case UnknownTool(name=name):
            return name, {}


def _chunk(parts: list[JsonValue], model: str, usage: Usage, finish: str | None) -> JsonValue:
    candidate: dict[str, JsonValue] = {"content": {"role": "model", "parts": parts}, "index": 0}
    if finish is not None:
        candidate["finishReason"] = finish
    return {"candidates": [candidate], "usageMetadata": _usage(usage), "modelVersion": model}


def _error(status: int, message: str, state: str, details: list[JsonValue]) -> JsonValue:
    return {"error": {"code": status, "message": message, "status": state, "details": details}}


def _usage(usage: Usage) -> JsonValue:
    """Here thinking is counted beside the other output."""
    return {
        "promptTokenCount": usage.input,
        "cachedContentTokenCount": usage.cached,
        "candidatesTokenCount": usage.output - usage.thinking,
        "thoughtsTokenCount": usage.thinking,
        "totalTokenCount": usage.input + usage.output,
    }
