"""Regular expressions of a person's for what else is secret: customer numbers, the name of a host."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from typing import Final

from pytest_subagents.errors import BadUsage

_TOKEN: Final = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\((?:\?(?:>|:|=|!|<=|<!|P?<\w+>|P=\w+\)|[aiLmsux-]+[:)]|#[^)]*\)))?|\)"
    r"|(?P<repeat>[*+]|\{[0-9]*,[0-9]*\})(?P<mode>[+?])?|.",
    re.DOTALL,
)
_SAMPLES: Final = ("", "\n", " ", "a", "0", '"')


def compiled(patterns: Iterable[str], *, where: str) -> tuple[re.Pattern[str], ...]:
    """The patterns, each of which is looked for in every text of a stream; where one has a group `secret`, only that
    is cut out. `BadUsage` for one that Python cannot read, that matches nothing at all, or that might not end."""
    return tuple(_compiled(pattern, where) for pattern in patterns)


def _compiled(pattern: str, where: str) -> re.Pattern[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "possible nested set" may be an error in pytest
            found = re.compile(pattern)
    except (re.error, RecursionError, OverflowError, MemoryError) as error:
        raise BadUsage(where, f"the pattern {pattern!r} is no regular expression: {error}") from None
    if any(found.search(sample) and not found.search(sample)[0] for sample in _SAMPLES):  # type: ignore[index]
        raise BadUsage(where, f"the pattern {pattern!r} matches the empty text", hint="use '+' instead of '*'")
    if _repeats_a_repetition(pattern):
        raise BadUsage(
            where,
            f"the pattern {pattern!r} repeats a repetition, which may take for ever",
            hint="make the inner one possessive: '(?:[a-z]++-)+' instead of '(?:[a-z]+-)+'",
        )
    return found


def _repeats_a_repetition(pattern: str) -> bool:
    """Whether a group that can match in several ways is itself repeated without end, as in `(a+)+`.

    An inner repetition in a possessive or atomic form is none: it matches in one way.
    """
    open_groups: list[tuple[bool, bool]] = []  # atomic, holds a repetition
    holds = False
    closed = False  # the last token was a group that holds one
    for token in _TOKEN.finditer(pattern):
        text = token[0]
        if token["repeat"] is not None:
            if token["mode"] != "+" and not _bounded(token["repeat"]):
                if closed:
                    return True
                holds = True
            closed = False
        elif text.startswith("(") and not text.endswith(")"):
            open_groups.append((text == "(?>", holds))
            holds, closed = False, False
        elif text == ")" and open_groups:
            atomic, before = open_groups.pop()
            closed = holds and not atomic
            holds = before or closed
        else:
            closed = False
    return False


def _bounded(repeat: str) -> bool:
    return repeat[0] == "{" and not repeat.endswith(",}")
