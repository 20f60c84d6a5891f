"""What changed in a text, word by word: `a [-small-] {+large+} thing`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final

from pytest_subagents.model.limits import COMPARED_WORDS

_WORD: Final = re.compile(r"\S+")
_AROUND: Final = 4
"""Words that are shown of what stayed, on either side of a change."""


def word_diff(before: str, after: str) -> str:
    """What was taken out and put in, with some words around it; not escaped.

    Texts that differ only in blanks, or are too long to be compared, are both shown.
    """
    old, new = _WORD.findall(before), _WORD.findall(after)
    if old == new or len(old) + len(new) > COMPARED_WORDS:
        return f"[-{before}-] {{+{after}+}}"
    return " ".join(_parts(old, new))


def _parts(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        if tag == "equal":
            yield from _stayed(old[start:end], first=start == 0, last=end == len(old))
            continue
        if end > start:
            yield f"[-{' '.join(old[start:end])}-]"
        if other_end > other_start:
            yield f"{{+{' '.join(new[other_start:other_end])}+}}"


def _stayed(words: Sequence[str], *, first: bool, last: bool) -> Iterator[str]:
    before, after = (0 if first else _AROUND), (0 if last else _AROUND)
    if len(words) <= before + after:
        yield from words
        return
    yield from words[:before]
    yield "…"
    yield from words[len(words) - after :]
