"""What a subagent started from, where that is more than the tree of HEAD."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

StartKind: TypeAlias = Literal["head", "uncommitted", "copy", "checkout"]
"""The commit that is checked out, the same with what is not committed yet, a copy of the person's files, or those files
themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkPart:
    """The work of a subagent that was merged into a base."""

    agent: str
    """Its id."""
    patch: str
    """`sha256:…` of its patch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseParts:
    """The tree that a subagent started from: one tree, and the work of those it needs merged onto it, in this order."""

    start: str
    """The id of the tree."""
    kind: StartKind = "head"
    """What `start` is a tree of."""
    works: tuple[WorkPart, ...] = ()
