"""A text as somebody may decode it, each character with the part of the original that it stands for.

What is found in a view is cut out of the original: whole escapes, so that JSON in JSON in JSON stays what it is.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

JSON_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_JSON_NAMES: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_LEVELS: Final = 5
"""How many JSON texts inside each other are looked into; agents were seen with three."""

ENCODED: Final = re.compile(
    r"(?:\x1b|\\+(?:u001[bB]|x1[bB]|033))\[[0-9;?]*[A-Za-z]"  # colours, as grep puts them around what it found
    r"|\\+u00([2-7][0-9a-fA-F])"
    r"|(?:\\+U000000|%[uU]00)([2-7][0-9a-fA-F])"
    r"|\\+u\{0{0,4}([2-7][0-9a-fA-F])\}"
    r"|\\+u[0-9a-fA-F]{4}"
    r"|\\+x([2-7][0-9a-fA-F])"
    r"|\\+([01][0-7][0-7])"
    r"|%([2-7][0-9a-fA-F])"
    r"|&#0*([1-9][0-9]{1,2});?"
    r"|&#[xX]0*([2-7][0-9a-fA-F]);?"
    r"|&(amp|lt|gt|quot|apos);"
)
"""Characters written otherwise than in JSON: in a shell, a URL, HTML; and escapes of any depth at once."""
_ENTITIES: Final = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_ENCODED_LEVELS: Final = 3

_WORD: Final = re.compile(rb"[0-9a-z]+")


@dataclass(frozen=True, slots=True)
class View:
    """`text`, of which the character `i` stands for `starts[i]` to `ends[i]` of the original."""

    text: str
    starts: array[int]
    ends: array[int]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The part of the original that the characters from `start` up to `end`, at least one, stand for."""
        return self.starts[start], self.ends[end - 1]


def plain_view(text: str) -> View:
    """`text` as it stands."""
    return View(text, array("l", range(len(text))), array("l", range(1, len(text) + 1)))


def json_levels(raw: str, *, escaped: bool) -> Iterator[View]:
    """The texts that decoding `raw` once, twice, ... as JSON strings gives.

    `raw` is what stands between the quotes of a JSON string (`escaped`), or a text in which such may stand, which
    is then itself the first view.
    """
    view = plain_view(raw)
    if not escaped or "\\" not in raw:
        yield view
    for _ in range(_LEVELS):
        if "\\" not in view.text:
            return
        view = _replaced(view, JSON_ESCAPE, _json_character)
        yield view


def decoded(view: View) -> Iterator[View]:
    """What is left of a view when encodings of single characters are undone, where there are any."""
    for _ in range(_ENCODED_LEVELS):
        if ENCODED.search(view.text) is None:
            return
        view = _replaced(view, ENCODED, encoded_character)
        yield view


def texts_of(raw: str, *, escaped: bool) -> Iterator[str]:
    """The texts of all views of `raw`, without their places, which cost most."""
    text = raw
    if not escaped or "\\" not in raw:
        yield from _plainer(text)
    for _ in range(_LEVELS):
        if "\\" not in text:
            return
        text = JSON_ESCAPE.sub(_json_character, text)
        yield from _plainer(text)


def _plainer(text: str) -> Iterator[str]:
    yield text
    for _ in range(_ENCODED_LEVELS):
        if ENCODED.search(text) is None:
            return
        text = ENCODED.sub(encoded_character, text)
        yield text


def escape_end(text: str, place: int) -> int:
    """Where the JSON escape ends that begins at `place`; 0 where none does."""
    if text[place] != "\\":
        return 0
    before = place
    while before and text[before - 1] == "\\":
        before -= 1
    found = None if (place - before) % 2 else JSON_ESCAPE.match(text, place)
    return found.end() if found is not None else 0


def beside_escapes(text: str, place: int) -> int:
    """The first place from `place` on that no JSON escape reaches over."""
    around = range(max(0, place - 5), min(place, len(text)))
    return max([place, *(escape_end(text, before) for before in around)])


def _json_character(match: re.Match[str]) -> str:
    if match[1] is not None:
        return chr(int(match[1], 16))
    return _JSON_NAMES.get(match[2], match[2])


def encoded_character(match: re.Match[str]) -> str:
    """The character that a match of `ENCODED` stands for; nothing for what is none of ASCII."""
    unicode, long, braced, hexadecimal, octal, url, decimal, entity, name = match.groups()
    if name is not None:
        return _ENTITIES[name]
    if octal is not None:
        return chr(int(octal, 8))
    if decimal is not None:
        number = int(decimal)
        return chr(number) if number < 127 else ""
    digits = unicode or long or braced or hexadecimal or url or entity
    return chr(int(digits, 16)) if digits else ""


def _replaced(view: View, pattern: re.Pattern[str], character: Callable[[re.Match[str]], str]) -> View:
    parts: list[str] = []
    starts, ends = array("l"), array("l")
    position = 0
    for match in pattern.finditer(view.text):
        start, end = match.span()
        parts.append(view.text[position:start])
        starts.extend(view.starts[position:start])
        ends.extend(view.ends[position:start])
        new = character(match)
        if new:
            parts.append(new)
            starts.append(view.starts[start])
            ends.append(view.ends[end - 1])
        position = end
    parts.append(view.text[position:])
    starts.extend(view.starts[position:])
    ends.extend(view.ends[position:])
    return View("".join(parts), starts, ends)


# --- letters and digits alone ------------------------------------------------------------------------------------

_OTHERS: Final = bytes(code for code in range(256) if not (48 <= code <= 57 or 65 <= code <= 90 or 97 <= code <= 122))
_LOWER: Final = bytes(range(256)).lower()


def squeezed(data: bytes) -> bytes:
    """The ASCII letters, in lower case, and digits of `data`, which is all that is compared."""
    return data.translate(_LOWER, _OTHERS)


class Squeezed:
    """The letters and digits of a text, and where each stands in it."""

    __slots__ = ("_positions", "_starts", "data")

    def __init__(self, text: str) -> None:
        ascii_text = text.encode("ascii", "replace").lower()  # one byte a character
        self._positions: list[int] = []
        self._starts: list[int] = []
        parts = []
        length = 0
        for run in _WORD.finditer(ascii_text):
            self._starts.append(length)
            self._positions.append(run.start())
            parts.append(run[0])
            length += run.end() - run.start()
        self.data = b"".join(parts)

    def position(self, index: int) -> int:
        """Where in the text the letter or digit with this index stands."""
        run = bisect_right(self._starts, index) - 1
        return self._positions[run] + index - self._starts[run]
