"""Sums over the rows of a report."""

from __future__ import annotations

import math
from collections.abc import Iterable

from pytest_subagents.model.limits import INTEGER_MAX
from pytest_subagents.model.outcome import Usage
from pytest_subagents.model.report import Totals
from pytest_subagents.model.result import Result

USD_DIGITS = 9
"""Dollars are rounded to this many digits after the point, so that 0.1 + 0.2 is 0.3."""


def totals(rows: Iterable[Result]) -> Totals:
    """What all rows took together, of what is known; see `Totals`."""
    agents = tuple(rows)
    return Totals(
        runtime_ms=_sum(agent.runtime_ms for agent in agents),
        usage=Usage(
            input_tokens=_sum(agent.usage.input_tokens for agent in agents),
            cached_input_tokens=_sum(agent.usage.cached_input_tokens for agent in agents),
            output_tokens=_sum(agent.usage.output_tokens for agent in agents),
            usd=_sum_usd(agent.usage.usd for agent in agents),
        ),
    )


def _sum(numbers: Iterable[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    total = sum(known)
    # A sum that no reader of ours would take back is no knowledge.
    return total if known and abs(total) <= INTEGER_MAX else None


def _sum_usd(numbers: Iterable[float | None]) -> float | None:
    known = [number for number in numbers if number is not None]
    try:
        # fsum is exact, and so does not depend on the order.
        return round(math.fsum(known), USD_DIGITS) if known else None
    except OverflowError:
        return None
