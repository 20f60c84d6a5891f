"""A private checkout: a detached commit of the person's repository in a folder of an agent's own.

It has a git of its own, so an agent can look at the history, stage and commit; all of it borrows the objects of the
repository, and nothing is written there: no worktree, no ref, no configuration, no index. Beside it, outside of what
the agent works in, lies a second git directory that is ours alone and knows what the checkout was at the start: the
diff is taken by that one.

Hooks and filters of the repository do not run. Files are the bytes that git has: a file in Git LFS is its pointer, and
line endings are those of the commit. Submodules are empty folders.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from pytest_subagents.errors import BadUsage
from pytest_subagents.git.command import Git
from pytest_subagents.git.failing import GitError
from pytest_subagents.git.private import make_agents, make_private
from pytest_subagents.git.repository import Repository
from pytest_subagents.model.value import Value
from pytest_subagents.writing import make_folder, remove_tree

_WHO: Final = "[user]\n\tname = subagent\n\temail = subagent@localhost\n[gc]\n\tauto = 0\n"
"""Without an identity an agent that commits only learns that it has none: its home is empty."""


class Checkout(Value, frozen=True, kw_only=True):
    """A private checkout that is there."""

    place: Path
    """The toplevel of the checkout: what the agent may write."""
    workdir: Path
    """The folder that stands for the rootdir: where the agent works."""
    git: Git
    """git in the directory that is ours alone, without a work tree and without an index."""
    base_index: Path
    """The index of the base, made before the agent began: every path with its mode and id."""
    base_commit: str
    base_tree: str
    prefix: Path
    """The rootdir from the toplevel."""
    object_format: str


class Objects(Value, frozen=True, kw_only=True):
    """What a base has that the repository has not."""

    store: Path
    """An object store of ours, which stays for as long as the checkout."""
    pack: bytes
    """The same for the agent's own git, which does not know of us."""


def checkout(
    repository: Repository,
    *,
    base: str,
    place: Path,
    private: Path,
    below: Path,
    objects: Objects | None = None,
    own_git: bool = True,
) -> Checkout:
    """Makes a private checkout of the commit `base` at `place`, and the git directory that is ours at `private`.

    What is left at both places from an earlier run is removed first. Both lie below `below`, a folder that is trusted
    as it is, with no link on the way, and neither inside the other. Without `own_git` it is a plain folder. `BadUsage`
    where the base cannot be checked out or the places cannot be written, `GitError` where git fails for another reason
    (a full disk).
    """
    if place.is_relative_to(private) or private.is_relative_to(place):
        raise ValueError(f"{place} and {private} must not lie inside each other")
    try:
        for folder in (place, private):
            left = remove_tree(folder, below=below)
            if left is not None:
                raise left
            make_folder(folder.parent, below=below, mode=0o700)
        git = make_private(repository, private)
        pack = objects.pack if objects is not None else b""
        agents = make_agents(repository, place, pack=pack) if own_git else None
        place.mkdir(mode=0o700, exist_ok=own_git)
        if objects is not None:
            git = replace(git, borrows=(*git.borrows, objects.store))
    except OSError as error:
        raise BadUsage(
            str(error.filename or place),
            f"no private checkout can be made here: {(error.strerror or str(error)).lower()}",
            hint="remove what is in the way, or choose another place by --subagents-run-dir",
        ) from None
    tree = _tree_of(git, base, repository)
    base_index = private / "base.index"
    replace(git, index=base_index).run("read-tree", tree)
    index = (agents or private) / "index"
    _fill(replace(git, work_tree=place, cwd=place, index=index), agents, base_index, base)
    return Checkout(
        place=place,
        workdir=_workdir(place, repository.prefix),
        git=git,
        base_index=base_index,
        base_commit=base,
        base_tree=tree,
        prefix=repository.prefix,
        object_format=repository.object_format,
    )


def remove_checkout(checkout: Checkout, *, below: Path, keep: bool = False) -> OSError | None:
    """Removes the checkout, unless it is to `keep`, and the git directory beside it; the reason if something of them
    stays."""
    left = None if keep else remove_tree(checkout.place, below=below)
    return remove_tree(checkout.git.cwd, below=below) or left


def _tree_of(git: Git, base: str, repository: Repository) -> str:
    try:
        return git.line("rev-parse", "--verify", "--end-of-options", f"{base}^{{tree}}")
    except GitError as error:
        raise BadUsage(
            str(repository.toplevel),
            f"has no commit {base}: {error.what}",
            hint="fetch it, or run `git fsck` if it should be there",
        ) from None


def _fill(git: Git, agents: Path | None, base_index: Path, base: str) -> None:
    """The files, by `git`, and the index, HEAD and identity of the agent's own git directory `agents`."""
    assert git.index is not None
    shutil.copyfile(base_index, git.index)
    try:
        git.run("checkout-index", "--all", "--force", "--index", "--quiet")
    except GitError as error:
        if "unable to read" not in error.stderr and "missing" not in error.stderr:
            raise
        raise BadUsage(
            str(git.cwd),
            f"the commit {base} is not complete here: {error.what}",
            hint="in a partial clone (`git clone --filter`) fetch the missing files first: nothing is fetched by a run",
        ) from None
    if agents is None:
        return
    (agents / "HEAD").write_text(f"{base}\n", encoding="ascii")
    with open(agents / "config", "a", encoding="ascii") as config:
        config.write(_WHO)


def _workdir(place: Path, prefix: Path) -> Path:
    workdir = place / prefix
    try:
        # A rootdir that no commit has yet, because all in it is new, is an empty folder.
        make_folder(workdir, below=place)
    except OSError as error:
        where = os.path.relpath(error.filename or workdir, place)
        raise BadUsage(
            where,
            "is no folder in the commit that a subagent starts from",
            hint="commit the folder that pytest runs in",
        ) from None
    return workdir
