"""How long to wait before a subagent is tried again."""

from __future__ import annotations

import re
from typing import Final

from pytest_subagents.model import limits

# How vendors say it: `retry-after: 20`, "retry after 20 seconds", "try again in 1.5s", `"retryDelay": "34s"`,
# `"retry_delay_ms": 900`.
_HINT: Final = re.compile(
    r"(?:retry[-_ ]?(?:after|delay|in)|try again in)(?P<unit_before>[-_]?ms)?\W{0,6}?(?:about )?"
    r"(?P<number>[0-9]{1,6}(?:\.[0-9]{1,3})?)\s?(?P<unit>ms|milliseconds?|s|secs?|seconds?|m|min|minutes?)?\b",
    re.IGNORECASE | re.ASCII,
)


def wait_before(retry: int, said: str) -> float:
    """Seconds to wait before the `retry`-th retry (from 1), after a run that said this in its last words.

    The vendor's own hint counts, the last one of them; else the wait doubles from `limits.BACKOFF_SECONDS`. It is
    never longer than `limits.BACKOFF_MOST_SECONDS`.
    """
    hints = [_seconds(found) for found in _HINT.finditer(said)]
    wait = hints[-1] if hints else limits.BACKOFF_SECONDS * 2 ** (retry - 1)
    return min(wait, limits.BACKOFF_MOST_SECONDS)


def _seconds(found: re.Match[str]) -> float:
    number = float(found["number"])
    unit = (found["unit"] or found["unit_before"] or "s").strip("-_").lower()
    if unit in ("ms", "millisecond", "milliseconds"):
        return number / 1000
    return number * 60 if unit in ("m", "min", "minute", "minutes") else number
