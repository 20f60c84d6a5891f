"""Lines that are too long for a terminal, broken between words, so that it does not break them inside one."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from typing import Final

from pytest_subagents.reports.cells import cells
from pytest_subagents.reports.escape import terminal

_LABEL: Final = re.compile(r"\s*(?:\S+ )?\S+\s{2,}")
"""A word or two and a gap: what follows stands in a column."""
_DEEPEST: Final = 24


def wrapped(text: str, width: int | None) -> Iterator[str]:
    """`text`, one escaped line, as lines of at most `width` cells where its words allow it; as it is without one.

    What follows is indented as the text behind a label is, or else a little more than the first line.
    """
    if width is None or cells(text) <= width:
        yield text
        return
    label = _LABEL.match(text)
    indent = len(text) - len(text.lstrip()) + 2
    if label is not None and label.end() <= min(_DEEPEST, width // 2):
        indent = label.end()
    broken = textwrap.wrap(
        text,
        width,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
        replace_whitespace=False,
    )
    # Once more, since this is where a line begins now.
    yield from (terminal(line) for line in broken)
