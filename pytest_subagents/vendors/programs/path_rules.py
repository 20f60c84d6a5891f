"""A write scope in words that vendors' permission rules have: `*`, `**`, `?` and `[...]`, but no braces.

What comes out may allow a little more than the scope says, never less: the real diff is audited afterwards, while a
rule that is too narrow would stop an agent from doing its work.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from pytest_subagents.model import limits

EVERYTHING: Final = "**"
_OVER_A_SLASH: Final = re.compile(r"\[[^]]*/.*\]|\[.[^]]*/.*\]")


def without_braces(globs: Iterable[str]) -> tuple[str, ...]:
    """`globs` without braces, leading `./` and trailing `/`; what names no wildcard last stands for a folder as well.

    `("**",)` where they are too many, where braces and brackets are mixed, or brackets go over a slash.
    """
    found: list[str] = []
    for glob in globs:
        text = glob.removeprefix("./")
        expanded = _expanded(text + "**" if text.endswith("/") else text)
        if expanded is None or _OVER_A_SLASH.search(text):
            return (EVERYTHING,)
        for one in expanded:
            found.append(one)
            if not set(one.rpartition("/")[2]) & set("*?["):
                found.append(f"{one}/**")
    if EVERYTHING in found or len(found) > limits.SCOPE_RULES:
        return (EVERYTHING,)
    return tuple(dict.fromkeys(found))


def _expanded(glob: str) -> tuple[str, ...] | None:
    """Each way to read the braces of `glob`; None where that is not clear, or where there are too many."""
    waiting = [glob]
    done: list[str] = []
    while waiting:
        if len(waiting) + len(done) > limits.SCOPE_RULES:
            return None
        text = waiting.pop()
        before, brace, rest = text.partition("{")
        if not brace:
            done.append(text)
            continue
        if "[" in text:
            return None
        choices, after = _choices(rest)
        if choices is None:
            return None
        waiting += [f"{before}{choice}{after}" for choice in reversed(choices)]
    return tuple(done)


def _choices(text: str) -> tuple[list[str] | None, str]:
    """What stands between the braces of which the first is just before `text`, and what follows them."""
    depth, start = 0, 0
    choices: list[str] = []
    for index, char in enumerate(text):
        if char == "{":
            depth += 1
        elif char == "}" and depth:
            depth -= 1
        elif char == "}":
            return [*choices, text[start:index]], text[index + 1 :]
        elif char == "," and not depth:
            choices.append(text[start:index])
            start = index + 1
    return None, ""
