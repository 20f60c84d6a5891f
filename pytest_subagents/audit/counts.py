"""What the transcript of one agent leaves open, counted while it is read, and the words for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pytest_subagents.model import limits


@dataclass(slots=True, kw_only=True)
class Counts:
    """Of all sessions of one agent. Mutable: it grows while they are read."""

    ran: int = 0
    """Commands, understood or not."""
    commands: int = 0
    """Those of which it is not known what, or what else, they read."""
    tools: int = 0
    """Calls of tools of which it is not known what they did."""
    subagents: int = 0
    """Its own, and calls that start one."""
    moved: int = 0
    """Paths that may count from another folder than the workspace."""
    unended: int = 0
    unfollowed: int = 0
    """Calls whose begin could not be remembered."""
    unknown: int = 0
    """Lines of a dialect that say something unknown."""
    links: int = 0
    """Session files of its own subagents that are links out of their place."""
    left_out: int = 0
    """Lines of the log beyond `limits.AUDIT_LINES`."""

    def words(self, *, diffed: bool) -> Iterator[str]:
        """`diffed` says that its workspace was compared with what it was before."""
        if self.commands:
            yield f"what {_of(self.commands, 'command')} read, or read besides, is not told by the text"
        if self.ran:
            where = " outside of its workspace" if diffed else ""
            yield f"what its commands wrote{where} is told by nothing"
        if self.tools:
            yield f"what {_of(self.tools, 'call')} of tools did is not told"
        if self.subagents:
            yield "it let subagents of its own work: only what its transcript tells of them is listed"
        if self.moved:
            yield f"{_of(self.moved, 'path')} may count from another folder, as its shell had moved"
        if self.unended:
            yield f"{_of(self.unended, 'call')} had not ended when the transcript did"
        if self.unfollowed:
            yield f"of {_of(self.unfollowed, 'call')} only the end was looked at, as too many were open at once"
        if self.unknown:
            yield f"unknown to this version: what {_of(self.unknown, 'line')} of its transcript told"
        if self.links:
            yield f"not read: {_of(self.links, 'session file')} of its own subagents, behind links to other places"
        if self.left_out:
            yield f"{_of(self.left_out, 'line')} beyond the first {limits.AUDIT_LINES:,} are left out"


def _of(number: int, name: str) -> str:
    return f"{number:,} {name}" + "s" * (number != 1)
