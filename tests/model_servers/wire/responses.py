"""The Responses API as Codex speaks it (`wire_api = "responses"`): server-sent events, one kind an event name.

The shapes are those that Codex 0.169.0 was seen to send and to take; `response.completed` with an id and usage ends a
turn, and a message, reasoning or call counts when its `response.output_item.done` comes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from model_servers.faults import HttpError
from model_servers.reply import Event, Reply
from model_servers.script import Answer, Say, Think, Turn, Usage, Use
from model_servers.seen import Seen, Side, ToolResult
from model_servers.wire.call_ids import call_id, turns_done
from model_servers.wire.codex_tools import CAN, FreeCall, FunctionCall, native_call
from model_servers.wire.interface import Request, UnreadableError
from model_servers.wire.pieces import abilities, compact, pieces
from pytest_subagents.model.json_value import JsonValue


class _Part(msgspec.Struct, frozen=True):
    text: str = ""


class _Tool(msgspec.Struct, frozen=True):
    type: str = ""
    name: str | None = None
    tools: tuple[_Tool, ...] = ()


class _Item(msgspec.Struct, frozen=True):
    type: str = "message"
    role: str = ""
    content: str | tuple[_Part, ...] | None = None
    call_id: str = ""
    output: str | tuple[_Part, ...] | None = None
    tools: tuple[_Tool, ...] = ()


class _Format(msgspec.Struct, frozen=True):
    schema: JsonValue = None


class _Text(msgspec.Struct, frozen=True):
    format: _Format | None = None


class _Body(msgspec.Struct, frozen=True):
    model: str
    input: tuple[_Item, ...]
    instructions: str = ""
    tools: tuple[_Tool, ...] = ()
    text: _Text | None = None
    stream: bool = False


_DECODER: Final = msgspec.json.Decoder(_Body)
_FOLDER: Final = re.compile(r"<cwd>([^<]+)</cwd>")
_EXIT_CODE: Final = re.compile(r"(?:Process exited with code|Exit code:) (-?\d+)")
_WRITES: Final = ('access="write"', "`danger-full-access`", 'type="disabled"')
_CODES: Final = {401: "invalid_api_key", 429: "rate_limit_exceeded", 500: "server_error"}
_STOPPED_EARLY: Final = {"length": "max_output_tokens", "refusal": "content_filter"}


class ResponsesWire:
    """Codex."""

    def understand(self, request: Request) -> Seen | Side:
        if request.method == "GET" and request.path.endswith("/models"):
            return Side(kind="models", reply=Reply(whole={"object": "list", "data": []}))
        if request.method != "POST" or not request.path.endswith("/responses"):
            raise UnreadableError(f"nothing is known of {request.method} {request.path}")
        body = _DECODER.decode(request.body)
        messages = [item for item in body.input if item.type == "message"]
        prompt = "\n".join(_text(item.content) for item in messages if item.role == "user")
        system = "\n".join([body.instructions, *(_text(item.content) for item in messages if item.role == "developer")])
        results = tuple(_result(item) for item in body.input if item.type.endswith("_call_output"))
        tools = [*body.tools, *(tool for item in body.input for tool in item.tools)]
        offered = tuple(_names(tools))
        can = abilities(offered, CAN)
        folder = _FOLDER.search(prompt)
        return Seen(
            model=body.model,
            prompt=prompt,
            system=system,
            offered=offered,
            tools=can - {"edit"} if _is_read_only(prompt + system) else can,
            schema=body.text.format.schema if body.text and body.text.format else None,
            results=results,
            authorised="authorization" in request.headers,
            turn=turns_done(result.call for result in results),
            folder=folder[1] if folder else "",
            streamed=body.stream,
        )

    def reply(self, turn: Turn, seen: Seen) -> Reply:
        head: dict[str, JsonValue] = {
            "id": f"resp_t{seen.turn}",
            "object": "response",
            "created_at": 0,
            "model": seen.model,
        }
        items = [_item(action, seen, place) for place, action in enumerate(turn.actions)]
        end: dict[str, JsonValue] = {"status": "completed"}
        if turn.stop != "end":
            end = {"status": "incomplete", "incomplete_details": {"reason": _STOPPED_EARLY[turn.stop]}}
        whole: dict[str, JsonValue] = {**head, **end, "output": [*items], "usage": _usage(turn.usage)}
        events = [_event("response.created", response={**head, "status": "in_progress", "output": []})]
        for place, item in enumerate(items):
            events += _streamed(place, item)
        return Reply(events=[*events, _event(f"response.{end['status']}", response=whole)], whole=whole)

    def error(self, fault: HttpError) -> JsonValue:
        code = fault.code or _CODES.get(fault.status, "invalid_request_error")
        return {"error": {"message": fault.message, "type": code, "param": None, "code": code}}

    def stream_error(self, message: str) -> Event:
        error: JsonValue = {"code": "server_error", "message": message}
        return _event("response.failed", response={"id": "resp_failed", "status": "failed", "error": error})


def _text(content: str | tuple[_Part, ...] | None) -> str:
    return content if isinstance(content, str) else "\n".join(part.text for part in content or ())


def _names(tools: list[_Tool]) -> Iterator[str]:
    """The names that a model may call, those inside a namespace too; a hosted tool has only its type."""
    for tool in tools:
        if tool.tools:
            yield from _names([*tool.tools])
        else:
            yield tool.name or tool.type


def _is_read_only(text: str) -> bool:
    """What Codex tells the model of its sandbox; older models read it in words, newer ones in a profile."""
    told = "<permission_profile" in text or "`sandbox_mode` is" in text
    return told and not any(word in text for word in _WRITES)


def _result(item: _Item) -> ToolResult:
    """Where Codex refuses a call, there is no exit code at all."""
    text = _text(item.output)
    code = _EXIT_CODE.search(text)
    return ToolResult(call=item.call_id, text=text, failed=code is None or code[1] != "0")


def _item(action: Say | Think | Answer | Use, seen: Seen, place: int) -> dict[str, JsonValue]:
    id = f"item_t{seen.turn}n{place}"
    match action:
        case Say(text=text) | Answer(text=text):
            content: JsonValue = [{"type": "output_text", "text": text, "annotations": []}]
            return {"type": "message", "id": id, "role": "assistant", "status": "completed", "content": content}
        case Think(text=text):
            return {"type": "reasoning", "id": id, "summary": [{"type": "summary_text", "text": text}]}
        case Use(tool=tool):
            head: dict[str, JsonValue] = {"id": id, "call_id": call_id(seen.turn, place), "status": "completed"}
            match native_call(tool, seen.offered):
                case FunctionCall(name=name, arguments=arguments):
                    return {**head, "type": "function_call", "name": name, "arguments": compact(arguments)}
                case FreeCall(name=name, input=text):
                    return {**head, "type": "custom_tool_call", "name": name, "input": text}


def _streamed(place: int, item: dict[str, JsonValue]) -> Iterator[Event]:
    at: dict[str, JsonValue] = {"output_index": place, "item_id": item["id"]}
    match item:
        case {"type": "message", "content": [{"text": str(text)}]}:
            opened = {**item, "status": "in_progress", "content": []}
            yield _event("response.output_item.added", output_index=place, item=opened)
            for piece in pieces(text):
                yield _event("response.output_text.delta", **at, content_index=0, delta=piece)
        case {"type": "reasoning", "summary": [{"text": str(text)}]}:
            yield _event("response.output_item.added", output_index=place, item={**item, "summary": []})
            part: JsonValue = {"type": "summary_text", "text": ""}
            yield _event("response.reasoning_summary_part.added", **at, summary_index=0, part=part)
            for piece in pieces(text):
                yield _event("response.reasoning_summary_text.delta", **at, summary_index=0, delta=piece)
    yield _event("response.output_item.done", output_index=place, item=item)


def _event(kind: str, **fields: JsonValue) -> Event:
    return Event(name=kind, data={"type": kind, **fields})


def _usage(usage: Usage) -> JsonValue:
    return {
        "input_tokens": usage.input,
        "input_tokens_details": {"cached_tokens": usage.cached},
        "output_tokens": usage.output,
        "output_tokens_details": {"reasoning_tokens": usage.thinking},
        "total_tokens": usage.input + usage.output,
    }
