"""What a subagent did, as it was recorded, and as a tree."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A recorded patch. Nothing of it is believed until the tree that it gives is the recorded one."""

    agent: str
    """The id of the subagent."""
    base: str
    """The id of the tree that it started from."""
    tree: str
    """The id of the tree that it left."""
    patch: bytes
    """In the one form that recordings have; whoever made this has checked that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """The tree of a subagent, made again."""

    agent: str
    base: str
    tree: str
    paths: frozenset[bytes]
    """What it changed, from the toplevel."""
