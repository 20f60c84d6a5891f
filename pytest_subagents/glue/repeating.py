"""What other plugins that run a test again ask of an item, and where its recording is then."""

from __future__ import annotations

from typing import Final

import pytest

_STEP: Final = "__pytest_repeat_step_number"
"""The parameter that pytest-repeat gives a test, counted from 0; it adds `-1-3` to the node id: the first of three."""


def without_repetition(item: pytest.Function) -> str:
    """The parameters in the node id of a test, as they are without pytest-repeat."""
    parameters, step = item.callspec.id, item.callspec.params.get(_STEP)
    before, _, count = parameters.rpartition("-")
    ending = f"-{step + 1}" if isinstance(step, int) else None
    return before.removesuffix(ending) if ending and count.isdigit() and before.endswith(ending) else parameters
