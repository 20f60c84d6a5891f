"""What is wrong with a merge that is clean as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from pytest_subagents.model.integration import Fault

Checker: TypeAlias = Callable[[bytes], tuple[Fault, ...]]
"""From the contents of a file to what is wrong with it; nothing where it cannot tell."""
Checkers: TypeAlias = Mapping[str, Checker]
"""By the end of a file's name, such as `.json`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    path: bytes
    fault: Fault
    also: bytes | None = None
    """The file that the other half of it is in."""
