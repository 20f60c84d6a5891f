"""Where a live subagent works: a private checkout, or the person's files, which a reader cannot change."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pytest_subagents.conduct.assignment import Assignment
from pytest_subagents.conduct.isolation import Beneath, isolation_of
from pytest_subagents.conduct.keeping import Keeper
from pytest_subagents.conduct.needed_work import apart, gone, works_beneath, works_digest
from pytest_subagents.git.program import find_git
from pytest_subagents.git.repository import Repository, find_repository, head_of
from pytest_subagents.merge.basing import Apart, Base, Start, make_base
from pytest_subagents.merge.private_store import open_store
from pytest_subagents.merge.work import Work
from pytest_subagents.model.base_parts import BaseParts
from pytest_subagents.model.integration import Stale
from pytest_subagents.model.reason import Reason
from pytest_subagents.workspace.change import Diff
from pytest_subagents.workspace.checkout import Checkout, Objects, checkout, remove_checkout
from pytest_subagents.workspace.paths import shown
from pytest_subagents.workspace.real_diff import real_diff
from pytest_subagents.workspace.slots import place_of
from pytest_subagents.writing import make_folder, remove_tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """A folder to work in."""

    folder: Path
    checkout: Checkout | None = None
    base_of: BaseParts | None = None
    """What the checkout is of, where that is more than HEAD."""

    def diff(self) -> Diff | None:
        """What was really changed; None for one who works in the person's files and cannot write. `GitError` or
        `OSError` where it cannot be taken."""
        return real_diff(self.checkout) if self.checkout is not None else None


class Workplaces:
    """Those of one process; each subagent's is at the same path in every run."""

    def __init__(
        self,
        *,
        rootdir: Path,
        work: Path,
        trusted: Path,
        environ: Mapping[str, str],
        beneath: Beneath,
        keeper: Keeper,
    ) -> None:
        """`work` is the folder of the run's checkouts, held by a slot; `trusted` the one above it that is believed."""
        self._rootdir = rootdir
        self._work = work
        self._trusted = trusted
        self._environ = environ
        self._beneath = beneath
        self._keeper = keeper
        self._repository: Repository | None = None
        self._made: dict[str, Checkout] = {}
        """By node id, those that are there."""

    def of(self, assignment: Assignment) -> Workplace | Reason:
        """Or why it cannot start. `BadUsage` or `GitError` where there can be none. It stays until `leave`, or until
        there is another one for the same subagent."""
        beneath = self._beneath(assignment.planned.nodeid)
        if isolation_of(assignment.subagent, beneath) == "none":
            return Workplace(folder=self._rootdir)
        works = works_beneath(beneath, self._keeper)
        return works if isinstance(works, Reason) else self._private(assignment.planned.nodeid, works)

    def built_on(self, assignment: Assignment) -> str:
        """A digest of the work of others that it starts from; empty where it starts from none."""
        beneath = self._beneath(assignment.planned.nodeid)
        if isolation_of(assignment.subagent, beneath) == "none":
            return ""
        return works_digest(works_beneath(beneath, self._keeper))

    def leave(self, nodeid: str, *, keep: bool = False) -> None:
        """A subagent is over. Its checkout is removed, or stays for a person until another run needs the place; what
        is ours beside it goes in any case."""
        made = self._made.pop(nodeid, None)
        if made is not None:
            remove_checkout(made, below=self._trusted, keep=keep)
            remove_tree(_beside(made.place, "base"), below=self._trusted)

    def _private(self, nodeid: str, works: tuple[Work, ...]) -> Workplace | Reason:
        repository = self._found()
        place, head = place_of(self._work, nodeid), head_of(repository)
        base = self._based(repository, head, works, _beside(place, "base")) if works else None
        if isinstance(base, Reason):
            return base
        made = checkout(
            repository,
            base=base.commit if base is not None else head,
            place=place,
            private=_beside(place, "git"),
            below=self._trusted,
            objects=Objects(store=base.objects, pack=base.pack) if base is not None else None,
        )
        self._made[nodeid] = made
        return Workplace(folder=made.workdir, checkout=made, base_of=base.parts if base is not None else None)

    def _based(self, repository: Repository, head: str, works: tuple[Work, ...], place: Path) -> Base | Reason:
        """HEAD with the work of others, in a git directory of our own at `place`."""
        left = remove_tree(place, below=self._trusted)
        if left is not None:
            raise left
        make_folder(place.parent, below=self._trusted, mode=0o700)
        store = open_store(repository, place)
        start = Start(tree=repository.git.line("rev-parse", "--verify", f"{head}^{{tree}}"), head=head)
        found = make_base(store, start, works, shown=partial(shown, prefix=repository.prefix))
        match found:
            case Apart():
                return apart(found)
            case Stale():
                return gone(found)
        return found

    def _found(self) -> Repository:
        if self._repository is None:
            self._repository = find_repository(find_git(self._environ.get("PATH", os.defpath)), self._rootdir)
        return self._repository


def _beside(place: Path, what: str) -> Path:
    return place.with_name(f"{place.name}.{what}")
