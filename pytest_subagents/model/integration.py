"""What became of the work of each subagent when it was merged: one row for each, in the order of the merge."""

from __future__ import annotations

from typing import Literal, TypeAlias

from pytest_subagents.model.value import Value


class Version(Value, frozen=True, kw_only=True):
    """A file as one side of a merge has it."""

    mode: str
    """git's word: `100644`, `100755`, `120000` (a link), `160000` (a submodule)."""
    id: str
    """Of its contents, as git names them."""


class PathConflict(Value, frozen=True, kw_only=True):
    """A path that two sides changed, each in its own way. None stands for a file that is not there."""

    path: str
    """From the rootdir."""
    kinds: tuple[str, ...]
    """What git calls it (`contents`, `modify/delete`, ...), or the kind of a `Fault`, where the text alone merges;
    `order`: no conflict, but the result would be another one
    if the same work came in another order. Then `ours` and `theirs` are the two results."""
    base: Version | None
    """Where the subagent started from."""
    ours: Version | None
    """With everything that was merged before."""
    theirs: Version | None
    """As the subagent left it."""
    agents: tuple[str, ...]
    """The subagents merged before that changed it, too."""
    moved: bool
    """HEAD has changed it since the subagent started."""
    marked: Version | None = None
    """Both sides with git's conflict markers, where it made that."""
    line: int | None = None
    """Where in the merged file, for what goes beyond text."""
    about: str = ""
    """What it is about, for what goes beyond text: a name, or what a parser says."""


class Fault(Value, frozen=True, kw_only=True):
    """Something wrong in a file that no text merge sees."""

    kind: str
    """`syntax`, `duplicate definition`, `removed but used`, `lock file` or `generated file`."""
    line: int | None
    about: str
    times: int = 2
    """How often something is defined."""


class Merged(Value, frozen=True, kw_only=True):
    agent: str
    paths: tuple[str, ...]
    """What it changed, sorted."""
    tree: str
    """The id of the tree with its work and all before it."""
    driven: tuple[str, ...] = ()
    """Those of the paths that git could not merge and an external driver could."""


class Conflicted(Value, frozen=True, kw_only=True):
    """Left out as a whole; the tree is as it was before."""

    agent: str
    conflicts: tuple[PathConflict, ...]
    """Sorted by path."""

    @property
    def agents(self) -> tuple[str, ...]:
        """Everyone it conflicts with."""
        return tuple(sorted({agent for conflict in self.conflicts for agent in conflict.agents}))


class Stale(Value, frozen=True, kw_only=True):
    """What was recorded is not what is here: nothing of it is merged."""

    agent: str
    why: str
    hint: str


class Nothing(Value, frozen=True, kw_only=True):
    """There is nothing of it to merge."""

    agent: str
    why: str


class LeftOut(Value, frozen=True, kw_only=True):
    """Its work is not wanted: it did not end well."""

    agent: str
    why: str


class TakenOut(Value, frozen=True, kw_only=True):
    """It merged, and what came of it did not pass the validation: the tree is as it was before."""

    agent: str
    why: str


class Waiting(Value, frozen=True, kw_only=True):
    """It was not tried: what it builds on is not merged, or the merge ended before it."""

    agent: str
    why: str
    on: str = ""
    """Whose work it builds on, where that is the reason."""


Row: TypeAlias = Merged | Conflicted | Stale | Nothing | LeftOut | TakenOut | Waiting


class CommandResult(Value, frozen=True, kw_only=True):
    """What a command of a validation came to."""

    run: str
    exit_code: int | None
    """None where it is not known: nothing was run, and nothing is recorded for this very tree."""
    output: str = ""
    """The end of what it printed, of one that failed; redacted."""


class Validation(Value, frozen=True, kw_only=True):
    """The commands that a tree was checked with, up to the first that is not well."""

    of: str
    """What was merged just before: a subagent, a stage, or `everything`."""
    agents: tuple[str, ...] = ()
    """Whose work that was."""
    tree: str
    results: tuple[CommandResult, ...]

    @property
    def state(self) -> Literal["passed", "failed", "unknown"]:
        codes = [result.exit_code for result in self.results]
        if any(code not in (0, None) for code in codes):
            return "failed"
        return "unknown" if None in codes else "passed"

    @property
    def why(self) -> str:
        """Why it did not pass, in words that follow on a name."""
        return next((_words(result) for result in self.results if result.exit_code != 0), "")


def _words(result: CommandResult) -> str:
    if result.exit_code is None:
        return f"no result of {result.run!r} is recorded for its tree"
    return f"{result.run!r} exited with {result.exit_code}"


class Halt(Value, frozen=True, kw_only=True):
    """The merge did not go on to its end after a validation that failed."""

    kind: Literal["aborted", "paused"]
    """`aborted`: nothing of it becomes a branch. `paused`: what was merged before does."""
    after: str
    """`Validation.of`."""


class Paused(Value, frozen=True, kw_only=True):
    """A merge that waits for a person."""

    after: str
    """`Validation.of`."""
    why: str
    """What did not pass, in words that follow on a name."""
    agents: tuple[str, ...]
    """Whose work was taken out again."""
    merged: tuple[str, ...]
    """Whose work was merged before that."""


class Branch(Value, frozen=True, kw_only=True):
    """A branch of the person's repository that holds what was merged."""

    name: str
    commit: str
    already: bool
    """It was there before, exactly so."""


class AgentBranch(Value, frozen=True, kw_only=True):
    """A branch with the work of one subagent, on HEAD and the work of what it needs."""

    agent: str
    name: str
    branch: Branch | None
    """None where none was asked for, or its work does not merge so, or has not passed its validation."""
    why: str = ""
    """Why there cannot be one."""


class Integration(Value, frozen=True, kw_only=True):
    """All work of a workflow on top of HEAD."""

    workflow: str
    head: str
    """The id of the commit."""
    start: str
    """The id of its tree."""
    tree: str
    """The id of the tree with all that was merged; `start` where nothing was."""
    rows: tuple[Row, ...]
    target: str
    """The name that the branch has or would have."""
    branch: Branch | None = None
    """None where none was asked for, nothing was merged, or what was merged has not passed its validation."""
    validations: tuple[Validation, ...] = ()
    """In their order."""
    halt: Halt | None = None
    issues: tuple[str, ...] = ()
    """`Validation.of` of those that failed and are to be told by an issue."""
    branches: tuple[AgentBranch, ...] = ()
    """Where each subagent gets one of its own."""
    driver: str = ""
    """The external merge driver that was there to be used, with its version."""
    kept: str = ""
    """The folder with the contents of conflicts and texts for people; empty where none were written."""

    @property
    def paused(self) -> Paused | None:
        """None where it came to its end, or was given up."""
        if self.halt is None or self.halt.kind != "paused":
            return None
        failed = next(each for each in self.validations if each.state == "failed" and each.of == self.halt.after)
        return Paused(
            after=failed.of,
            why=failed.why,
            agents=failed.agents,
            merged=tuple(row.agent for row in self.rows if isinstance(row, Merged)),
        )

    @property
    def validated(self) -> bool:
        """Everything that is merged has passed what it is to be checked with."""
        return not any(each.state == "unknown" for each in self.validations)

    @property
    def whole(self) -> bool:
        """No conflict, nothing stale or taken out, and all of it validated."""
        bad = any(isinstance(row, Conflicted | Stale | TakenOut | Waiting) for row in self.rows)
        return not bad and self.halt is None and all(each.state == "passed" for each in self.validations)
