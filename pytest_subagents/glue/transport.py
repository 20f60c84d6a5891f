"""How values cross from a worker to the controller: plain dicts of builtins, decoded as strictly as any input.

A worker runs users' code, so what it sends is a claim until it has the shape of our values.
"""

from __future__ import annotations

from typing import Any, Final, cast

import msgspec

from pytest_subagents.model.result import Planned, Result

ATTRIBUTE: Final = "subagents_result"
"""The attribute of a test report that carries a result; extra attributes survive pytest's serialisation."""


def to_plain(value: Result | Planned) -> dict[str, Any]:
    """`value` as dicts, tuples, strings, numbers and None: what execnet can carry."""
    return cast("dict[str, Any]", msgspec.to_builtins(value))


def result_of(report: object) -> Result | None:
    """The result that rides on a test report, None where there is none."""
    plain = getattr(report, ATTRIBUTE, None)
    return None if plain is None else msgspec.convert(plain, Result, strict=True)


def planned_of(plain: object) -> Planned:
    return msgspec.convert(plain, Planned, strict=True)
