"""Values as they stand in messages: on one line, in the words of JSON, and cut."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import islice
from typing import Final

from pytest_subagents.model import limits
from pytest_subagents.model.json_value import JsonValue

_LISTED: Final = 10
"""Names listed before the rest is counted."""


def shown(value: JsonValue) -> str:
    """A value short enough for a message: text quoted, containers by what they hold, never their whole text."""
    match value:
        case str() if len(value) <= limits.VALUE_CHARS:
            return repr(value)
        case str():
            return f"{value[: limits.VALUE_CHARS]!r}… ({len(value):,} characters)"
        case list():
            return f"an array of {len(value):,}" if value else "an empty array"
        case dict():
            return f"an object with {listed(sorted(value))}" if value else "an empty object"
        case _:
            return json.dumps(value)


def kind_of(value: JsonValue) -> str:
    """What a value is in JSON's words, for a value that may not be shown."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case str():
            return "a string"
        case list():
            return "an array"
        case dict():
            return "an object"
        case _:
            return "a number"


def listed(values: Iterable[JsonValue], of: int = _LISTED) -> str:
    """`'a', 'b', … (12 more)`."""
    found = iter(values)
    first = [shown(value) for value in islice(found, of)]
    more = sum(1 for _ in found)
    return ", ".join(first) + (f", … ({more:,} more)" if more else "")


def number_of(count: int, thing: str) -> str:
    """`1 item`, `2 items`."""
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def cut(text: str, chars: int = limits.MESSAGE_CHARS) -> str:
    return text if len(text) <= chars else text[: chars - 1] + "…"
