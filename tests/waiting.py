"""Tests that wait for clocks and for other processes are spread among those that keep a processor busy.

One after the other they would leave processors idle for minutes. The order stays the same in every run.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

_TESTS: Final = Path(__file__).parent
_WAIT: Final = _TESTS / "live" / "faults"
_BUSY: Final = _TESTS / "glue"


def spread(items: list[pytest.Item]) -> None:
    """Puts the tests of faults evenly among those of the glue, each of both in its own order."""
    waiting = [item for item in items if item.path.is_relative_to(_WAIT)]
    busy = [item for item in items if item.path.is_relative_to(_BUSY)]
    if not waiting or not busy:
        return
    places = [(index + 0.5) / len(busy) for index in range(len(busy))]
    places += [index / len(waiting) for index in range(len(waiting))]
    mixed = [item for _, item in sorted(zip(places, [*busy, *waiting], strict=True), key=lambda pair: pair[0])]
    both = set(mixed)
    first = items.index(busy[0])
    before = [item for item in items[:first] if item not in both]
    items[:] = [*before, *mixed, *(item for item in items[first:] if item not in both)]
