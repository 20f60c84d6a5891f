"""The tree that a subagent is to start from: one tree with the work of those it needs, as a commit on top of HEAD."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_subagents.merge.joining import join
from pytest_subagents.merge.private_store import Store
from pytest_subagents.merge.rebuilding import rebuilt
from pytest_subagents.merge.work import Rebuilt, Work
from pytest_subagents.model.base_parts import BaseParts, StartKind
from pytest_subagents.model.integration import Conflicted, Merged, Nothing, PathConflict, Stale

_COMMITTED: Final = re.compile(rb"^committer .*> (\d{1,12} [+-]\d{4})$", re.M)
_WHO: Final = "subagents <subagents@localhost>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A tree to begin with. `store` can read it."""

    tree: str
    head: str | None = None
    """The id of the commit that is checked out; None where there is none."""
    kind: StartKind = "head"


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """A base that is there."""

    commit: str
    tree: str
    parts: BaseParts
    objects: Path
    """The object store that has what the repository has not."""
    pack: bytes
    """The same as a pack, for who cannot look there; empty where nobody asked for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """The work of two that are both needed does not go together."""

    agent: str
    others: tuple[str, ...]
    conflicts: tuple[PathConflict, ...]


def make_base(
    store: Store, start: Start, works: Sequence[Work], *, shown: Callable[[bytes], str], packed: bool = True
) -> Base | Apart | Stale:
    """`works`, in the order of the plan, on top of `start`; or the first of them with which that cannot be.

    `shown` makes a path one for people. The ids are the same whoever makes it and whenever.
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
    return as_base(store, joined.tree, start.head, parts, packed=packed)


def as_base(store: Store, tree: str, head: str | None, parts: BaseParts, *, packed: bool = True) -> Base:
    """A tree of `store` as a commit on top of `head`."""
    commit = _commit(store, tree, head, [work.agent for work in parts.works])
    pack = _pack(store, commit, head) if packed else b""
    return Base(commit=commit, tree=tree, parts=parts, objects=store.writing.cwd / "objects", pack=pack)


def _commit(store: Store, tree: str, head: str | None, agents: Sequence[str]) -> str:
    """Without the object of its parent, which our store borrows, `commit-tree` would make none."""
    parents = (f"parent {head}",) if head is not None else ()
    when = _time_of(store, head) if head is not None else "0 +0000"
    what = "The files that a subagent starts from"
    told = "".join(f"\nSubagent: {agent}" for agent in agents)
    lines = (f"tree {tree}", *parents, f"author {_WHO} {when}", f"committer {_WHO} {when}", "", what)
    text = "\n".join(lines) + (f"\n{told}" if told else "") + "\n"
    answer = store.writing.run("hash-object", "-t", "commit", "-w", "--stdin", input=text.encode("utf-8", "replace"))
    return answer.decode("ascii").strip()


def _time_of(store: Store, commit: str) -> str:
    found = _COMMITTED.search(store.reading.run("cat-file", "commit", commit).partition(b"\n\n")[0])
    return found[1].decode("ascii") if found is not None else "0 +0000"


def _pack(store: Store, commit: str, head: str | None) -> bytes:
    without = f"^{head}\n" if head is not None else ""
    wanted = f"{commit}\n{without}".encode("ascii")
    return store.reading.run("pack-objects", "--revs", "--stdout", "--quiet", "--threads=1", input=wanted)
