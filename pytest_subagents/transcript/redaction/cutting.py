"""Where in a text something secret stands, in whatever form, and the text without it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Final

from pytest_subagents.model.placeholders import HOME, SECRET, TEMPORARY, WORKSPACE
from pytest_subagents.transcript.redaction.encodings import Needle, needles_of
from pytest_subagents.transcript.redaction.formats import Found, found_in, may_hold
from pytest_subagents.transcript.redaction.views import (
    ENCODED,
    Squeezed,
    beside_escapes,
    decoded,
    encoded_character,
    escape_end,
    json_levels,
    squeezed,
    texts_of,
)

VALUE: Final = "a secret of the environment"
PATTERN: Final = "a match of a pattern of yours"

_PLACEHOLDER: Final = re.compile("|".join(map(re.escape, (WORKSPACE, HOME, TEMPORARY, SECRET))))
_RUN: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_-"
"""Letters of base64 and its like."""
_WINDOW: Final = 256 * 1024
"""Characters of a text that are looked at together: each costs some 40 bytes while it is looked at."""
_OVERLAP: Final = 48 * 1024
_WRITTEN_OTHERWISE: Final = re.compile(ENCODED.pattern.encode())
_SIGNS: Final = (b"&", b"%", b"\x1b", b"\\u", b"\\U", b"\\x", b"\\0", b"\\1")
"""One of them is in all that `_WRITTEN_OTHERWISE` finds."""
_NEAR: Final = 2048
"""Bytes before and behind a sign to which what it is a part of may reach."""
_ESCAPED_LETTERS: Final = frozenset(b"nrt")


@dataclass(frozen=True, slots=True)
class Cut:
    """A part of a text to be cut out, and what it is, in words without its value."""

    start: int
    end: int
    what: str
    put: str = SECRET
    """What stands there instead."""


class Seeker:
    """Finds secrets: known values in many forms, known forms, and patterns of a person's."""

    __slots__ = ("_exact", "_forms", "_matcher", "_needles", "_patterns", "_quick")

    def __init__(
        self, secrets: Iterable[str] = (), patterns: Sequence[re.Pattern[str]] = (), *, forms: bool = True
    ) -> None:
        self._forms = forms
        self._matcher = Seeker((), patterns, forms=False) if forms and patterns else None
        values = dict.fromkeys(secrets)
        self._exact = tuple(sorted(values, key=lambda value: (-len(value), value)))
        needles = {needle.data: needle for value in values for needle in needles_of(value)}
        self._needles = tuple(needles.values())
        self._patterns = tuple(patterns)
        # A line break that is written `\n` goes before anything is compared, and with it an `n` behind a backslash
        # that is the first letter of a secret.
        exact = [_letters(value.encode("utf-8", "surrogateescape"))[1:] for value in values]
        self._quick = tuple(
            dict.fromkeys([needle.data[needle.data[0] in _ESCAPED_LETTERS :] for needle in self._needles] + exact)
        )

    @property
    def has_patterns(self) -> bool:
        """Whether there are patterns of a person's, which may match anything."""
        return bool(self._patterns)

    def narrowed(self, data: bytes) -> Seeker:
        """What finds in parts of `data` the same as this, and sooner where nothing but patterns can match."""
        return self._matcher if self._matcher is not None and not self._seems_in(data) else self

    def may_be_in(self, data: bytes) -> bool:
        """Whether something secret may be in `data`, bytes of JSON or of a text: never False where it is."""
        return bool(self._patterns) or self._seems_in(data)

    def knows(self, data: bytes) -> bool:
        """Whether a known value may be in `data`, not counting what is written in escapes of another kind."""
        if not self._quick:
            return False
        letters = _letters(data)
        return any(needle in letters for needle in self._quick)

    def _seems_in(self, data: bytes) -> bool:
        """As `may_be_in`, patterns apart."""
        if not self._forms:
            return False
        if self.knows(data) or may_hold(data):
            return True
        data = _near_signs(data)
        for _ in range(3 if data else 0):
            plain = _WRITTEN_OTHERWISE.sub(_plain_byte, data)
            if plain == data:
                return False
            if self.knows(plain) or may_hold(plain):
                return True
            data = plain
        return False

    def cuts(self, raw: str, *, escaped: bool, joined: bool = False) -> list[Cut]:
        """What is secret in `raw`, in order, not overlapping.

        `raw` is what stands between the quotes of a JSON string (`escaped`) or a text. Where it was joined from parts
        that do not follow each other (`joined`), only known values are looked for.
        """
        if not self._forms and not any(self._is_matched(text) for text in texts_of(raw, escaped=escaped)):
            return []
        found: list[Cut] = []
        for offset, window in _windows(raw):
            if len(window) < len(raw) and not self.may_be_in(window.encode("utf-8", "surrogatepass")):
                continue
            for level in json_levels(window, escaped=escaped):
                for view in (level, *decoded(level)):
                    for hit in self._known_values(view.text) if joined else self._hits(view.text):
                        start, end = view.original(*_with_its_escapes(view.text, hit))
                        found.append(Cut(offset + start, offset + end, hit.what))
        return merged(found)

    def _is_matched(self, text: str) -> bool:
        return any(pattern.search(text) for pattern in self._patterns)

    def _hits(self, text: str) -> Iterator[Found]:
        if self._forms:
            yield from self._known_values(text)
            yield from found_in(text)
        for pattern in self._patterns:
            yield from _matches(pattern, text)

    def _known_values(self, text: str) -> Iterator[Found]:
        for value in self._exact:
            start = text.find(value)
            while start >= 0:
                yield Found(start, start + len(value), VALUE)
                start = text.find(value, start + 1)
        if not self._needles:
            return
        letters = Squeezed(text)
        for needle in self._needles:
            index = letters.data.find(needle.data)
            while index >= 0:
                first, last = _extended(needle, letters.data, index)
                start, end = letters.position(first), letters.position(last - 1) + 1
                if needle.run:
                    start -= len(text[:start]) - len(text[:start].rstrip(_RUN))
                    end += len(text) - end - len(text[end:].lstrip(_RUN))
                yield Found(start, end, VALUE)
                index = letters.data.find(needle.data, index + 1)


def _letters(data: bytes) -> bytes:
    return squeezed(data.replace(b"\\n", b" ").replace(b"\\r", b" ").replace(b"\\t", b" "))


def _extended(needle: Needle, letters: bytes, index: int) -> tuple[int, int]:
    """As much of the whole secret as stands around a part of it."""
    first, last = index, index + len(needle.data)
    for before in reversed(needle.whole[: needle.at]):
        if first == 0 or letters[first - 1] != before:
            break
        first -= 1
    for after in needle.whole[needle.at + len(needle.data) :]:
        if last == len(letters) or letters[last] != after:
            break
        last += 1
    return first, last


def _matches(pattern: re.Pattern[str], text: str) -> Iterator[Found]:
    """Matches in `text`, of which what was put there before is no part."""
    group = "secret" if "secret" in pattern.groupindex else 0
    position = 0
    for start, end in (*(match.span() for match in _PLACEHOLDER.finditer(text)), (len(text), len(text))):
        for match in pattern.finditer(text, position, start):
            first, last = match.span(group)
            if first < last:
                yield Found(first, last, PATTERN)
        position = end


def _with_its_escapes(text: str, hit: Found) -> tuple[int, int]:
    """A hit with all of the JSON escapes that it begins or ends in, of which no half may stay."""
    start, end = hit.start, hit.end
    if "\\" in text[max(0, start - 6) : end]:
        for place in range(max(0, start - 5), start):
            if escape_end(text, place) > start:
                start = place
                break
        for place in range(max(start, end - 5), end):
            end = max(end, escape_end(text, place))
    return start, end


def _near_signs(data: bytes) -> bytes:
    """The parts of `data` in which something may be written in escapes of another kind than JSON's: few lines have
    any, and to undo them costs more than all else."""
    parts: list[tuple[int, int]] = []
    for sign in _SIGNS:
        place = data.find(sign)
        while place >= 0:
            parts.append((max(0, place - _NEAR), place + 2 * _NEAR))
            place = data.find(sign, place + _NEAR)
    near: list[bytes] = []
    reached = 0
    for start, end in sorted(parts):
        if end > reached:
            near.append(data[max(start, reached) : end] if start <= reached else b"\0" + data[start:end])
            reached = end
    return b"".join(near)


def _plain_byte(match: re.Match[bytes]) -> bytes:
    return _BYTES[match[0]] if match[0] in _BYTES else _decoded_byte(match[0])


_BYTES: Final[dict[bytes, bytes]] = {}


def _decoded_byte(data: bytes) -> bytes:
    found = ENCODED.match(data.decode("latin-1"))
    assert found is not None
    plain = encoded_character(found).encode("latin-1")
    if len(_BYTES) < 4096:
        _BYTES[data] = plain
    return plain


def _windows(raw: str) -> Iterator[tuple[int, str]]:
    """`raw`, or overlapping parts of it that begin and end beside no escape, each with its place."""
    if len(raw) <= _WINDOW + _OVERLAP:
        yield 0, raw
        return
    start = 0
    while True:
        end = beside_escapes(raw, start + _WINDOW + _OVERLAP)
        yield start, raw[start:end]
        if end >= len(raw):
            return
        start = beside_escapes(raw, start + _WINDOW)


def merged(cuts: Iterable[Cut]) -> list[Cut]:
    """Cuts in their order, those that overlap as one."""
    apart: list[Cut] = []
    for cut in sorted(cuts, key=lambda cut: (cut.start, -cut.end)):
        if apart and cut.start < apart[-1].end:
            apart[-1] = replace(apart[-1], end=max(apart[-1].end, cut.end))
        else:
            apart.append(cut)
    return apart


def without(raw: str, cuts: Iterable[Cut]) -> str:
    """`raw` with what stands instead of each cut; line breaks inside a cut stay, so that lines do."""
    parts: list[str] = []
    position = 0
    for cut in cuts:
        parts += (raw[position : cut.start], cut.put, "\n" * raw.count("\n", cut.start, cut.end))
        position = cut.end
    parts.append(raw[position:])
    return "".join(parts)


def divided(cuts: Iterable[Cut], pieces: Sequence[str]) -> list[list[Cut]]:
    """Cuts of joined pieces, as cuts of each piece; the first of them gets what stands instead."""
    ends = list(accumulate(map(len, pieces)))
    divided: list[list[Cut]] = [[] for _ in pieces]
    for cut in cuts:
        put = cut.put
        for index in range(bisect_right(ends, cut.start), len(pieces)):
            before = ends[index] - len(pieces[index])
            if before >= cut.end:
                break
            start, end = max(cut.start, before) - before, min(cut.end, ends[index]) - before
            if start < end:
                divided[index].append(Cut(start, end, cut.what, put))
                put = ""
    return divided
