"""What an unquoted word in YAML stands for: YAML 1.2's core schema, so that `no`, `on`, `1:30` and dates stay text.

PyYAML resolves words by YAML 1.1 (`no` is false, `1:30` is 90, `2024-01-01` a date), which turns an id into a truth
value; see https://yaml.org/spec/1.2.2/#103-core-schema.
"""

from __future__ import annotations

import math
import re
from typing import Final

from pytest_subagents.model import limits
from pytest_subagents.specify.tree import Scalar

_WORDS: Final[dict[str, Scalar]] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_NUMBER: Final = re.compile(
    r"(?P<whole>[-+]?[0-9]+)"
    r"|0o(?P<octal>[0-7]+)"
    r"|0x(?P<hex>[0-9a-fA-F]+)"
    r"|(?P<real>[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)"
    r"|(?P<endless>[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))"
)
_DIGITS: Final = len(str(limits.INTEGER_MAX)) + 3
"""Digits (of any base from 8 up) of an integer that may still be in range: what is longer is never handed to int()."""


def resolved(word: str) -> Scalar:
    """The value of an unquoted word. Raises `ValueError`, in words, for a number out of range."""
    if word in _WORDS:
        return _WORDS[word]
    if word[0] not in "+-.0123456789" or (found := _NUMBER.fullmatch(word)) is None:
        return word
    kind = found.lastgroup
    if kind == "endless":
        raise ValueError("is not a finite number")
    if kind == "real":
        return finite(float(word))
    base = {"octal": 8, "hex": 16}.get(kind or "", 10)
    return whole(found[kind or 0], base)


def whole(digits: str, base: int = 10) -> int:
    """An integer within `limits.INTEGER_MAX` on both sides. Raises `ValueError`, in words."""
    sign = digits[0] if digits[0] in "+-" else ""
    significant = digits[len(sign) :].lstrip("0") or "0"
    if len(significant) <= _DIGITS:
        number = int(sign + significant, base)
        if abs(number) <= limits.INTEGER_MAX:
            return number
    raise ValueError("is an integer out of range")


def finite(number: float) -> float:
    """`number`, where it is one. Raises `ValueError`, in words."""
    if not math.isfinite(number):
        raise ValueError("is not a finite number")
    return number
