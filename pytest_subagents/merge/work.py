"""What a subagent did, as it was recorded, and as a tree."""

from __future__ import annotations

import hashlib

from pytest_subagents.model.base_parts import BaseParts, WorkPart
from pytest_subagents.model.value import Value


class Work(Value, frozen=True, kw_only=True):
    """A recorded patch. Nothing of it is believed until the tree that it gives is the recorded one."""

    agent: str
    """The id of the subagent."""
    base: str
    """The id of the tree that it started from."""
    tree: str
    """The id of the tree that it left."""
    patch: bytes
    """In the one form that recordings have; whoever made this has checked that."""
    parts: BaseParts | None = None
    """What `base` was made of, where that is more than HEAD."""

    @property
    def as_part(self) -> WorkPart:
        return WorkPart(agent=self.agent, patch=f"sha256:{hashlib.sha256(self.patch).hexdigest()}")


class Rebuilt(Value, frozen=True, kw_only=True):
    """The tree of a subagent, made again."""

    agent: str
    base: str
    tree: str
    paths: frozenset[bytes]
    """What it changed, from the toplevel."""
    on: tuple[str, ...] = ()
    """The ids of those whose work is in its base."""
