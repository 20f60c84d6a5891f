"""What changed in a text, word by word: `a [-small-] {+large+} thing`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import islice, takewhile
from operator import eq
from typing import Final

from pytest_subagents.model.limits import COMPARED_WORDS

_WORD: Final = re.compile(r"\S+")
_AROUND: Final = 4
"""Words that are shown of what stayed, on either side of a change."""


def word_diff(before: str, after: str) -> str:
    """What was taken out and put in, with some words around it; not escaped.

    Texts that differ only in blanks are both shown. What lies between the first and the last change is compared word by
    word if it is short enough, and else shown as it was and as it is.
    """
    old, new = _WORD.findall(before), _WORD.findall(after)
    if old == new:
        return f"[-{before}-] {{+{after}+}}"
    return " ".join(_parts(old, new))


def _parts(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    for tag, start, end, other_start, other_end in _stretches(old, new):
        if tag == "equal":
            first, last = not (start or other_start), (end, other_end) == (len(old), len(new))
            yield from _stayed(old[start:end], first=first, last=last)
            continue
        if end > start:
            yield f"[-{' '.join(old[start:end])}-]"
        if other_end > other_start:
            yield f"{{+{' '.join(new[other_start:other_end])}+}}"


def _stretches(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, int, int, int, int]]:
    """As `SequenceMatcher.get_opcodes` has it, whose time is at worst the cube of the number of words."""
    head = sum(1 for _ in takewhile(bool, map(eq, old, new)))
    most = min(len(old), len(new)) - head
    tail = sum(1 for _ in takewhile(bool, map(eq, islice(reversed(old), most), islice(reversed(new), most))))
    end, other_end = len(old) - tail, len(new) - tail
    if head:
        yield ("equal", 0, head, 0, head)
    if (end - head) + (other_end - head) > COMPARED_WORDS:
        yield ("replace", head, end, head, other_end)
    else:
        matcher = SequenceMatcher(None, old[head:end], new[head:other_end], autojunk=False)
        for tag, *positions in matcher.get_opcodes():
            yield (tag, positions[0] + head, positions[1] + head, positions[2] + head, positions[3] + head)
    if tail:
        yield ("equal", end, len(old), other_end, len(new))


def _stayed(words: Sequence[str], *, first: bool, last: bool) -> Iterator[str]:
    before, after = (0 if first else _AROUND), (0 if last else _AROUND)
    if len(words) <= before + after:
        yield from words
        return
    yield from words[:before]
    yield "…"
    yield from words[len(words) - after :]
