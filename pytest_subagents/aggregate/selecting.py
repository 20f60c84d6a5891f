"""Which of several attempts is the best: by its status first, then in the order that the workflow says.

Each attempt has a standing of its own, which no other one changes. So the best one is the same in whatever order they
came, and the same when one that lost had never been.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

from pytest_subagents.model.attempts import CHEAPEST, CRITERIA, FEWEST_FINDINGS, SMALLEST_DIFF, AttemptOf
from pytest_subagents.model.result import Result
from pytest_subagents.model.status import rank

Standing: TypeAlias = tuple[tuple[float, ...], ...]
"""Of the status, then of each criterion; the smaller the better. What is not known comes after all that is."""

_BEST: Final[dict[str, tuple[float, ...]]] = {FEWEST_FINDINGS: (0,), SMALLEST_DIFF: (0, 0, 0)}
"""What nothing can beat. Of a price nobody knows how low it could be, and of a function's number how high."""


def standing(result: Result, select: Sequence[str]) -> Standing:
    """Where an attempt stands. One that came out as its `expect` says has done what was wanted of it, and no status is
    better."""
    functions = iter(result.scores)
    criteria = (_known(name, result) if name in CRITERIA else _scored(next(functions, None)) for name in select)
    return ((0 if result.expected else rank(result.status),), *criteria)


def best_of(results: Iterable[Result]) -> Result:
    """The best of the attempts of one row, of which there is one at least; of equal ones the first."""
    return min(results, key=_order)


def is_decided(results: Iterable[Result]) -> bool:
    """Whether no attempt that is still to come could be better than the best of these."""
    found = tuple(results)
    if not found:
        return False
    best = best_of(found)
    select = _attempt(best).select
    first, *others = standing(best, select)
    if first[0] > 0:
        return False
    return all(_BEST.get(name) == place for name, place in zip(select, others, strict=True))


def may_stop_early(results: Iterable[Result]) -> bool:
    """Whether these are attempts of which not all need start."""
    return all(_attempt(result).stop_early and not _attempt(result).repeats for result in results)


def why_lost(result: Result, best: Result) -> str:
    """In words, why `best` was selected, and not this one."""
    name, select = f"attempt {_attempt(best).number}", _attempt(result).select
    here, there = standing(result, select), standing(best, select)
    if here[0] != there[0]:
        return f"{name} ended {_status(best)}, this one {_status(result)}"
    for criterion, mine, its in zip(select, here[1:], there[1:], strict=True):
        if mine != its:
            return f"{criterion}: {name} has {_told(criterion, best)}, this one {_told(criterion, result)}"
    return f"it is as good as {name}, which comes first"


def _order(result: Result) -> tuple[Standing, int]:
    attempt = _attempt(result)
    return standing(result, attempt.select), attempt.number


def _attempt(result: Result) -> AttemptOf:
    attempt = result.planned.attempt
    assert attempt is not None
    return attempt


def _known(criterion: str, result: Result) -> tuple[float, ...]:
    match criterion:
        case "fewest findings":
            return (len(result.findings),)
        case "smallest diff":
            return (result.changed_lines is None, result.changed_lines or 0, len(result.changes))
    usd, tokens = result.usage.usd, _tokens(result)
    usd = usd if usd is not None and math.isfinite(usd) else None
    return (usd is None, usd or 0, tokens is None, tokens or 0)


def _scored(score: float | None) -> tuple[float, ...]:
    return (score is None, -(score or 0))


def _tokens(result: Result) -> int | None:
    usage = result.usage
    if usage.input_tokens is None or usage.output_tokens is None:
        return None
    return usage.input_tokens + usage.output_tokens


def _status(result: Result) -> str:
    status = result.status.replace("_", " ")
    return f"{status}, as expected" if result.expected else status


def _told(criterion: str, result: Result) -> str:
    match criterion:
        case "fewest findings":
            return f"{len(result.findings):,}"
        case "smallest diff" if result.changed_lines is None:
            return f"{_number_of(len(result.changes), 'path')} and no patch"
        case "smallest diff":
            lines, paths = result.changed_lines or 0, len(result.changes)
            return f"{_number_of(lines, 'line')} in {_number_of(paths, 'path')}"
        case name if name == CHEAPEST:
            return _price(result)
    functions = [name for name in _attempt(result).select if name not in CRITERIA]
    score = dict(zip(functions, result.scores, strict=False)).get(criterion)
    return "no number" if score is None else f"{score:g}"


def _number_of(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _price(result: Result) -> str:
    usd, tokens = result.usage.usd, _tokens(result)
    parts = [f"${usd:g}"] if usd is not None else []
    parts += [_number_of(tokens, "token")] if tokens is not None else []
    return ", ".join(parts) or "no price"
