"""Where things are in a JSON text: a slow walk over its tokens, used only to tell a person the place of a fault."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from pytest_subagents.contract.pointers import Part, format_pointer
from pytest_subagents.model import limits
from pytest_subagents.model.value import Value

_TOKEN: Final = re.compile(
    r"""[ \t\n\r]*+(?:
        (?P<string>"[^"\\]*+(?:\\.[^"\\]*+)*+")
      | (?P<mark>[\[\]{},:])
      | (?P<number>-?[0-9][0-9.eE+-]*+)
      | (?P<word>-?[A-Za-z]++)
    )""",
    re.VERBOSE | re.ASCII,
)
_REAL: Final = re.compile(r"[.eE]")
_DIGITS_SHOWN: Final = 30
_LONE_SURROGATE: Final = "a lone surrogate in a string"


class Trouble(Value, frozen=True, kw_only=True):
    """The first thing in a text that well-formed JSON may hold and we do not take."""

    what: str
    position: int
    pointer: str
    """It can be written as UTF-8: of a key that cannot, it is the object that has it."""


class _Container:
    """An object or array that is open at the token in hand."""

    __slots__ = ("is_object", "seen", "wants_key")

    def __init__(self, is_object: bool) -> None:
        self.is_object = is_object
        self.wants_key = is_object
        self.seen: set[str] = set()


class _Token(NamedTuple):
    kind: str
    """`key`, or the kind of a value: `string`, `number`, `word`, `open`."""
    text: str
    position: int
    path: list[Part]
    """The walker's own list, which the next token changes."""
    container: _Container | None


def first_trouble(text: str) -> Trouble | None:
    """The first duplicate key, number out of range, NaN, infinity or lone surrogate of a text that `json` can read."""
    for token in _tokens(text):
        what = _trouble_with(token)
        if what is not None:
            path = token.path[:-1] if what == _LONE_SURROGATE and token.kind == "key" else token.path
            return Trouble(what=what, position=token.position, pointer=format_pointer(path))
    return None


def line_of(text: str, path: tuple[Part, ...]) -> int | None:
    """The line where the value (or its key) at `path` starts; None where the text has none."""
    wanted = list(path)
    for token in _tokens(text):
        if token.path == wanted:
            return line_and_column(text, token.position)[0]
    return None


def line_and_column(text: str, position: int) -> tuple[int, int]:
    """Both counted from 1; lines end with a line feed only."""
    return text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)


def _trouble_with(token: _Token) -> str | None:
    match token.kind:
        case "key" | "string":
            return _trouble_with_string(token)
        case "number":
            return _trouble_with_number(token.text)
        case "word" if token.text not in ("true", "false", "null"):
            return f"{token.text}, which is no JSON number,"
    return None


def _trouble_with_string(token: _Token) -> str | None:
    decoded = _decoded(token.text)
    if any("\ud800" <= char <= "\udfff" for char in decoded):
        return _LONE_SURROGATE
    if token.kind == "key" and token.container is not None:
        if decoded in token.container.seen:
            return f"the duplicate key {_short(decoded)}"
        token.container.seen.add(decoded)
    return None


def _trouble_with_number(text: str) -> str | None:
    if _REAL.search(text):
        return f"the number {_cut(text)}, beyond every double," if math.isinf(float(text)) else None
    if len(text) > len(str(limits.INTEGER_MAX)) + 1 or abs(int(text)) > limits.INTEGER_MAX:
        digits = len(text.lstrip("-"))
        return f"the number {_cut(text)} of {digits:,} digits, beyond ±{limits.INTEGER_MAX},"
    return None


def _cut(text: str) -> str:
    return text if len(text) <= _DIGITS_SHOWN else f"{text[:_DIGITS_SHOWN]}…"


def _short(text: str) -> str:
    return repr(text) if len(text) <= limits.VALUE_CHARS else f"{text[: limits.VALUE_CHARS]!r}…"


def _tokens(text: str) -> Iterator[_Token]:
    """Keys and values with their paths, until the text ends or stops being JSON."""
    containers: list[_Container] = []
    path: list[Part] = []
    position = 0
    while (match := _TOKEN.match(text, position)) is not None:
        position = match.end()
        kind = str(match.lastgroup)
        token, start = match.group(kind), match.start(kind)
        inner = containers[-1] if containers else None
        if kind == "mark":
            if token in "[{":
                yield _Token("open", token, start, path, inner)
                containers.append(_Container(token == "{"))
                path.append("" if token == "{" else 0)
            elif token in "]}":
                if inner is None:
                    return
                containers.pop()
                path.pop()
            elif token == "," and inner is not None:
                _step(path, inner)
        elif kind == "string" and inner is not None and inner.wants_key:
            inner.wants_key = False
            path[-1] = _decoded(token)
            yield _Token("key", token, start, path, inner)
        else:
            yield _Token(kind, token, start, path, inner)


def _step(path: list[Part], container: _Container) -> None:
    container.wants_key = container.is_object
    last = path[-1]
    if isinstance(last, int):
        path[-1] = last + 1


def _decoded(token: str) -> str:
    try:
        return str(json.loads(token))
    except ValueError:  # a control character or a broken escape: the decoder tells of it, here it is only a name
        return token
