"""What changes while an agent works, where it does not work."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_subagents.conduct.assignment import Assignment
from pytest_subagents.errors import SubagentsError
from pytest_subagents.git.program import find_git
from pytest_subagents.git.repository import find_repository
from pytest_subagents.transcript.meta import OutsideChange
from pytest_subagents.workspace.sentinels import Look, Sentinels, listed_and_passed_over


@dataclass(slots=True, kw_only=True)
class Guard:
    """Of one process."""

    rootdir: Path
    environ: Mapping[str, str]
    listed: Sequence[str] = ()
    """Further paths, as a person wrote them, and behind `!` globs of what is passed over."""
    ours: Sequence[Path] = ()
    """What runs themselves write."""
    alone: bool = False
    """Whether one agent of the run works at a time."""
    _sentinels: Sentinels | None = None

    def look(self) -> Look:
        if self._sentinels is None:
            try:
                repository = find_repository(find_git(self.environ.get("PATH", os.defpath)), self.rootdir)
            except SubagentsError:
                repository = None
            ours = tuple(Path(os.path.realpath(path)) for path in self.ours)
            home = Path(os.path.expanduser("~"))
            listed, passed_over = listed_and_passed_over(self.listed)
            self._sentinels = Sentinels(
                rootdir=self.rootdir,
                repository=repository,
                home=home,
                listed=listed,
                passed_over=passed_over,
                ours=ours,
            )
        return self._sentinels.look()

    def changed(self, before: Look, assignment: Assignment) -> tuple[OutsideChange, ...]:
        """What is another one than `before`; a writer in the person's files is told by those otherwise."""
        assert self._sentinels is not None
        subagent = assignment.subagent
        in_place = subagent.isolation == "none" and bool(subagent.scope.write)
        found = self._sentinels.changed(before, files=not in_place)
        return tuple(OutsideChange(path=path, certain=self.alone) for path in found)
