"""Marks around a text that the text cannot contain, whoever wrote it.

An agent's answer stands in the prompt of the next one. If it could close the block it stands in, what follows would
read as ours. The mark is made of the text's own digest, so the same text always has the same mark.
"""

from __future__ import annotations

import hashlib
from typing import Final

_DIGITS: Final = 16


def fenced(kind: str, text: str, *, attribute: str = "") -> str:
    """`text` on lines of its own between `<kind-digest …>` and `</kind-digest>`."""
    mark = mark_of(kind, text)
    opening = f"<{mark} {attribute}>" if attribute else f"<{mark}>"
    return f"{opening}\n{text}{'' if text.endswith(chr(10)) else chr(10)}</{mark}>"


def mark_of(kind: str, text: str) -> str:
    """A name that occurs nowhere in `text`, in no mixture of case either."""
    lowered = text.lower()
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    while digest[:_DIGITS] in lowered:
        digest = hashlib.sha256(digest.encode()).hexdigest()
    return f"{kind}-{digest[:_DIGITS]}"
