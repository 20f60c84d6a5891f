"""Tests that run apart: with `SUBAGENTS_TESTS=all`, and not with every change.

They are deselected, not skipped, so that the last line of pytest counts them.
"""

from __future__ import annotations

import os
from typing import Final

import pytest

VARIABLE: Final = "SUBAGENTS_TESTS"


def leave_out(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Takes those marked `apart` out of `items`."""
    asked = os.environ.get(VARIABLE, "")
    if asked not in ("", "all"):
        raise pytest.UsageError(f"{VARIABLE}={asked}: say `all`, or nothing")
    if asked == "all":
        return
    left = [item for item in items if item.get_closest_marker("apart")]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if not item.get_closest_marker("apart")]
