"""What a test needs of the machine: without it the test is skipped, or fails where it was asked for by name.

The variable `SUBAGENTS_REQUIRE` holds those names, separated by commas; CI sets it, so that nothing is skipped there.
"""

from __future__ import annotations

import os
from typing import Final, NoReturn

import pytest

VARIABLE: Final = "SUBAGENTS_REQUIRE"


def required(name: str) -> bool:
    """Whether the tests that need `name` must run."""
    return name in {word.strip() for word in os.environ.get(VARIABLE, "").split(",")}


def is_missing(name: str, why: str) -> NoReturn:
    """Ends the test: skipped, or failed where `name` is required."""
    if required(name):
        pytest.fail(f"{VARIABLE} asks for {name}, but {why}", pytrace=False)
    pytest.skip(f"needs {name}: {why}")
