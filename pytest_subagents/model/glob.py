"""Globs over paths with `/`: what `*`, `**`, `?`, `[...]` and `{a,b}` match."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from pytest_subagents.model import limits


@dataclass(frozen=True, slots=True)
class Char:
    """One character of a certain kind."""

    pattern: str
    """A regular expression for it."""
    literal: str = ""
    """The one character that it is; empty for a kind of several."""


Piece: TypeAlias = Char | Literal["many", "folders", "rest", "open", "or", "close"]
"""A part of a glob: a character, or `many` of one segment, `folders` (none or some, each with its `/`), the `rest` of
a path (not empty), and the braces with what stands between them."""

_PATTERNS: Final[dict[str, str]] = {
    "many": r"[^/]*",
    "folders": r"(?:[^/]+/)*",
    "rest": r".+",
    "open": "(?:",
    "or": "|",
    "close": ")",
}
_ONE: Final = Char(r"[^/]")
_WILD: Final = frozenset("*?[")


@lru_cache(maxsize=4096)
def pattern_of(glob: str) -> re.Pattern[str]:
    """The regular expression that matches a whole path.

    `*` and `?` stay within one segment, `**` as a whole segment matches any number of segments, none included,
    and a trailing `/` means everything below. A leading `./` is nothing. Matching is by case.
    """
    translated = (_PATTERNS[piece] if isinstance(piece, str) else piece.pattern for piece in pieces_of(glob))
    return re.compile(f"(?s:{''.join(translated)})\\Z")


def matches(path: str, globs: Iterable[str]) -> bool:
    """Whether any of `globs` matches `path`, which is relative and has `/` between its segments."""
    return any(pattern_of(glob).match(path) for glob in globs)


def with_folders(globs: Iterable[str]) -> Iterator[str]:
    """`globs` as a scope means them: one that may name a folder means everything below it too.

    That is one without a wildcard in its last segment: `src` is also `src/**`, while `src/*` stays what it is.
    """
    for glob in globs:
        yield glob
        if glob and not glob.endswith("/") and not _WILD & set(glob.rpartition("/")[2]):
            yield f"{glob}/**"


def literal_start(glob: str) -> str:
    """The characters that every path which `glob` matches begins with."""
    start: list[str] = []
    for piece in pieces_of(glob):
        if isinstance(piece, str) or not piece.literal:
            break
        start.append(piece.literal)
    return "".join(start)


def pieces_of(glob: str) -> tuple[Piece, ...]:
    """The parts that `glob` is read as, its braces in pairs; of what is longer than a path, the start."""
    text = glob.removeprefix("./")
    if text.endswith("/"):
        text += "**"
    return tuple(_pieces(text[: limits.PATH_BYTES]))


def _pieces(text: str) -> Iterator[Piece]:
    index = 0
    depth = 0
    while index < len(text):
        char = text[index]
        index += 1
        if char == "*" and text.startswith("*", index):
            at_start = index == 1 or text[index - 2] == "/"
            after = text[index + 1 : index + 2]
            if at_start and after == "/":
                yield "folders"
                index += 2
            elif at_start and not after:
                yield "rest"
                index += 1
            else:
                yield "many"
                index += 1
        elif char == "*":
            yield "many"
        elif char == "?":
            yield _ONE
        elif char == "[":
            found, index = _character_class(text, index)
            yield from found
        elif char == "{" and "}" in text[index:]:
            depth += 1
            yield "open"
        elif char == "}" and depth:
            depth -= 1
            yield "close"
        elif char == "," and depth:
            yield "or"
        else:
            yield _literal(char)
    for _ in range(depth):
        yield "close"


def _literal(char: str) -> Char:
    return Char(re.escape(char), char)


def _character_class(text: str, index: int) -> tuple[Iterable[Char], int]:
    """The class that begins at `index` (behind its bracket), and where it ends; a bracket alone is itself."""
    end = text.find("]", index + 2 if text[index : index + 1] in ("!", "^", "]") else index + 1)
    if end < 0:
        return (_literal("["),), index
    body = text[index:end]
    negated = body[:1] in ("!", "^")
    inner = body[1:] if negated else body
    escaped = re.sub(r"([\\\[\]&~|^])", r"\\\1", inner)
    try:
        piece = f"(?!/)[{'^' if negated else ''}{escaped}]"
        re.compile(piece)
    except re.error:
        return map(_literal, text[index - 1 : end + 1]), end + 1
    return (Char(piece),), end + 1
