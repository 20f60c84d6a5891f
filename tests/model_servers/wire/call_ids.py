"""Ids of tool calls, which tell the turn that they belong to: so a request says by itself where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_FORM: Final = re.compile(r"call_t(\d+)n\d+\Z")


def call_id(turn: int, number: int) -> str:
    """The id of the call with this number in this turn, both from 0; letters, digits and `_` only."""
    return f"call_t{turn}n{number}"


def turns_done(ids: Iterable[str]) -> int:
    """How many turns a conversation holds that has results for the calls with these ids."""
    turns = [int(found[1]) for id in ids if (found := _FORM.match(id))]
    return max(turns, default=-1) + 1
