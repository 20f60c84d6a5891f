"""What became of the work of each subagent when it was merged: one row for each, in the order of the merge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A file as one side of a merge has it."""

    mode: str
    """git's word: `100644`, `100755`, `120000` (a link), `160000` (a submodule)."""
    id: str
    """Of its contents, as git names them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PathConflict:
    """A path that two sides changed, each in its own way. None stands for a file that is not there."""

    path: str
    """From the rootdir."""
    kinds: tuple[str, ...]
    """What git calls it (`contents`, `modify/delete`, ...); `order`: no conflict, but the result would be another one
    if the same work came in another order. Then `ours` and `theirs` are the two results."""
    base: Version | None
    """Where the subagent started from."""
    ours: Version | None
    """With everything that was merged before."""
    theirs: Version | None
    """As the subagent left it."""
    agents: tuple[str, ...]
    """The subagents merged before that changed it, too."""
    moved: bool
    """HEAD has changed it since the subagent started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    agent: str
    paths: tuple[str, ...]
    """What it changed, sorted."""
    tree: str
    """The id of the tree with its work and all before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflicted:
    """Left out as a whole; the tree is as it was before."""

    agent: str
    conflicts: tuple[PathConflict, ...]
    """Sorted by path."""

    @property
    def agents(self) -> tuple[str, ...]:
        """Everyone it conflicts with."""
        return tuple(sorted({agent for conflict in self.conflicts for agent in conflict.agents}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    """What was recorded is not what is here: nothing of it is merged."""

    agent: str
    why: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """There is nothing of it to merge."""

    agent: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Its work is not wanted: it did not end well."""

    agent: str
    why: str


Row: TypeAlias = Merged | Conflicted | Stale | Nothing | LeftOut


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A branch of the person's repository that holds what was merged."""

    name: str
    commit: str
    already: bool
    """It was there before, exactly so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Integration:
    """All work of a workflow on top of HEAD."""

    workflow: str
    head: str
    """The id of the commit."""
    start: str
    """The id of its tree."""
    tree: str
    """The id of the tree with all that was merged; `start` where nothing was."""
    rows: tuple[Row, ...]
    target: str
    """The name that the branch has or would have."""
    branch: Branch | None = None
    """None where none was asked for, or nothing was merged."""

    @property
    def whole(self) -> bool:
        """No conflict, and nothing stale."""
        return not any(isinstance(row, Conflicted | Stale) for row in self.rows)
