"""Where a live subagent works: a private checkout if it may write, else the person's files, which it cannot change."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pytest_subagents.git.program import find_git
from pytest_subagents.git.repository import Repository, find_repository, head_of
from pytest_subagents.model.spec import Subagent
from pytest_subagents.workspace.change import Diff
from pytest_subagents.workspace.checkout import Checkout, checkout, remove_checkout
from pytest_subagents.workspace.real_diff import real_diff
from pytest_subagents.workspace.slots import place_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """A folder to work in."""

    folder: Path
    checkout: Checkout | None = None

    def diff(self) -> Diff | None:
        """What was really changed; None for one who cannot write. `GitError` or `OSError` where it cannot be taken."""
        return real_diff(self.checkout) if self.checkout is not None else None


class Workplaces:
    """Those of one process; each subagent's is at the same path in every run."""

    def __init__(self, *, rootdir: Path, work: Path, trusted: Path, environ: Mapping[str, str]) -> None:
        """`work` is the folder of the run's checkouts, held by a slot; `trusted` the one above it that is believed."""
        self._rootdir = rootdir
        self._work = work
        self._trusted = trusted
        self._environ = environ
        self._repository: Repository | None = None
        self._made: dict[str, Checkout] = {}
        """By node id, those that are there."""

    def of(self, subagent: Subagent, nodeid: str) -> Workplace:
        """`BadUsage` or `GitError` where there can be none. It stays until `leave`, or until there is another one for
        the same subagent."""
        if not subagent.scope.write:
            return Workplace(folder=self._rootdir)
        made = self._checkout(nodeid)
        self._made[nodeid] = made
        return Workplace(folder=made.workdir, checkout=made)

    def leave(self, nodeid: str, *, keep: bool = False) -> None:
        """A subagent is over. Its checkout is removed, or stays for a person until another run needs the place; the
        git directory that is ours goes in any case."""
        made = self._made.pop(nodeid, None)
        if made is not None:
            remove_checkout(made, below=self._trusted, keep=keep)

    def _checkout(self, nodeid: str) -> Checkout:
        if self._repository is None:
            self._repository = find_repository(find_git(self._environ.get("PATH", os.defpath)), self._rootdir)
        place = place_of(self._work, nodeid)
        return checkout(
            self._repository,
            base=head_of(self._repository),
            place=place,
            private=place.with_name(f"{place.name}.git"),
            below=self._trusted,
        )
