"""What a subagent starts from: a tree in a git directory of our own, with the work of those it needs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Literal, TypeAlias

from pytest_subagents.conduct.needed_work import apart, gone
from pytest_subagents.errors import BadUsage
from pytest_subagents.git.repository import Repository, head_of
from pytest_subagents.merge.basing import Apart, Base, Start, make_base
from pytest_subagents.merge.private_store import Store, open_store
from pytest_subagents.merge.work import Work
from pytest_subagents.model.integration import Stale
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.value import Value
from pytest_subagents.workspace.paths import shown
from pytest_subagents.workspace.person_files import PersonFiles
from pytest_subagents.writing import make_folder, remove_tree

Uncommitted: TypeAlias = Literal["refuse", "carry", "ignore"]
"""What becomes of changes in the person's checkout that are not committed."""


class Carried(Value, frozen=True, kw_only=True):
    """The uncommitted changes of a person's checkout, as they were when the run began."""

    tree: str
    pack: bytes


class Bases(Value, frozen=True, kw_only=True):
    """Makes bases of one repository."""

    repository: Repository
    below: Path
    """The folder that is believed as it is."""
    ours: tuple[Path, ...]
    """What runs themselves write in the person's checkout."""

    def store_at(self, place: Path) -> Store:
        """A new one at `place`; what is left there is removed."""
        left = remove_tree(place, below=self.below)
        if left is not None:
            raise left
        make_folder(place.parent, below=self.below, mode=0o700)
        return open_store(self.repository, place)

    def files(self, store: Store) -> PersonFiles:
        head = self.head()
        return PersonFiles(
            repository=self.repository,
            git=store.writing,
            reading=store.reading,
            ours=self.ours,
            head_tree=self._tree(head) if head is not None else None,
        )

    def head(self) -> str | None:
        """The commit that is checked out; None where there is no repository, or none in it yet."""
        try:
            return head_of(self.repository) if self.repository.objects is not None else None
        except BadUsage:
            return None

    def carried(self, place: Path) -> Carried | None:
        """What is not committed, looked at now by way of a store at `place`; None where there is nothing."""
        store = self.store_at(place)
        try:
            files = self.files(store)
            tree = files.with_uncommitted()
            if tree == files.head_tree:
                return None
            base = self._made(store, Start(tree=tree, head=self.head(), kind="uncommitted"), ())
            assert isinstance(base, Base)
            return Carried(tree=tree, pack=base.pack)
        finally:
            remove_tree(place, below=self.below)

    def of_head(self, works: Sequence[Work], carried: Carried | None, place: Path) -> Base | Reason | None:
        """HEAD, with what is `carried` and with `works`; None where that is HEAD alone. It is made at `place`."""
        if carried is None and not works:
            return None
        store, head = self.store_at(place), head_of(self.repository)
        if carried is None:
            return self._made(store, Start(tree=self._tree(head), head=head), works)
        store.writing.run("unpack-objects", "-q", input=carried.pack)
        return self._made(store, Start(tree=carried.tree, head=head, kind="uncommitted"), works)

    def of_copy(self, works: Sequence[Work], place: Path) -> Base | Reason:
        """The files of the person as they are now, with `works`."""
        store = self.store_at(place)
        files = self.files(store)
        start = Start(tree=files.copied(), head=self.head(), kind="copy")
        return self._made(store, start, works, whole=False)

    def _made(self, store: Store, start: Start, works: Sequence[Work], *, whole: bool = True) -> Base | Reason:
        found = make_base(store, start, works, shown=partial(shown, prefix=self.repository.prefix), whole=whole)
        match found:
            case Apart():
                return apart(found)
            case Stale():
                return gone(found)
        return found

    def _tree(self, commit: str) -> str:
        return self.repository.git.line("rev-parse", "--verify", f"{commit}^{{tree}}")
