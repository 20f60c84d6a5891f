"""What `opencode export SESSION` prints, as the events that `opencode run --format json` would have printed.

Seen with 1.18.33: the parts of the assistant's messages are the parts of the events, byte for byte but for blanks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

_EVENTS: Final = {
    "step-start": "step_start",
    "text": "text",
    "reasoning": "reasoning",
    "tool": "tool_use",
    "step-finish": "step_finish",
}
"""The event that prints each kind of part; other kinds are not printed."""
_ENDED: Final = ("completed", "error")
"""A tool is printed when it has ended."""


class _Time(msgspec.Struct):
    created: int = 0
    completed: int | None = None


class _Info(msgspec.Struct):
    role: str
    time: _Time = msgspec.field(default_factory=_Time)
    error: msgspec.Raw = msgspec.Raw(b"null")


class _Message(msgspec.Struct):
    info: _Info
    parts: list[msgspec.Raw]


class _Session(msgspec.Struct):
    id: str


class _Export(msgspec.Struct):
    info: _Session
    messages: list[_Message]


class _State(msgspec.Struct):
    status: str = ""


class _Part(msgspec.Struct):
    type: str
    state: _State = msgspec.field(default_factory=_State)


class _Event(msgspec.Struct, omit_defaults=True):
    type: str
    timestamp: int
    sessionID: str  # noqa: N815
    part: msgspec.Raw | None = None
    error: msgspec.Raw | None = None


def events_of(data: bytes) -> bytes | None:
    """The lines of events in an export; None where `data` is none."""
    try:
        return b"".join(_lines(msgspec.json.decode(data, type=_Export)))
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None


def _lines(export: _Export) -> Iterator[bytes]:
    for message in export.messages:
        if message.info.role != "assistant":
            continue
        time = message.info.time.completed or message.info.time.created
        for raw in message.parts:
            part = msgspec.json.decode(raw, type=_Part)
            kind = _EVENTS.get(part.type)
            if kind is not None and (part.type != "tool" or part.state.status in _ENDED):
                yield _line(_Event(type=kind, timestamp=time, sessionID=export.info.id, part=_compact(raw)))
        if bytes(message.info.error) != b"null":
            error = _compact(message.info.error)
            yield _line(_Event(type="error", timestamp=time, sessionID=export.info.id, error=error))


def _line(event: _Event) -> bytes:
    return msgspec.json.encode(event) + b"\n"


def _compact(raw: msgspec.Raw) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.format(bytes(raw), indent=-1))
