"""How often the repetitions of a subagent end well, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from pytest_subagents.model.attempts import PassRate
from pytest_subagents.model.result import Result

_Z: Final = 1.959963984540054
"""The quantile of the normal distribution that leaves 2.5 % on each side."""
_DIGITS: Final = 4


def pass_rate(runs: Sequence[Result]) -> PassRate:
    """Of at least one run. Passed have those that are a success, or came out as their `expect` says."""
    passed = sum(run.expected or run.status == "success" for run in runs)
    low, high = wilson(passed, len(runs))
    return PassRate(passed=passed, of=len(runs), rate=round(passed / len(runs), _DIGITS), low=low, high=high)


def wilson(passed: int, of: int) -> tuple[float, float]:
    """The Wilson score interval of 95 %, which holds its promise for few runs, and for none or all that passed."""
    share, square = passed / of, _Z * _Z
    middle = share + square / (2 * of)
    half = _Z * math.sqrt(share * (1 - share) / of + square / (4 * of * of))
    width = 1 + square / of
    low = 0.0 if passed == 0 else round((middle - half) / width, _DIGITS)
    high = 1.0 if passed == of else round((middle + half) / width, _DIGITS)
    return low, high
