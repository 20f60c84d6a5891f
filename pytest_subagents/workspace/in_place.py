"""A writer that works in the person's own files: what it changed is told by looking at all of them before and after.

Nobody else is to change them meanwhile: whatever is another one afterwards counts as its work. git is asked nothing in
the checkout, as its index and its settings can hide a change.
"""

from __future__ import annotations

import os
from pathlib import Path

from pytest_subagents.model.value import Value
from pytest_subagents.workspace.change import Diff
from pytest_subagents.workspace.checkout import Checkout
from pytest_subagents.workspace.listing import Listing
from pytest_subagents.workspace.person_files import PersonFiles
from pytest_subagents.workspace.real_diff import diff_of
from pytest_subagents.workspace.snapshot import Snapshot


class InPlace(Value, frozen=True, kw_only=True):
    """The person's files as they were before, and who may change them now."""

    files: PersonFiles
    before: Snapshot
    tree: str
    """The id of the tree that they were."""
    base_index: Path
    lock: int

    def diff(self) -> Diff:
        """What is another one now. `GitError` or `OSError` where that cannot be found out."""
        after = self.files.as_they_are(self.before)
        before = self.before
        # Of what was too large to be kept before, there can be no patch.
        lost = {raw for raw in before.unstored if after.entries.get(raw) != before.entries[raw]}
        news = {raw: each for raw, each in after.leftovers.items() if raw not in before.leftovers}
        news.update((raw, before.leftovers[raw]) for raw in lost)
        listing = Listing(
            entries=after.entries,
            unstored=frozenset(after.unstored | lost),
            leftovers=tuple(news[raw] for raw in sorted(news)),
        )
        return diff_of(self._as_checkout(), self.before.entries, listing)

    def release(self) -> None:
        os.close(self.lock)

    def _as_checkout(self) -> Checkout:
        repository = self.files.repository
        return Checkout(
            place=repository.toplevel,
            workdir=repository.toplevel / repository.prefix,
            git=self.files.reading,
            base_index=self.base_index,
            base_commit="",
            base_tree=self.tree,
            prefix=repository.prefix,
            object_format=repository.object_format,
        )


def look_at(files: PersonFiles, lock: int) -> InPlace:
    """All files as they are now. `lock` is the descriptor that says that nobody else changes them."""
    before = files.as_they_are()
    tree = files.tree_of(before)
    base_index = files.git.cwd / "base.index"
    os.replace(files.index, base_index)
    return InPlace(files=files, before=before, tree=tree, base_index=base_index, lock=lock)
