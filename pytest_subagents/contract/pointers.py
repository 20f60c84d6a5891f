"""JSON Pointers (RFC 6901): `/findings/0/file`, with `~1` for a slash and `~0` for a tilde in a key."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, TypeAlias

from pytest_subagents.model.json_value import JsonValue

Part: TypeAlias = str | int
"""A key of an object or an index of an array."""

_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,9}", re.ASCII)
_BAD_ESCAPE: Final = re.compile(r"~(?![01])")


class PointerError(ValueError):
    """The text is no JSON Pointer; its message says why."""


class _Missing:
    """There is nothing at a pointer; a class of its own because `None` is a JSON value."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()


def parse_pointer(text: str) -> tuple[str, ...]:
    """The parts of a pointer, unescaped; `PointerError` where it is none."""
    if not text:
        return ()
    if not text.startswith("/"):
        raise PointerError("a JSON Pointer starts with '/'")
    if _BAD_ESCAPE.search(text):
        raise PointerError("'~' stands in a JSON Pointer only as '~0' (a tilde) or '~1' (a slash)")
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in text[1:].split("/"))


def format_pointer(parts: Iterable[Part]) -> str:
    """The pointer with these parts; the empty text is the whole value."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)


def index_of(part: str) -> int | None:
    """`part` as an index of an array; None for what is no index (`01`, `-`)."""
    return int(part) if _INDEX.fullmatch(part) else None


def look_up(value: JsonValue, parts: tuple[str, ...]) -> JsonValue | _Missing:
    """What is at a pointer, or `MISSING`."""
    for part in parts:
        if type(value) is dict:
            if part not in value:
                return MISSING
            value = value[part]
        elif type(value) is list:
            index = index_of(part)
            if index is None or index >= len(value):
                return MISSING
            value = value[index]
        else:
            return MISSING
    return value
