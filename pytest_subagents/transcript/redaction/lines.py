"""One line of a stream without its secrets: JSON stays JSON, and what is no secret stays byte for byte."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import msgspec

from pytest_subagents.model import limits
from pytest_subagents.transcript.redaction.cutting import Cut, Seeker, divided, without

_TOKEN: Final = re.compile(
    r'"(?P<text>(?:[^"\\]++|\\.)*+)"(?P<key>\s*:)?|(?P<number>-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)', re.DOTALL
)
_BEGINNINGS: Final = ("{", "[", '"', *"-0123456789")
_UNREADABLE: Final = (ValueError, RecursionError)


@dataclass(frozen=True, slots=True)
class _Token:
    """A string of a JSON line, without its quotes, or a number."""

    start: int
    text: str
    is_number: bool
    is_key: bool


def found_in_line(line: str, seeker: Seeker) -> list[tuple[int, int, Cut]]:
    """What is secret in a line, as parts of it in their order, each with the cut that it comes of."""
    seeker = seeker.narrowed(line.encode("utf-8", "surrogatepass"))
    if not is_json(line):
        return [(cut.start, cut.end, cut) for cut in seeker.cuts(line, escaped=False)]
    tokens = [_token(match) for match in _TOKEN.finditer(line)]
    return [*_alone(tokens, seeker)] or [*_across(tokens, seeker)]


def clean_line(line: str, seeker: Seeker) -> str:
    """`line`, with or without its end, without what is secret in it. What is clean stays as it is."""
    while found := found_in_line(line, seeker):
        line = spliced(line, found)
    return line


def spliced(line: str, found: list[tuple[int, int, Cut]]) -> str:
    """`line` with what stands instead of each part of it."""
    return without(line, [Cut(start, end, cut.what, cut.put) for start, end, cut in found])


def is_json(line: str) -> bool:
    """Whether a line is a JSON value, also one with NaN or bytes that are no UTF-8."""
    text = line.strip("\ufeff \t\r\n")
    if not text.startswith(_BEGINNINGS):
        return False
    try:
        msgspec.json.decode(text)
    except (*_UNREADABLE, msgspec.DecodeError):
        try:
            json.loads(text)
        except _UNREADABLE:
            return False
    return True


def _token(match: re.Match[str]) -> _Token:
    if (number := match["number"]) is not None:
        return _Token(match.start(), number, is_number=True, is_key=False)
    return _Token(match.start("text"), match["text"], is_number=False, is_key=match["key"] is not None)


def _alone(tokens: list[_Token], seeker: Seeker) -> Iterator[tuple[int, int, Cut]]:
    """Secrets in one string, which its key may be part of: `"api_key": "..."`."""
    key: _Token | None = None
    for token in tokens:
        if token.is_key:
            if key is not None:
                yield from _in(key, [key], seeker)
            key = token
        elif token.is_number:
            if key is not None:
                yield from _in(key, [key], seeker)
            yield from _in(token, [token], seeker)
            key = None
        else:
            yield from _in(token, [token] if key is None else [key, token], seeker)
            key = None
    if key is not None:
        yield from _in(key, [key], seeker)


def _in(token: _Token, unit: list[_Token], seeker: Seeker) -> Iterator[tuple[int, int, Cut]]:
    text = ":".join(part.text for part in unit)
    if len(text) < limits.SECRET_CHARS and not seeker.has_patterns:
        return
    if not seeker.may_be_in(text.encode("utf-8", "surrogatepass")):
        return
    pieces = [unit[0].text] if len(unit) == 1 else [unit[0].text, ":", unit[1].text]
    owners = [unit[0]] if len(unit) == 1 else [unit[0], None, unit[1]]
    yield from _placed(seeker.cuts(text, escaped=not token.is_number), pieces, owners)


def _across(tokens: list[_Token], seeker: Seeker) -> Iterator[tuple[int, int, Cut]]:
    """Known values over several strings or numbers: `["s", "e", ...]`, `[115, 101, ...]`."""
    pieces = [token.text for token in tokens]
    text = "".join(pieces)
    if seeker.knows(text.encode("utf-8", "surrogatepass")):
        yield from _placed(seeker.cuts(text, escaped=True, joined=True), pieces, list(tokens))


def _placed(
    cuts: list[Cut], pieces: list[str], owners: list[_Token | None] | list[_Token]
) -> Iterator[tuple[int, int, Cut]]:
    for owner, found in zip(owners, divided(cuts, pieces), strict=True):
        if owner is None or not found:
            continue
        if owner.is_number:
            yield owner.start, owner.start + len(owner.text), Cut(0, 0, found[0].what, "0")
            continue
        for cut in found:
            yield owner.start + cut.start, owner.start + cut.end, cut
