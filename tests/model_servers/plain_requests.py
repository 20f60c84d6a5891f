"""Requests as small as each protocol takes them, sent without any vendor's program: to prove the servers alone."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from model_servers.server import ModelServer
from pytest_subagents.model.json_value import JsonValue

MODEL: Final = "some-model"
PATIENCE: Final = 60
"""Seconds that a client waits for what comes at once."""

Result = tuple[str, str]
"""The id of a call, and the text that came of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def events(self) -> tuple[str, ...]:
        """The data of its server-sent events."""
        lines = self.text.split("\n")
        return tuple(line.removeprefix("data: ") for line in lines if line.startswith("data: "))

    @property
    def error(self) -> JsonValue:
        value: dict[str, JsonValue] = json.loads(self.text)
        return value["error"]


def ask(server: ModelServer, prompt: str, *, results: Sequence[Result] = (), key: bool = True) -> Received:
    """One request for a turn; raises what `http.client` does where the answer breaks off."""
    path, header, body = _FORMS[server.vendor](prompt, results)
    return send(server, path, json.dumps(body).encode(), {header: "scripted"} if key else {})


def send(server: ModelServer, path: str, body: bytes, headers: Mapping[str, str]) -> Received:
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=PATIENCE)
    try:
        connection.request("POST", path, body, {"content-type": "application/json", **headers})
        response = connection.getresponse()
        return Received(
            status=response.status,
            headers={name.lower(): value for name, value in response.getheaders()},
            text=response.read().decode(),
        )
    finally:
        connection.close()


_Form = tuple[str, str, JsonValue]
"""The path, the header that has the key, and the body."""


def _responses(prompt: str, results: Sequence[Result]) -> _Form:
    told: list[JsonValue] = [{"type": "function_call_output", "call_id": id, "output": text} for id, text in results]
    asked: JsonValue = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": prompt}]}
    body: JsonValue = {"model": MODEL, "stream": True, "input": [asked, *told], "tools": [_function("exec_command")]}
    return "/v1/responses", "Authorization", body


def _messages(prompt: str, results: Sequence[Result]) -> _Form:
    told: list[JsonValue] = [{"type": "tool_result", "tool_use_id": id, "content": text} for id, text in results]
    asked: list[JsonValue] = [{"role": "user", "content": prompt}, {"role": "user", "content": told}]
    return (
        "/v1/messages?beta=true",
        "X-Api-Key",
        {"model": MODEL, "stream": True, "messages": asked, "tools": [_function("Read")]},
    )


def _contents(prompt: str, results: Sequence[Result]) -> _Form:
    told: list[JsonValue] = [{"functionResponse": {"id": id, "response": {"output": text}}} for id, text in results]
    asked: JsonValue = [{"role": "user", "parts": [{"text": prompt}]}, {"role": "user", "parts": told}]
    body: JsonValue = {"contents": asked, "tools": [{"functionDeclarations": [_function("read_file")]}]}
    return f"/v1beta/models/{MODEL}:streamGenerateContent?alt=sse", "X-Goog-Api-Key", body


def _chat(prompt: str, results: Sequence[Result]) -> _Form:
    told: list[JsonValue] = [{"role": "tool", "tool_call_id": id, "content": text} for id, text in results]
    asked: JsonValue = {"role": "user", "content": prompt}
    body: JsonValue = {
        "model": MODEL,
        "stream": True,
        "messages": [asked, *told],
        "tools": [{"type": "function", "function": _function("read")}],
    }
    return "/v1/chat/completions", "Authorization", body


def _function(name: str) -> dict[str, JsonValue]:
    return {"type": "function", "name": name}


_FORMS: Final[Mapping[str, Callable[[str, Sequence[Result]], _Form]]] = MappingProxyType(
    {"codex": _responses, "claude": _messages, "gemini": _contents, "opencode": _chat}
)
