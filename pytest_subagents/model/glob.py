"""Globs over paths with `/`: what `*`, `**`, `?`, `[...]` and `{a,b}` match."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from pytest_subagents.model import limits


@lru_cache(maxsize=4096)
def pattern_of(glob: str) -> re.Pattern[str]:
    """The regular expression that matches a whole path.

    `*` and `?` stay within one segment, `**` as a whole segment matches any number of segments, none included,
    and a trailing `/` means everything below. A leading `./` is nothing. Matching is by case.
    """
    text = glob.removeprefix("./")
    if text.endswith("/"):
        text += "**"
    return re.compile("(?s:" + _translate(text[: limits.PATH_BYTES]) + r")\Z")


def matches(path: str, globs: Iterable[str]) -> bool:
    """Whether any of `globs` matches `path`, which is relative and has `/` between its segments."""
    return any(pattern_of(glob).match(path) for glob in globs)


def _translate(text: str) -> str:
    out: list[str] = []
    index = 0
    depth = 0
    while index < len(text):
        char = text[index]
        index += 1
        if char == "*" and text.startswith("*", index):
            at_start = index == 1 or text[index - 2] == "/"
            after = text[index + 1 : index + 2]
            if at_start and after == "/":
                out.append(r"(?:[^/]+/)*")
                index += 2
            elif at_start and not after:
                out.append(r".+")
                index += 1
            else:
                out.append(r"[^/]*")
                index += 1
        elif char == "*":
            out.append(r"[^/]*")
        elif char == "?":
            out.append(r"[^/]")
        elif char == "[":
            piece, index = _character_class(text, index)
            out.append(piece)
        elif char == "{" and "}" in text[index:]:
            depth += 1
            out.append("(?:")
        elif char == "}" and depth:
            depth -= 1
            out.append(")")
        elif char == "," and depth:
            out.append("|")
        else:
            out.append(re.escape(char))
    return "".join(out) + ")" * depth


def _character_class(text: str, index: int) -> tuple[str, int]:
    """The class that begins at `index` (behind its bracket), and where it ends; a bracket alone is itself."""
    end = text.find("]", index + 2 if text[index : index + 1] in ("!", "^", "]") else index + 1)
    if end < 0:
        return re.escape("["), index
    body = text[index:end]
    negated = body[:1] in ("!", "^")
    inner = body[1:] if negated else body
    escaped = re.sub(r"([\\\[\]&~|^])", r"\\\1", inner)
    try:
        piece = f"(?!/)[{'^' if negated else ''}{escaped}]"
        re.compile(piece)
    except re.error:
        return re.escape(text[index - 1 : end + 1]), end + 1
    return piece, end + 1
