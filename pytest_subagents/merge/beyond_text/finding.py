"""What is wrong with a merge that is clean as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from pytest_subagents.model.integration import Fault
from pytest_subagents.model.value import Value

Checker: TypeAlias = Callable[[bytes], tuple[Fault, ...]]
"""From the contents of a file to what is wrong with it; nothing where it cannot tell."""
Checkers: TypeAlias = Mapping[str, Checker]
"""By the end of a file's name, such as `.json`."""


class Finding(Value, frozen=True, kw_only=True):
    path: bytes
    fault: Fault
    also: bytes | None = None
    """The file that the other half of it is in."""
