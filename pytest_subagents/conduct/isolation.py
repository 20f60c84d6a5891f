"""Where a subagent works, by what it says or else by what it and those it needs may write."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from pytest_subagents.conduct.assignment import Assignment
from pytest_subagents.model.spec import Isolation, Subagent

Beneath: TypeAlias = Callable[[str], tuple[Assignment, ...]]
"""From the node id of a subagent to all that it needs, and those need, in the order of the plan."""


def isolation_of(subagent: Subagent, beneath: Iterable[Assignment]) -> Isolation:
    """A writer works in a checkout of its own, and so does a reader that needs one who writes: what that has written
    is nowhere else."""
    if subagent.isolation is not None:
        return subagent.isolation
    return "worktree" if subagent.scope.write or any(writes(each) for each in beneath) else "none"


def writes(assignment: Assignment) -> bool:
    return bool(assignment.subagent.scope.write)
