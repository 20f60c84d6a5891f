"""What a subagent really read and wrote, and how that differs from the scope that it declares."""

from __future__ import annotations

from pytest_subagents.model.scope import Scope
from pytest_subagents.model.value import Value, field


class ScopeUse(Value, frozen=True, kw_only=True):
    """As far as a transcript and a diff tell. All tuples are sorted and hold each entry once; paths have `/` and count
    from the workspace."""

    read: tuple[str, ...] = ()
    """The files whose contents it read, as paths."""
    searched: tuple[str, ...] = ()
    """What it searched or read without naming each file, as globs: `src` for a file or folder, `**` for all."""
    listed: tuple[str, ...] = ()
    """What it asked for names alone, as globs. That is not reading, and goes beyond no scope."""
    written: tuple[str, ...] = ()
    """The files that it changed, as paths."""
    outside: tuple[str, ...] = ()
    """What it read or wrote that is not in the workspace, as it was told: absolute, or behind a placeholder."""
    unknown: int = 0
    """Commands and tools that it used of which it is not known what, or what else, they read."""
    diffed: bool = False
    """Whether `written` is the real diff, and so all of it; else it is what the agent told."""
    more: bool = False
    """There was more than is listed (`limits.SCOPE_PATHS`)."""


class ScopeGaps(Value, frozen=True, kw_only=True):
    """How a declared scope and its use differ. All tuples are sorted."""

    undeclared_read: tuple[str, ...] = ()
    """Paths. Who may write a file may read it."""
    undeclared_searched: tuple[str, ...] = ()
    """Globs, but for those that begin with `**`."""
    searched_all: bool = False
    """It searched the whole workspace, and its read scope is narrower. The corrected one leaves that as it is, and it
    does not count as `under_declared`: most agents do it to find their way."""
    undeclared_written: tuple[str, ...] = ()
    """Paths."""
    unused_read: tuple[str, ...] = ()
    """Globs that match nothing of what it read or wrote; none where it is not known all that it read, or where it
    read nothing."""
    unused_write: tuple[str, ...] = ()
    """Globs that match nothing of what it wrote; none where it is not known all that it wrote, or where it wrote
    nothing."""
    corrected: Scope = field(default_factory=Scope)
    """The scope without these gaps; the declared one where there are none. Where no read scope is declared, one for
    what it read."""

    @property
    def under_declared(self) -> bool:
        """Whether it read or wrote beyond its scope."""
        return bool(self.undeclared_read or self.undeclared_searched or self.undeclared_written)

    @property
    def over_declared(self) -> bool:
        """Whether it made no use of a part of its scope."""
        return bool(self.unused_read or self.unused_write)
