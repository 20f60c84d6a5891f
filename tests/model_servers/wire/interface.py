"""What a wire does: it reads one vendor's requests into neutral values, and writes neutral turns in its protocol.

It keeps no state and does no I/O: the server has both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from model_servers.faults import HttpError
from model_servers.reply import Event, Reply
from model_servers.script import Turn
from model_servers.seen import Seen, Side
from pytest_subagents.model.json_value import JsonValue


class UnreadableError(Exception):
    """A request that is none of the protocol's; says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request."""

    method: str
    path: str
    """Without its query."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """By names in lower case."""
    body: bytes = b""


class Wire(Protocol):
    """One vendor's protocol, with the tools of that vendor's program."""

    def understand(self, request: Request) -> Seen | Side:
        """Raises `UnreadableError`, or msgspec's own for a body that has not the shape it should have."""
        ...

    def reply(self, turn: Turn, seen: Seen) -> Reply:
        """The events of `turn`, as the answer to `seen`."""
        ...

    def error(self, fault: HttpError) -> JsonValue:
        """The body of an HTTP error."""
        ...

    def stream_error(self, message: str) -> Event:
        """The event by which the vendor tells of an error in a stream that had begun."""
        ...
