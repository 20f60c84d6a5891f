"""The names that a template can use, and how a person would write each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

NAMES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "context": ("files", "text"),
        "results": (),
        "scope": ("read", "write"),
        "subagent": ("id",),
        "workflow": ("name", "version", "description"),
    }
)
"""Each with what stands below it; below `results` stand the ids in `depends_on`."""

RESULT: Final = ("status", "summary", "answer", "findings")
"""What stands below `results.<id>`; what stands below `answer` is for the contract of that subagent to say."""


def spelled(keys: Iterable[object]) -> str:
    """`results.math.answer`, `results["a-b"].findings[0]`: as a template says it."""
    text = ""
    for key in keys:
        if isinstance(key, str) and key.isidentifier():
            text += f".{key}" if text else key
        else:
            text += f"[{json.dumps(key, ensure_ascii=not str(key).isprintable())}]"
    return text
