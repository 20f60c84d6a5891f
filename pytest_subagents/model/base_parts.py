"""What a subagent started from, where that is more than the tree of HEAD."""

from __future__ import annotations

from typing import Literal, TypeAlias

from pytest_subagents.model.value import Value

StartKind: TypeAlias = Literal["head", "uncommitted", "copy", "checkout"]
"""The commit that is checked out, the same with what is not committed yet, a copy of the person's files, or those files
themselves."""


class WorkPart(Value, frozen=True, kw_only=True):
    """The work of a subagent that was merged into a base."""

    agent: str
    """Its id."""
    patch: str
    """`sha256:…` of its patch."""


class BaseParts(Value, frozen=True, kw_only=True):
    """The tree that a subagent started from: one tree, and the work of those it needs merged onto it, in this order."""

    start: str
    """The id of the tree."""
    kind: StartKind = "head"
    """What `start` is a tree of."""
    works: tuple[WorkPart, ...] = ()
