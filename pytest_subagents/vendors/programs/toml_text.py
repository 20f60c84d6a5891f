"""Values as TOML on one line, for programs that take settings as arguments."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final

from pytest_subagents.model.json_value import JsonValue

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")


def inline(value: JsonValue) -> str:
    """`value` as TOML 1.0; what is null in a table is left out, and in a list too, since TOML has no such thing."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            return quoted(value)
        case list() | tuple():
            return "[" + ", ".join(inline(item) for item in value if item is not None) + "]"
        case Mapping():
            pairs = (f"{key_text(key)} = {inline(item)}" for key, item in value.items() if item is not None)
            return "{" + ", ".join(pairs) + "}"
    return '""'


def quoted(text: str) -> str:
    """`text` as a basic string. JSON's escapes are TOML's, but for halves of a surrogate pair and for DEL."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return json.dumps(whole, ensure_ascii=False).replace("\x7f", "\\u007f")


def key_text(key: str) -> str:
    """`key` as one part of a key."""
    return key if _BARE.fullmatch(key) else quoted(key)
