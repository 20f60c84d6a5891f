"""Regular expressions of a contract, judged as jsonschema judges them (Python's `re`) but never without an end.

`^(a+)+$` on 33 characters keeps `re` busy for hours, holding the interpreter lock. Two ways out, both used:

- Where a pattern keeps to what `re` and the linear engine of jsonschema-rs mean the same by (no references back, no
  looking around, no flags, ...) and the text is printable ASCII, the linear engine decides: it cannot backtrack, and
  whether there *is* a match does not depend on the engine.
- Everything else goes to `re` under a deadline of CPU time (`deadline.py`), which `re` heeds. Where no deadline can
  be set, `UndecidableError` is raised instead.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import Final, TypeAlias

import jsonschema_rs

from pytest_subagents.model import limits

_CLASS_ITEM: Final = (
    r"""(?:[A-Za-z0-9](?:-[A-Za-z0-9])?|[ _.,:;!?@\#%='"/+*(){}|$<>`]|\\[dDwWsS]|\\[].\\/^$*+?()[{}|-])"""
)
_COMMON: Final = re.compile(
    rf"""(?:
        [A-Za-z0-9 _,:;!@\#%='"/<>`~&-]        # a letter or sign that means itself
      | \\[dDwWsS]
      | \\[.\\/^$*+?()\[\]{{}}|-]
      | \[\^?-?{_CLASS_ITEM}+-?\]
      | \((?:\?:)? | \) | \| | \^ | \$ | \.
      | (?<!^)(?<![(|^])(?:[*+?] | \{{[0-9]+(?:,[0-9]*)?\}})\??(?![*+?{{])
    )*+""",
    re.VERBOSE | re.ASCII,
)
"""What both engines mean the same by, on printable ASCII; it says nothing of whether the pattern is well-formed."""


Guard: TypeAlias = Callable[[Callable[[], object]], object]
"""Runs a function and gives what it returns, or stops it with an exception."""


class UndecidableError(Exception):
    """A pattern may take for ever and nothing here could stop it."""


class Pattern:
    """One regular expression; `re.error` (or `RecursionError`, `OverflowError`) where Python cannot read it."""

    __slots__ = ("_linear", "_search")

    def __init__(self, text: str) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "possible nested set" is none of ours, and may be an error in pytest
            self._search = re.compile(text).search
        self._linear = _linear(text)

    def matches(self, text: str, guard: Guard | None) -> bool:
        """Whether the pattern is found in `text`; `guard` stops a search that takes too long."""
        if (
            self._linear is not None
            and len(text) <= limits.PATTERN_TEXT_CHARS
            and text.isascii()
            and text.isprintable()
        ):
            return self._linear(text)
        if guard is None:
            raise UndecidableError
        return guard(lambda: self._search(text)) is not None


def _linear(text: str) -> Callable[[object], bool] | None:
    if _COMMON.fullmatch(text) is None:
        return None
    try:
        options = jsonschema_rs.RegexOptions(size_limit=limits.PATTERN_STATES_BYTES)
        return jsonschema_rs.Draft202012Validator({"pattern": text}, pattern_options=options).is_valid
    except (ValueError, AttributeError):  # too large for the engine, or a version without this engine
        return None
