"""Where a live subagent works: a private checkout if it may write, else the person's files, which it cannot change."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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
    """A folder to work in, while it is there."""

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

    @contextmanager
    def of(self, subagent: Subagent, nodeid: str) -> Iterator[Workplace]:
        """Made, and removed at the end. `BadUsage` or `GitError` where there can be none."""
        if not subagent.scope.write:
            yield Workplace(folder=self._rootdir)
            return
        made = self._checkout(nodeid)
        try:
            yield Workplace(folder=made.workdir, checkout=made)
        finally:
            remove_checkout(made, below=self._trusted)

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
