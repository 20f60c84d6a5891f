"""How values cross from a worker to the controller: plain builtins, decoded as strictly as any input.

A worker runs users' code, so what it sends is a claim until it has the shape of our values.
"""

from __future__ import annotations

from typing import Any, Final, TypedDict, cast

import msgspec
import pytest

from pytest_subagents.model.result import Planned, Result

_ATTRIBUTE: Final = "subagents_result"
"""The attribute of a test report that carries a result; extra attributes survive pytest's serialisation."""

_DECODER = msgspec.json.Decoder(Result, strict=True)


class Carried(TypedDict):
    """What is attached: the result as JSON text, since thousands of reports with nested dicts slow pytest down, and
    beside it what the terminal asks for each.
    """

    status: str
    expected: bool
    result: str


def encoded(result: Result) -> str:
    """`result` as JSON text."""
    return msgspec.json.encode(result).decode()


def decoded(text: str) -> Result:
    """The reverse of `encoded`. Raises `msgspec.MsgspecError` for anything else."""
    return _DECODER.decode(text)


def attach(report: pytest.TestReport, result: Result) -> None:
    """Let `result` ride on `report`."""
    setattr(report, _ATTRIBUTE, Carried(status=result.status, expected=result.expected, result=encoded(result)))


def carried(report: pytest.TestReport) -> Carried | None:
    """What rides on `report`, undecoded; None where nothing does."""
    return cast("Carried | None", getattr(report, _ATTRIBUTE, None))


def result_of(report: pytest.TestReport) -> Result | None:
    """The result that rides on `report`. Raises `msgspec.MsgspecError` where what rides there is none."""
    found = carried(report)
    if found is None:
        return None
    text = found.get("result") if isinstance(found, dict) else None
    if not isinstance(text, str):
        raise msgspec.ValidationError("no result")
    return decoded(text)


def to_plain(planned: Planned) -> dict[str, Any]:
    """`planned` as dicts, tuples, strings, numbers and None: what execnet can carry."""
    return cast("dict[str, Any]", msgspec.to_builtins(planned))


def planned_of(plain: object) -> Planned:
    return msgspec.convert(plain, Planned, strict=True)
