"""What is wrong with a template, and the nearest to what may have been meant."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable

from pytest_subagents.prompt.names import spelled


class TemplateFault(Exception):
    """A mistake in a template, in the words of a message and its hint."""

    def __init__(self, line: int, what: str, hint: str | None = None) -> None:
        super().__init__(line, what, hint)
        self.line = line
        self.what = what
        self.hint = hint
        self.job = 0
        """Which of several templates it is in."""


def undefined(path: Iterable[object]) -> str:
    """`'results.mth' is undefined`."""
    return f"'{spelled(path)}' is undefined"


def nearest(name: object, known: Collection[str], *, below: tuple[object, ...] = (), listed: int = 10) -> str:
    """A hint for a name that stands nowhere below `below`, where the `known` ones do; the first of them are listed."""
    there = sorted(known)
    if not there:
        return "nothing stands there"
    more = f" and {len(there) - listed:,} more" if len(there) > listed else ""
    all = f"known: {', '.join(spelled((*below, one)) for one in there[:listed])}{more}"
    close = difflib.get_close_matches(str(name)[:200], there, n=1)
    return f"did you mean '{spelled((*below, close[0]))}'? {all}" if close else all
