"""`usd=5,tokens=2M,time=20m` as a `Budget`."""

from __future__ import annotations

import math
from typing import Final

from pytest_subagents.errors import BadUsage
from pytest_subagents.model.budget import Budget
from pytest_subagents.specify.durations import count_of, seconds_of

_NAMES: Final = ("time", "tokens", "usd")
_EXAMPLE: Final = "write it as usd=5,tokens=2M,time=20m; each is optional"


def read_budget(text: str, where: str) -> Budget:
    """The budget that `text` names; `BadUsage` at `where` for anything else."""
    found: dict[str, float] = {}
    for part in text.split(","):
        name, _, value = (piece.strip() for piece in part.partition("="))
        if name not in _NAMES or not value:
            raise BadUsage(where, f"{part.strip()!r} is no part of a budget", hint=_EXAMPLE)
        if name in found:
            raise BadUsage(where, f"{name!r} is given twice", hint=_EXAMPLE)
        found[name] = _amount(name, value, where)
    tokens = found.get("tokens")
    return Budget(usd=found.get("usd"), tokens=None if tokens is None else int(tokens), seconds=found.get("time"))


def _amount(name: str, value: str, where: str) -> float:
    match name:
        case "time":
            amount = seconds_of(value)
        case "tokens":
            amount = float(value) if value.isascii() and value.isdigit() else count_of(value)
        case _:
            amount = _dollars(value)
    if amount is None or not math.isfinite(amount) or amount <= 0:
        raise BadUsage(where, f"{value!r} is no amount of {name} above 0", hint=_EXAMPLE)
    return amount


def _dollars(value: str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None
