"""The tree that a subagent started from, made again from what it was made of."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final, TypeAlias

from pytest_subagents.git.failing import GitError
from pytest_subagents.merge.joining import join
from pytest_subagents.merge.private_store import Store
from pytest_subagents.merge.work import Rebuilt, Work
from pytest_subagents.model.base_parts import BaseParts, StartKind, WorkPart
from pytest_subagents.model.integration import Merged, Nothing

Done: TypeAlias = dict[str, tuple[WorkPart, Rebuilt]]
"""By the id of a subagent, which patch of it was used, and what it gave."""

_OF: Final[Mapping[StartKind, str]] = {
    "head": "",
    "uncommitted": ", with changes that were not committed,",
    "copy": ", a copy of files that are not all committed,",
    "checkout": ", with changes in the checkout that were not committed,",
}


def base_again(store: Store, work: Work, done: Done) -> str | None:
    """Makes the base of `work` in `store`; why it cannot be made, as words for a person."""
    parts = work.parts
    if parts is None:
        return f"the tree that it started from ({_short(work.base)}) is not in this repository"
    if not store.is_tree(parts.start):
        return f"the tree that it started from{_OF[parts.kind]} ({_short(parts.start)}) is not in this repository"
    if len({part.agent for part in parts.works}) < len(parts.works):
        return "its recording says that it is built twice on the work of one"
    below = []
    for part in parts.works:
        found = done.get(part.agent)
        if found is None:
            return f"it is built on the work of {part.agent}, which cannot be had"
        if found[0] != part:
            return f"it is built on other work of {part.agent} than what is recorded of that now"
        below.append(found[1])
    return _joined(store, parts, below, work.base)


def _joined(store: Store, parts: BaseParts, below: list[Rebuilt], base: str) -> str | None:
    try:
        joined = join(store, parts.start, below, shown=lambda raw: os.fsdecode(raw))
    except GitError as error:
        return f"what it is built on cannot be merged again: {error.what}"
    apart = [row.agent for row in joined.rows if not isinstance(row, Merged | Nothing)]
    if apart:
        return f"it is built on the work of {apart[0]}, which does not merge with the others it is built on"
    if joined.tree != base:
        return f"what it is built on gives another tree than the one that it started from ({_short(base)})"
    return None


def _short(id: str) -> str:
    return id[:12] or "none is recorded"
