"""Which criteria of a subagent are commands, and where what they print is kept. Loaded by every replay."""

from __future__ import annotations

from typing import Final

from pytest_subagents.model.spec import Criterion, Subagent

OUTPUT: Final = "output.txt"
"""All that a command printed, in its folder."""


def commands_of(subagent: Subagent) -> tuple[Criterion, ...]:
    """The criteria that are commands."""
    return tuple(criterion for criterion in subagent.success_criteria if criterion.run is not None)


def check_folder(number: int) -> str:
    """The folder of what the `number`th command printed, counted from 1, in that of its subagent."""
    return f"check-{number}"
