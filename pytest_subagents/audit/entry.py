"""One line of an audit log: plain values, and the bytes that they become."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypeAlias

from pytest_subagents.model import limits

Entry: TypeAlias = dict[str, object]
"""A line of the log, before it becomes text."""


def entry(action: str, **fields: object) -> Entry:
    """A line without those fields that are None or False; its texts are cut to `limits.AUDIT_TEXT_CHARS`."""
    made: Entry = {"action": action}
    for name, value in fields.items():
        if value is None or value is False:
            continue
        if isinstance(value, str) and len(value) > limits.AUDIT_TEXT_CHARS:
            value = value[: limits.AUDIT_TEXT_CHARS]
            made["cut"] = True
        made[name] = value
    return made


def encoded(fields: Mapping[str, object]) -> bytes:
    """`fields` as one line of ASCII, in which no character is one that a terminal obeys."""
    text = json.dumps(fields, sort_keys=True, ensure_ascii=True)
    return text.replace("\x7f", "\\u007f").encode("ascii") + b"\n"


def plain(text: str) -> str:
    """`text` without lone surrogates, which strict readers of JSON refuse."""
    return text.encode("utf-8", "replace").decode("utf-8")
