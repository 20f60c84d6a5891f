"""The tree that a subagent is to start from: one tree with the work of those it needs, as a commit on top of HEAD."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from pytest_subagents.merge.committing import commit, packed, time_of
from pytest_subagents.merge.joining import join
from pytest_subagents.merge.private_store import Store
from pytest_subagents.merge.rebuilding import rebuilt
from pytest_subagents.merge.work import Rebuilt, Work
from pytest_subagents.model.base_parts import BaseParts, StartKind
from pytest_subagents.model.integration import Conflicted, Merged, Nothing, PathConflict, Stale
from pytest_subagents.model.value import Value


class Start(Value, frozen=True, kw_only=True):
    """A tree to begin with. `store` can read it."""

    tree: str
    head: str | None = None
    """The id of the commit that is checked out; None where there is none."""
    kind: StartKind = "head"


class Base(Value, frozen=True, kw_only=True):
    """A base that is there."""

    commit: str
    tree: str
    parts: BaseParts
    objects: Path
    """The object store that has what the repository has not."""
    pack: bytes
    """The same as a pack, for who cannot look there; empty where nobody asked for it."""


class Apart(Value, frozen=True, kw_only=True):
    """The work of two that are both needed does not go together."""

    agent: str
    others: tuple[str, ...]
    conflicts: tuple[PathConflict, ...]


def make_base(
    store: Store, start: Start, works: Sequence[Work], *, shown: Callable[[bytes], str], whole: bool = True
) -> Base | Apart | Stale:
    """`works`, in the order of the plan, on top of `start`; or the first of them with which that cannot be.

    `shown` makes a path one for people. Without `whole` there is no pack. The ids are the same whoever makes it and
    whenever.
    """
    made = rebuilt(store, works)
    stale = next((each for each in made if isinstance(each, Stale)), None)
    if stale is not None:
        return stale
    there = [each for each in made if isinstance(each, Rebuilt)]
    joined = join(store, start.tree, there, shown=shown)
    conflict = next((row for row in joined.rows if isinstance(row, Conflicted)), None)
    if conflict is not None:
        return Apart(agent=conflict.agent, others=conflict.agents, conflicts=conflict.conflicts)
    assert all(isinstance(row, Merged | Nothing) for row in joined.rows)
    parts = BaseParts(start=start.tree, kind=start.kind, works=tuple(work.as_part for work in works))
    return _as_base(store, joined.tree, start.head, parts, whole=whole)


def _as_base(store: Store, tree: str, head: str | None, parts: BaseParts, *, whole: bool) -> Base:
    """A tree of `store` as a commit on top of `head`."""
    told = "".join(f"\nSubagent: {work.agent}" for work in parts.works)
    message = "The files that a subagent starts from" + (f"\n{told}" if told else "") + "\n"
    made = commit(store, tree, parent=head, when=time_of(store, head), message=message)
    pack = packed(store, made, head) if whole else b""
    return Base(commit=made, tree=tree, parts=parts, objects=store.writing.cwd / "objects", pack=pack)
