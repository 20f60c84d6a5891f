"""A recorded patch to the tree that it gives, which must be the recorded one."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from pytest_subagents.git.failing import GitError
from pytest_subagents.merge.base_again import Done, base_again
from pytest_subagents.merge.private_store import Store
from pytest_subagents.merge.work import Rebuilt, Work
from pytest_subagents.model.integration import Stale, Version

_AGAIN = "record the subagent again"


def rebuilt(store: Store, works: Iterable[Work], *, whole: bool = False) -> tuple[Rebuilt | Stale, ...]:
    """Each of `works`, in the order of the plan, as a tree in `store`, or why it is stale. What a patch names is only
    ever applied in an index; a base that the work of others is in is made again, too, but without `whole` not for one
    who changed nothing."""
    bases: dict[str, Mapping[bytes, Version]] = {}
    done: Done = {}
    found: list[Rebuilt | Stale] = []
    for work in works:
        one = _rebuilt(store, work, bases, done, whole=whole)
        if isinstance(one, Rebuilt):
            done[work.agent] = (work.as_part, one)
        found.append(one)
    return tuple(found)


def _rebuilt(
    store: Store, work: Work, bases: dict[str, Mapping[bytes, Version]], done: Done, *, whole: bool
) -> Rebuilt | Stale:
    """`bases` keeps the files of trees that were asked for."""
    on = tuple(part.agent for part in work.parts.works) if work.parts is not None else ()
    if not whole and not work.patch and work.tree == work.base:  # nothing is needed of it
        return Rebuilt(agent=work.agent, base=work.base, tree=work.tree, paths=frozenset(), on=on)
    if not store.is_tree(work.base):
        why = base_again(store, work, done)
        if why is not None:
            return Stale(agent=work.agent, why=why, hint=f"{_of_start(work)}, or {_AGAIN}")
    try:
        index = store.bring_trees(work.base)
        if work.base not in bases:
            bases[work.base] = store.files_of(work.base)
        paths = _paths(store, work.patch)
        store.bring_files(bases[work.base].get(path) for path in paths)
    except GitError as error:
        why = f"the tree that it started from is not complete here: {error.what}"
        return Stale(agent=work.agent, why=why, hint="fetch what is missing (`git fsck` tells it)")
    after = store.writing.cwd / "after.index"
    shutil.copyfile(index, after)
    git = replace(store.writing, index=after)
    try:
        if work.patch:
            git.run("apply", "--cached", "--whitespace=nowarn", "-", input=work.patch)
        tree = git.line("write-tree", "--missing-ok")
    except GitError as error:
        return Stale(
            agent=work.agent, why=f"its patch does not apply to what it started from: {error.what}", hint=_AGAIN
        )
    if tree != work.tree:
        return Stale(agent=work.agent, why="its patch gives another tree than the recorded one", hint=_AGAIN)
    return Rebuilt(agent=work.agent, base=work.base, tree=tree, paths=paths, on=on)


def _of_start(work: Work) -> str:
    """How the tree that it started from gets into the repository."""
    if work.parts is None or work.parts.kind == "head":
        return "fetch the commit that it was recorded on"
    return "commit those changes as they were then, without recordings and reports"


def _paths(store: Store, patch: bytes) -> frozenset[bytes]:
    """What a patch changes, as git reads it: `<added>\\t<removed>\\t<path>`, ended by a NUL."""
    if not patch:
        return frozenset()
    lines = store.writing.run("apply", "--numstat", "-z", "-", input=patch).split(b"\0")
    return frozenset(line.split(b"\t", 2)[2] for line in lines if line)
