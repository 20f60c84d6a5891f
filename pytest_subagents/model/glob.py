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
_MAGIC: Final = re.compile(r"[*?\[{]")
"""Before the first of these, every character is itself."""


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
    """Characters that every path which `glob` matches begins with; as many as are found at a glance."""
    text = glob.removeprefix("./")
    magic = _MAGIC.search(text)
    return text[: limits.PATH_BYTES if magic is None else min(magic.start(), limits.PATH_BYTES)]


def literal_of(glob: str) -> str | None:
    """The one text that `glob` matches, where it has no wildcard."""
    pieces = pieces_of(glob)
    texts = [piece.literal for piece in pieces if not isinstance(piece, str) and piece.literal]
    return "".join(texts) if len(texts) == len(pieces) else None


def glob_of(path: str) -> str:
    """The glob that matches `path` and no other path: a sign that means something in a glob stands in brackets."""
    return _MAGIC.sub(r"[\g<0>]", path)


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
    try:
        piece = f"(?!/)[{'^' if negated else ''}{_escaped(inner)}]"
        re.compile(piece)
    except re.error:
        return map(_literal, text[index - 1 : end + 1]), end + 1
    return (Char(piece),), end + 1


def _escaped(inner: str) -> str:
    """The inside of a class, in which `a-z` is a range and nothing else means anything to `re`, or will one day."""
    return re.sub(r"(?s)(.)-(.)|(.)", _range_or_char, inner)


def _range_or_char(match: re.Match[str]) -> str:
    first, last, char = (re.sub(r"[\\\[\]&~|^-]", r"\\\g<0>", group or "") for group in match.groups())
    return char or f"{first}-{last}"
