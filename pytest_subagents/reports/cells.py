"""Text measured as a terminal draws it: letters of East Asian scripts take two cells, combining marks none."""

from __future__ import annotations

import unicodedata


def cells(text: str) -> int:
    """How many cells `text` takes; it is one line of visible text."""
    return len(text) if text.isascii() else sum(map(_cells_of, text))


def fit(text: str, width: int) -> str:
    """`text`, cut with an ellipsis where it takes more than `width` cells."""
    if cells(text) <= width:
        return text
    kept, room = [], width - 1
    for char in text:
        room -= _cells_of(char)
        if room < 0:
            break
        kept.append(char)
    return "".join(kept) + "…"


def fit_end(text: str, width: int) -> str:
    """The end of `text` behind an ellipsis, where it takes more than `width` cells: paths differ at their end."""
    return text if cells(text) <= width else "…" + fit(text[::-1], width)[:-1][::-1]


def pad(text: str, width: int) -> str:
    """`text` with blanks behind it up to `width` cells."""
    return text + " " * (width - cells(text))


def _cells_of(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1
