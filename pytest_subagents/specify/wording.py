"""What is wrong with the texts that name things: globs, paths, addresses, variables, pointers.

Each function takes the text and gives words that follow it (`leaves the repository`), or None where all is well.
"""

from __future__ import annotations

import keyword
import re
import unicodedata
from typing import Final

from pytest_subagents.model import limits
from pytest_subagents.model.attempts import CRITERIA

_DRIVE: Final = re.compile(r"[A-Za-z]:")
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.A)
_TILDE: Final = re.compile(r"~(?![01])")

_CONTROLS: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
_BIDI: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

ADDRESS_PATTERN: Final = r"^[^\s:]+:[^\s:.]+$"
CHOICE_PATTERN: Final = rf"^(?:{'|'.join(CRITERIA)})$|{ADDRESS_PATTERN}"
POINTER_PATTERN: Final = r"^(/([^~]|~[01])*)?$"
VARIABLE_PATTERN: Final = r"^[A-Za-z_][A-Za-z0-9_]*$"


def glob_problem(text: str) -> str | None:
    """A glob or a path from the root of the repository, with `/`."""
    if text.startswith("!"):
        return "begins with '!', and a glob cannot take away from another"
    return path_problem(text)


def path_problem(text: str) -> str | None:
    """A path from the root of the repository, with `/`."""
    if len(text.encode("utf-8", "surrogatepass")) > limits.PATH_BYTES:
        return f"has more than {limits.PATH_BYTES} bytes"
    if "\\" in text:
        return "has a backslash; write '/'"
    if text.startswith("/") or _DRIVE.match(text):
        return "is absolute; write it from the root of the repository"
    if text == "~" or text.startswith("~/"):
        return "begins in a home folder; write it from the root of the repository"
    if ".." in text.split("/"):
        return "leaves the repository"
    return line_problem(text)


def line_problem(text: str) -> str | None:
    """One line, without characters that steer a terminal or reorder what is read."""
    if text.isascii() and text.isprintable():
        return None
    char = next((char for char in text if unicodedata.category(char) in _CONTROLS or char in _BIDI), None)
    return None if char is None else f"has the control character {char!a}"


def title_problem(text: str) -> str | None:
    return "has more than one line; write it as 'instructions'" if len(text.strip().splitlines()) > 1 else None


def address_problem(text: str) -> str | None:
    """`package.module:function`."""
    module, colon, function = text.partition(":")
    names = [*module.split("."), function]
    if colon and all(name.isidentifier() and not keyword.iskeyword(name) for name in names):
        return None
    return "is no address such as 'package.module:function'"


def choice_problem(text: str) -> str | None:
    """By what the best attempt is picked: a word of ours, or a function."""
    if text in CRITERIA or address_problem(text) is None:
        return None
    return f"is none of {', '.join(CRITERIA)}, and no address such as 'package.module:function'"


def variable_problem(text: str) -> str | None:
    """The name of an environment variable: no pattern, no value."""
    return None if _VARIABLE.fullmatch(text) else "is no name of an environment variable"


def pointer_problem(text: str) -> str | None:
    """A JSON Pointer (RFC 6901); the empty one is the whole value."""
    if text and not text.startswith("/"):
        return "is no JSON Pointer; it must begin with '/'"
    return "is no JSON Pointer; '~' must be written '~0'" if _TILDE.search(text) else None
