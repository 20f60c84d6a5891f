"""Where a live subagent works: a private checkout, a copy, or the person's files."""

from __future__ import annotations

import os
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from pytest_subagents.conduct.assignment import Assignment
from pytest_subagents.conduct.basis import Bases, Carried, Uncommitted
from pytest_subagents.conduct.isolation import Beneath, isolation_of, writes
from pytest_subagents.conduct.keeping import Keeper
from pytest_subagents.conduct.needed_work import Called, works_beneath, works_digest
from pytest_subagents.git.program import find_git
from pytest_subagents.git.repository import NoRepository, Repository, find_repository, head_of, no_repository
from pytest_subagents.merge.basing import Base
from pytest_subagents.merge.work import Work
from pytest_subagents.model.base_parts import BaseParts
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.spec import Isolation
from pytest_subagents.model.value import Value
from pytest_subagents.runners.supervision.stop import Stop
from pytest_subagents.workspace.change import Diff
from pytest_subagents.workspace.checkout import Checkout, Objects, checkout, remove_checkout
from pytest_subagents.workspace.in_place import InPlace, look_at
from pytest_subagents.workspace.real_diff import real_diff
from pytest_subagents.workspace.slots import locked, place_of
from pytest_subagents.writing import remove_tree

_LOOK_SECONDS: Final = 0.2


class Changes(Protocol):
    def diff(self) -> Diff: ...


class _InCheckout(Value, frozen=True, kw_only=True):
    checkout: Checkout

    def diff(self) -> Diff:
        return real_diff(self.checkout)


class Workplace(Value, frozen=True, kw_only=True):
    """A folder to work in."""

    folder: Path
    changes: Changes | None = None
    base_of: BaseParts | None = None
    """What it is made of, where that is more than HEAD."""

    def diff(self) -> Diff | None:
        """What was really changed; None for one who works in the person's files and cannot write. `GitError` or
        `OSError` where it cannot be taken."""
        return self.changes.diff() if self.changes is not None else None


@dataclass(slots=True, kw_only=True)
class Workplaces:
    """Those of one process; each subagent's is at the same path in every run."""

    rootdir: Path
    work: Path
    """The folder of the run's checkouts, held by a slot."""
    trusted: Path
    """The one above it that is believed."""
    environ: Mapping[str, str]
    beneath: Beneath
    called: Called
    keeper: Keeper
    stop: Stop
    uncommitted: Uncommitted = "ignore"
    ours: Sequence[Path] = ()
    """What runs themselves write in the person's checkout."""
    _repository: Repository | None = None
    _looked: bool = False
    _carried: Carried | None = None
    _made: dict[str, Checkout] = field(default_factory=dict)
    """By node id, those that are there."""
    _in_place: dict[str, InPlace] = field(default_factory=dict)
    held: Container[str] = ()
    """Node ids of those whose place a test looks at: it stays until `release`."""
    _over: dict[str, bool] = field(default_factory=dict)
    """Those of them that are over, and whether a person keeps their place."""
    _folders: dict[str, Path] = field(default_factory=dict)

    def of(self, assignment: Assignment) -> Workplace | Reason:
        """Or why it cannot start. `BadUsage` or `GitError` where there can be none. It stays until `leave`, or until
        there is another one for the same subagent."""
        found = self._of(assignment)
        if isinstance(found, Workplace):
            self._folders[assignment.planned.nodeid] = found.folder
        return found

    def _of(self, assignment: Assignment) -> Workplace | Reason:
        nodeid = assignment.planned.nodeid
        beneath = self.beneath(nodeid)
        isolation = isolation_of(assignment.subagent, beneath)
        if isolation == "none":
            return self._persons(nodeid) if writes(assignment) else Workplace(folder=self.rootdir)
        works = works_beneath(beneath, self.called, self.keeper.work)
        return works if isinstance(works, Reason) else self._private(nodeid, works, isolation)

    def built_on(self, assignment: Assignment) -> str:
        """A digest of the work of others that it starts from; empty where it starts from none."""
        beneath = self.beneath(assignment.planned.nodeid)
        if isolation_of(assignment.subagent, beneath) == "none":
            return ""
        return works_digest(works_beneath(beneath, self.called, self.keeper.work))

    def look_for_uncommitted(self) -> None:
        """What is carried is what is there now: before the first agent starts. `BadUsage` where it cannot be."""
        if self.uncommitted == "carry" and not self._looked:
            self._carried = self._bases().carried(self.work / f"uncommitted-{os.getpid()}")
            self._looked = True

    @property
    def carried(self) -> str | None:
        """The tree of HEAD with what is carried; None where there is nothing."""
        return self._carried.tree if self._carried is not None else None

    def carries_what_is_in_no_commit(self) -> bool:
        """Whether the repository has no such tree."""
        git = self._bases().repository.git
        return self.carried is not None and git.ask("cat-file", "-e", f"{self.carried}^{{tree}}").code != 0

    def leave(self, nodeid: str, *, keep: bool = False) -> None:
        """A subagent is over. Its checkout is removed, or stays for a person until another run needs the place; what
        is ours beside it goes in any case."""
        if nodeid in self.held:
            self._over.setdefault(nodeid, keep)
            return
        self._remove(nodeid, keep=keep)

    def held_place(self, nodeid: str) -> Path | None:
        """Where a subagent of this run has worked that is over; None where it has not run here."""
        return self._folders.get(nodeid) if nodeid in self._over else None

    def release(self, nodeid: str) -> None:
        """The test has seen enough."""
        self._remove(nodeid, keep=self._over.pop(nodeid, False))

    def _remove(self, nodeid: str, *, keep: bool) -> None:
        made, looked_at = self._made.pop(nodeid, None), self._in_place.pop(nodeid, None)
        if made is not None:
            remove_checkout(made, below=self.trusted, keep=keep)
        if looked_at is not None:
            looked_at.release()
        for what in ("base", "git"):  # also of a place that could not be made
            beside = _beside(place_of(self.work, nodeid), what)
            if os.path.lexists(beside):
                remove_tree(beside, below=self.trusted)

    def _private(self, nodeid: str, works: tuple[Work, ...], isolation: Isolation) -> Workplace | Reason:
        bases, place = self._bases(), place_of(self.work, nodeid)
        if isolation == "copy":
            base: Base | Reason | None = bases.of_copy(works, _beside(place, "base"))
        else:
            self.look_for_uncommitted()
            base = bases.of_head(works, self._carried, _beside(place, "base"))
        if isinstance(base, Reason):
            return base
        made = checkout(
            bases.repository,
            base=base.commit if base is not None else head_of(bases.repository),
            place=place,
            private=_beside(place, "git"),
            below=self.trusted,
            objects=Objects(store=base.objects, pack=base.pack) if base is not None else None,
            own_git=isolation != "copy",
        )
        self._made[nodeid] = made
        parts = base.parts if base is not None else None
        return Workplace(folder=made.workdir, changes=_InCheckout(checkout=made), base_of=parts)

    def _persons(self, nodeid: str) -> Workplace | Reason:
        """One at a time, also of two runs; what a try has changed is not another one's start."""
        if nodeid not in self._in_place:
            path = self.work.parent / "checkout.lock"
            while (lock := locked(path, below=self.trusted)) is None:
                if self.stop.wait(_LOOK_SECONDS):
                    return Reason(kind="stopped", message=self.stop.why)
            try:
                bases = self._bases()
                store = bases.store_at(_beside(place_of(self.work, nodeid), "base"))
                self._in_place[nodeid] = look_at(bases.files(store), lock)
            except BaseException:
                os.close(lock)
                raise
        found = self._in_place[nodeid]
        return Workplace(folder=self.rootdir, changes=found, base_of=BaseParts(start=found.tree, kind="checkout"))

    def _bases(self) -> Bases:
        if self._repository is None:
            program = find_git(self.environ.get("PATH", os.defpath))
            try:
                self._repository = find_repository(program, self.rootdir)
            except NoRepository:
                self._repository = no_repository(program, self.rootdir)
        return Bases(repository=self._repository, below=self.trusted, ours=tuple(map(_real, self.ours)))


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _beside(place: Path, what: str) -> Path:
    return place.with_name(f"{place.name}.{what}")
