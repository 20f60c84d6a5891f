"""What the functions of `attempts.select` give for an attempt: numbers, of which the highest wins."""

from __future__ import annotations

import math

from msgspec.structs import replace

from pytest_subagents.conduct.assignment import Assignment
from pytest_subagents.model import limits
from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.reason import Reason, lowered
from pytest_subagents.model.result import Result


def scored(assignment: Assignment, result: Result, answer: JsonValue, *, accepted: bool) -> Result:
    """`result` with its scores. One without an answer that its contract accepts has none; a function that cannot judge
    it has not found it good, as with `verify`."""
    if not accepted:
        return replace(result, scores=(None,) * len(assignment.selectors))
    scores: list[float | None] = []
    reasons = list(result.reasons)
    for address, selector in assignment.selectors:
        try:
            found = selector(answer, result)
        except Exception as error:  # a person's code
            fault = f"{address} raised {type(error).__name__}: {error}"
        else:
            score = _number(found)
            fault = "" if score is not None else f"{address} gave {type(found).__name__}, not a finite number"
        scores.append(None if fault else score)
        if fault:
            clean = fault.encode("utf-8", "replace").decode("utf-8")
            reasons.append(Reason(kind="verify", message=clean[: limits.MESSAGE_CHARS]))
    return replace(result, scores=tuple(scores), reasons=tuple(reasons), status=lowered(reasons))


def _number(found: object) -> float | None:
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    try:
        number = float(found)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
