"""Durations (`10m`, `1h30m`, `45s`) and counts (`400k`, `2M`) as people write them."""

from __future__ import annotations

import re
from typing import Final

_PART = r"[0-9]{1,9}(?:\.[0-9]{1,3})?"
DURATION_PATTERN: Final = rf"^(?:{_PART}h)?(?:{_PART}m)?(?:{_PART}s)?$"
COUNT_PATTERN: Final = r"^[0-9]{1,12}(?:\.[0-9]{1,6})?[kKM]$"

_DURATION: Final = re.compile(rf"(?:({_PART})h)?(?:({_PART})m)?(?:({_PART})s)?", re.A)
_COUNT: Final = re.compile(r"(?P<whole>[0-9]{1,12})(?:\.(?P<part>[0-9]{1,6}))?(?P<unit>[kKM])", re.A)
_ZEROS: Final = {"k": 3, "K": 3, "M": 6}


def seconds_of(text: str) -> float | None:
    """The seconds of hours, minutes and seconds in this order, each at most once; None for any other text."""
    found = _DURATION.fullmatch(text)
    if found is None or not text:
        return None
    hours, minutes, seconds = (float(part) if part else 0.0 for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds


def count_of(text: str) -> int | None:
    """The whole number that `400k`, `1.5M` stand for; None for any other text."""
    found = _COUNT.fullmatch(text)
    if found is None:
        return None
    digits = (found["part"] or "").rstrip("0")
    zeros = _ZEROS[found["unit"]]
    if len(digits) > zeros:
        return None
    return int(found["whole"] + digits.ljust(zeros, "0"))
