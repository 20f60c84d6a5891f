"""The fenced code blocks of a Markdown text, as CommonMark delimits them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pytest_subagents.model.value import Value

_MARKS: Final = re.compile(r" {0,3}(`{3,}|~{3,})")


class Block(Value, frozen=True, kw_only=True):
    language: str
    """The first word after the opening fence, in lower case; empty where there is none."""
    text: str
    first_line: int
    """The number of its first line in the whole text, counted from 1."""
    closed: bool


class _Fence(Value, frozen=True, kw_only=True):
    marks: str
    info: str

    @property
    def opens(self) -> bool:
        return not (self.marks[0] == "`" and "`" in self.info)

    def closes(self, opening: _Fence) -> bool:
        return not self.info and self.marks.startswith(opening.marks)


def blocks(text: str) -> Iterator[Block]:
    """The fenced blocks of `text` in order; the last one may be unclosed."""
    opening: _Fence | None = None
    held: list[str] = []
    start = 0
    for number, line in enumerate(text.split("\n"), start=1):
        fence = _fence(line)
        if opening is None:
            if fence is not None and fence.opens:
                opening, held, start = fence, [], number + 1
        elif fence is not None and fence.closes(opening):
            yield _block(opening, held, start, closed=True)
            opening = None
        else:
            held.append(line)
    if opening is not None:
        yield _block(opening, held, start, closed=False)


def _fence(line: str) -> _Fence | None:
    match = _MARKS.match(line)
    return None if match is None else _Fence(marks=match[1], info=line[match.end() :].strip(" \t\r"))


def _block(opening: _Fence, held: list[str], start: int, *, closed: bool) -> Block:
    words = opening.info.split(maxsplit=1)
    language = words[0].lower() if words else ""
    return Block(language=language, text="\n".join(held), first_line=start, closed=closed)
