"""The real diff: what is in a private checkout now against what was in it at the start.

It is taken from the files, not from what git thinks of them: the agent's own git directory is never opened, every file
is read and hashed, ignored ones too, and a nested repository is looked into. Only a path whose contents differ is
written to the git directory that is ours; git then makes two trees and the patch between them.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from pytest_subagents.git.command import Git
from pytest_subagents.model import limits
from pytest_subagents.workspace.change import Diff, Entry, FileDifference, Unkept
from pytest_subagents.workspace.checkout import Checkout
from pytest_subagents.workspace.indexing import entries_of, put_entries
from pytest_subagents.workspace.listing import Leftover, Listing, list_checkout
from pytest_subagents.workspace.paths import shown

_DIFF: Final = (
    "diff-tree",
    "-r",
    "-p",
    "--binary",
    "--full-index",
    "--no-renames",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--diff-algorithm=myers",
    "--indent-heuristic",
    "--unified=3",
    "--inter-hunk-context=0",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "--submodule=short",
    "--ignore-submodules=none",
)
"""Everything that a version of git or a configuration could choose otherwise is said."""


def real_diff(checkout: Checkout) -> Diff:
    """What the files of `checkout` are now against what they were, whatever the agent did to its git.

    To be called when no process of the agent lives any more; one that does can only add to what is seen. Folders and
    files that the agent made unreadable become readable. `GitError` where git fails (objects of the repository that
    are gone), `OSError` where the disk is full.
    """
    base = dict(entries_of(replace(checkout.git, index=checkout.base_index)))
    listing = list_checkout(
        checkout.place,
        base=base,
        sizes=partial(_sizes_of, checkout.git, checkout.base_tree),
        objects=checkout.git.cwd / "objects",
        object_format=checkout.object_format,
    )
    return diff_of(checkout, base, listing)


def diff_of(checkout: Checkout, base: Mapping[bytes, Entry], listing: Listing) -> Diff:
    """What `listing`, the files that are there now, is against `base`, the index of `checkout`."""
    git = replace(checkout.git, index=checkout.git.cwd / "after.index")
    differences = tuple(_differences(base, listing, checkout.prefix))
    shutil.copyfile(checkout.base_index, git.cwd / "after.index")
    kept = [difference for difference in differences if difference.raw not in listing.unstored]
    put_entries(git, ((one.raw, one.after) for one in kept), checkout.object_format)
    # All trees are written into our own store: one that git finds where it borrows would get a new time there.
    tree = replace(git, borrows=()).line("write-tree", "--missing-ok")
    patch = _patch(git, checkout.base_tree, tree)
    unkept = tuple(_unkept(listing.leftovers, checkout.prefix))
    if patch is None:
        why = f"has a patch of more than {limits.CHANGED_BYTES:,} bytes, which is not kept"
        unkept = (Unkept(path=".", kind="too_large", why=why), *unkept)
    return Diff(
        patch=patch or b"",
        differences=differences,
        base_tree=checkout.base_tree,
        tree=tree,
        prefix=checkout.prefix,
        unkept=unkept,
    )


def _sizes_of(git: Git, tree: str) -> Mapping[str, int]:
    """The sizes of all blobs of `tree` by id: `<mode> <type> <id> <size>\\t<path>`; a submodule has none."""
    lines = git.run("ls-tree", "-r", "-l", "-z", "--full-tree", tree).split(b"\0")
    facts = (line.partition(b"\t")[0].decode("ascii").split() for line in lines if line)
    return {id: int(size) for _mode, _kind, id, size in facts if size != "-"}


def _differences(base: Mapping[bytes, Entry], listing: Listing, prefix: Path) -> Iterator[FileDifference]:
    for raw in sorted(base.keys() | listing.entries.keys()):
        before, after = base.get(raw), listing.entries.get(raw)
        if before != after:
            yield FileDifference(raw=raw, path=shown(raw, prefix), before=before, after=after)


def _patch(git: Git, before: str, after: str) -> bytes | None:
    """The patch, by way of a file: what git writes has no bound of its own. None where it is too large."""
    path = git.cwd / "after.patch"
    path.unlink(missing_ok=True)
    git.run(*_DIFF, before, after, output=path)
    return path.read_bytes() if path.stat().st_size <= limits.CHANGED_BYTES else None


def _unkept(leftovers: tuple[Leftover, ...], prefix: Path) -> Iterator[Unkept]:
    for leftover in leftovers[: limits.UNKEPT_SHOWN]:
        path = shown(leftover.raw, prefix) if leftover.raw else "."
        yield Unkept(path=path, kind=leftover.kind, why=leftover.why)
    more = len(leftovers) - limits.UNKEPT_SHOWN
    if more > 0:
        yield Unkept(path=".", kind="closed", why=f"has {more:,} more of these")
