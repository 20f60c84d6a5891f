"""JSON, strictly and with lines, which the standard library's decoder does not keep.

Strings are read by the standard library's scanner; the rest is short because JSON is. Keys that are given twice,
NaN, Infinity, numbers out of range, lone surrogates and deep nesting are refused.
"""

from __future__ import annotations

import json.decoder
import re
from collections.abc import Callable
from typing import Final

from pytest_subagents.errors import BadFile
from pytest_subagents.model import limits
from pytest_subagents.specify.document import bad_number, given_twice, refuse_surrogates, too_deep, too_large
from pytest_subagents.specify.place import quoted
from pytest_subagents.specify.plain_scalar import finite, whole
from pytest_subagents.specify.tree import Entry, Items, Leaf, Located, Scalar, Table

_SPACE: Final = re.compile(r"[ \t\n\r]*")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?P<real>(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)")
_WORD: Final = re.compile(r"[A-Za-z]+")
_WORDS: Final[dict[str, Scalar]] = {"true": True, "false": False, "null": None}
_STRING: Final[Callable[[str, int, bool], tuple[str, int]]] = json.decoder.scanstring  # type: ignore[attr-defined]


def tree_of(text: str, shown: str) -> Located:
    """The tree of one JSON value; nothing at all reads as an empty leaf. Raises `BadFile`."""
    reader = _Reader(text, shown)
    reader.skip_space()
    if reader.at_end():
        return Leaf(None, 1)
    node = reader.value(depth=0)
    reader.skip_space()
    if not reader.at_end():
        raise reader.fault("something follows the value")
    return node


class _Reader:
    """A place in the text; the line is counted on the way."""

    def __init__(self, text: str, shown: str) -> None:
        self._text = text
        self._shown = shown
        self._at = 0
        self._line = 1
        self._values = 0

    def at_end(self) -> bool:
        return self._at >= len(self._text)

    def fault(self, what: str) -> BadFile:
        return BadFile(f"{self._shown}:{self._line}", f"is not JSON: {what}")

    def skip_space(self) -> None:
        found = _SPACE.match(self._text, self._at)
        if found is not None and found.end() > self._at:
            self._line += self._text.count("\n", self._at, found.end())
            self._at = found.end()

    def value(self, depth: int) -> Located:
        """The value that begins here; `depth` is how many lists and maps it stands in."""
        self._values += 1
        if self._values > limits.WORKFLOW_NODES:
            raise too_large(self._line, self._shown)
        char = self._text[self._at : self._at + 1]
        if char in ("{", "["):
            if depth >= limits.WORKFLOW_DEPTH:
                raise too_deep(self._line, self._shown)
            return self._table(depth) if char == "{" else self._items(depth)
        line = self._line
        return Leaf(self._string(), line) if char == '"' else self._plain()

    def _table(self, depth: int) -> Table:
        start = self._line
        entries: list[Entry] = []
        seen: dict[str, int] = {}
        while self._more("{", "}", first=not entries):
            line = self._line
            if self._text[self._at : self._at + 1] != '"':
                raise self.fault("a key in double quotes is missing")
            key = self._string()
            if key in seen:
                raise given_twice(key, seen[key], line, self._shown)
            seen[key] = line
            self.skip_space()
            self._take(":")
            self.skip_space()
            entries.append(Entry(key, line, self.value(depth + 1)))
        return Table(tuple(entries), start)

    def _items(self, depth: int) -> Items:
        start = self._line
        items: list[Located] = []
        while self._more("[", "]", first=not items):
            items.append(self.value(depth + 1))
        return Items(tuple(items), start)

    def _more(self, opener: str, closer: str, *, first: bool) -> bool:
        """Past the opener or a comma, to the next member; past the closer where there is none."""
        if first:
            self._take(opener)
            self.skip_space()
            if self._text[self._at : self._at + 1] != closer:
                return True
            self._at += 1
            return False
        self.skip_space()
        if self._text[self._at : self._at + 1] == closer:
            self._at += 1
            return False
        self._take(",")
        self.skip_space()
        return True

    def _take(self, char: str) -> None:
        if self._text[self._at : self._at + 1] != char:
            raise self.fault(f"{char!r} is missing" if not self.at_end() else f"it ends where {char!r} is missing")
        self._at += 1

    def _string(self) -> str:
        try:
            text, self._at = _STRING(self._text, self._at + 1, True)
        except json.JSONDecodeError as error:
            raise self.fault(error.msg[:1].lower() + error.msg[1:].removesuffix(" at")) from None
        refuse_surrogates(text, self._line, self._shown)
        return text

    def _plain(self) -> Leaf:
        if self.at_end():
            raise self.fault("it ends where a value is missing")
        found = _NUMBER.match(self._text, self._at)
        if found is not None:
            word = found[0]
            try:
                number = finite(float(word)) if found["real"] else whole(word)
            except ValueError as error:
                raise bad_number(word, error, self._line, self._shown) from None
            self._at = found.end()
            return Leaf(number, self._line, word)
        name = _WORD.match(self._text, self._at)
        word = name[0] if name is not None else self._text[self._at]
        if word not in _WORDS:
            raise self.fault(f"{quoted(word)} is no value")
        self._at += len(word)
        return Leaf(_WORDS[word], self._line)
