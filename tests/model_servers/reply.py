"""What a server sends back when nothing goes wrong: a stream of events, or the same as one document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pytest_subagents.model.json_value import JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One server-sent event."""

    data: JsonValue = None
    """Sent as JSON."""
    name: str | None = None
    text: str | None = None
    """Sent in place of `data`, for what is no JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """In the words of one protocol."""

    whole: JsonValue
    """For a request that wants no stream."""
    events: Sequence[Event] = ()
