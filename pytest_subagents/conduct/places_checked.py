"""Whether every subagent can work where it is to work, before the first one starts; and what they will not see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from pytest_subagents.conduct.assignment import Assignment
from pytest_subagents.conduct.basis import Uncommitted
from pytest_subagents.conduct.isolation import Beneath, isolation_of, writes
from pytest_subagents.errors import BadUsage, SubagentsError
from pytest_subagents.git.program import find_git
from pytest_subagents.git.repository import NoRepository, find_repository, head_of, refuse_partial
from pytest_subagents.model.spec import Isolation
from pytest_subagents.model.value import Value
from pytest_subagents.workspace.dirty import dirty

_CHANGES_SHOWN: Final = 3
_REFUSED: Final = (
    "commit or stash them, or say --subagents-uncommitted=carry (they start with them) or =ignore (without them)"
)


class Places(Value, frozen=True, kw_only=True):
    """Where those who are to run live will work."""

    running: Sequence[Assignment]
    beneath: Beneath
    rootdir: Path
    environ: Mapping[str, str]
    ours: Sequence[Path]
    """What runs themselves write in a checkout: changes there do not count."""
    uncommitted: Uncommitted = "ignore"
    elsewhere: bool = False
    """Whether this is another machine than the person's."""

    def faults(self) -> Iterator[SubagentsError]:
        """Every reason why one cannot work where it is to."""
        for assignment in self.running:
            yield from self._of(assignment)
        yield from self._of_repository()
        if self.uncommitted == "refuse" and (changes := self._changes()):
            yield BadUsage(
                "--subagents-uncommitted=refuse",
                f"there {'is' if len(changes) == 1 else 'are'} {_counted(changes)}",
                hint=_REFUSED,
            )
        if self.uncommitted == "carry" and self.elsewhere and self._in("worktree"):
            hint = "commit them, and bring the checkout there to that commit"
            what = "what is not committed here cannot be carried to another machine"
            yield BadUsage("--subagents-uncommitted=carry", what, hint=hint)

    def words(self) -> tuple[str, ...]:
        """What a person should know: those who work in a checkout of their own start from HEAD, where the person's
        has something else."""
        ids = [assignment.subagent.id for assignment in self._in("worktree")]
        changes = self._changes() if ids and self.uncommitted != "refuse" else ()
        if not changes:
            return ()
        one = len(ids) == 1
        who = f"{ids[0]} starts" if one else f"{', '.join(ids)} start"
        if self.uncommitted == "carry":
            return (f"{who} from HEAD with {_counted(changes)}",)
        return (f"{who} from HEAD and {'does' if one else 'do'} not see {_counted(changes)}",)

    def carrying(self) -> Sequence[Assignment]:
        """To whom what is not committed is to be carried."""
        return self._in("worktree") if self.uncommitted == "carry" and not self.elsewhere else ()

    def _in(self, *isolations: Isolation) -> list[Assignment]:
        return [each for each in self.running if self._isolation(each) in isolations]

    def _isolation(self, assignment: Assignment) -> Isolation:
        return isolation_of(assignment.subagent, self.beneath(assignment.planned.nodeid))

    def _of(self, assignment: Assignment) -> Iterator[SubagentsError]:
        isolation, where = self._isolation(assignment), _where(assignment)
        writers = [each for each in self.beneath(assignment.planned.nodeid) if writes(each)]
        in_place = [each.subagent.id for each in writers if self._isolation(each) == "none"]
        apart = [each.subagent.id for each in writers if self._isolation(each) != "none"]
        if isolation != "none" and in_place:
            what = f"it cannot have the work of {in_place[0]!r} in a place of its own, as that works in your files"
            yield BadUsage(where, what, hint=f"take 'isolation: none' from {in_place[0]!r}, or give it to both")
        if isolation == "none" and writes(assignment):
            if apart:
                what = f"it cannot have the work of {apart[0]!r} in your files, as that works in a place of its own"
                yield BadUsage(where, what, hint="take 'isolation: none' from it")
            if self.elsewhere:
                hint = "take 'isolation: none' from it, or let it run on this machine"
                yield BadUsage(where, "'isolation: none' cannot be had on another machine", hint=hint)

    def _of_repository(self) -> Iterator[SubagentsError]:
        """Said once, of the first that needs it."""
        for assignment in [*self._in("worktree")[:1], *self._in("copy")[:1], *self._in_place()[:1]]:
            try:
                program = find_git(self.environ.get("PATH", ""))
                repository = find_repository(program, self.rootdir)
                if self._isolation(assignment) == "worktree":
                    head_of(repository)
                    refuse_partial(repository)
            except NoRepository as error:
                if self._isolation(assignment) == "worktree":
                    yield _told(assignment, error)
            except BadUsage as error:
                yield _told(assignment, error)

    def _in_place(self) -> list[Assignment]:
        return [each for each in self._in("none") if writes(each)]

    def _changes(self) -> tuple[str, ...]:
        if not self._in("worktree"):
            return ()
        try:
            found = dirty(find_repository(find_git(self.environ.get("PATH", "")), self.rootdir))
        except SubagentsError:
            return ()  # what is wrong with the repository is told by itself
        return tuple(path for path in found if not self._is_ours(self.rootdir / path))

    def _is_ours(self, path: Path) -> bool:
        """A folder that is new as a whole is one path, and may be above ours."""
        return any(path.is_relative_to(each) or each.is_relative_to(path) for each in self.ours)


def _told(assignment: Assignment, error: BadUsage) -> BadUsage:
    verb = "writes" if writes(assignment) else "has a place of its own"
    return BadUsage(_where(assignment), f"{verb}, and {error.where} {error.what}", hint=error.hint)


def _where(assignment: Assignment) -> str:
    return f"{assignment.subagent.where} (agent {assignment.subagent.id!r})"


def _counted(changes: Sequence[str]) -> str:
    number = f"{len(changes):,} uncommitted change" + "s" * (len(changes) > 1)
    return f"{number}: {', '.join(changes[:_CHANGES_SHOWN])}{', …' if len(changes) > _CHANGES_SHOWN else ''}"
