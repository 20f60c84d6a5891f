"""What several wires need: texts in pieces, and tools in neutral words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.spec import Tool

_PIECE: Final = 4000
"""So many characters come in one event. A text of any length needs several, so that the seams are seen too."""


def pieces(text: str) -> Iterator[str]:
    """`text` in pieces as a stream brings it: two halves at least, none longer than a kernel's buffer likes."""
    size = max(1, min(_PIECE, (len(text) + 1) // 2))
    for start in range(0, len(text), size):
        yield text[start : start + size]


def compact(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def abilities(offered: Iterable[str], known: Mapping[str, frozenset[Tool]]) -> frozenset[Tool]:
    """What the tools with these names can do; a tool that is not known can do nothing of what we name."""
    return frozenset(tool for name in offered for tool in known.get(name, ()))
