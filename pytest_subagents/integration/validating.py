"""Whether a joined tree is good: what is recorded of it, or what the workflow file's commands say in a private copy.

A command is run only where a person asked for that, and only ever one of the workflow file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from msgspec.structs import replace

from pytest_subagents.errors import BadUsage
from pytest_subagents.merge.private_store import Store
from pytest_subagents.model import limits
from pytest_subagents.model.integration import CommandResult, Validation
from pytest_subagents.runners.one_command import Ran, last_of, run_command
from pytest_subagents.transcript.merge_checks import (
    Checked,
    Onto,
    merge_checks_of,
    read_merge_checks,
    write_merge_checks,
)
from pytest_subagents.transcript.redaction.redactor import redactor_for
from pytest_subagents.writing import make_folder, remove_tree

Checks: TypeAlias = Literal["recorded", "missing", "run"]
"""Judge by what is recorded, run the commands of which nothing is recorded, or run all."""


@dataclass(slots=True, kw_only=True)
class Validator:
    """Checks trees of one merge."""

    checks: Checks
    keeps: bool
    """Whether what was run is written down."""
    store: Store
    scratch: Path
    """A folder of ours, for copies of trees."""
    folder: Path
    """The one of the workflow file."""
    workflow: str
    prefix: Path
    """The rootdir, from the toplevel."""
    rootdir: Path
    environ: Mapping[str, str]
    onto: Onto
    redact: Sequence[str] = ()
    """Regular expressions of what is a secret here."""
    _stored: tuple[Checked, ...] = field(init=False)
    _recorded: Mapping[tuple[str, str], Checked] = field(init=False)
    """By tree and command."""
    _used: dict[tuple[str, str], Checked] = field(init=False, default_factory=dict)
    _copies: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self._stored = read_merge_checks(self._file, below=self.folder)
        self._recorded = {(each.tree, each.run): each for each in self._stored}

    def validate(self, tree: str, commands: Sequence[str], *, of: str) -> Validation:
        """What `commands` come to in `tree`, up to the first that is not well."""
        found = Validation(of=of, tree=tree, results=tuple(self._look_up(tree, commands)))
        if self.checks == "run" or (self.checks == "missing" and found.state == "unknown"):
            found = replace(found, results=tuple(self._run(tree, commands)))
        elif self.checks == "missing":
            here = {key: each for key, each in self._recorded.items() if key[0] == tree and key[1] in commands}
            self._used |= {key: replace(each, onto=self.onto) for key, each in here.items()}
        return found

    def keep(self) -> None:
        """Writes down what was run, in the place of what the last merge onto the same has found; `BadUsage` where it
        cannot be written."""
        found = {*(each for each in self._stored if each.onto != self.onto), *self._used.values()}
        if not self.keeps or not self._used or found == set(self._stored):
            return
        try:
            write_merge_checks(self._file, found, below=self.folder)
        except OSError as error:
            raise BadUsage(str(self._file), f"cannot be written: {error.strerror or error}") from None

    @property
    def _file(self) -> Path:
        return merge_checks_of(self.folder, self.workflow)

    def _look_up(self, tree: str, commands: Sequence[str]) -> list[CommandResult]:
        found = []
        for run in commands:
            checked = self._recorded.get((tree, run))
            code = None if checked is None else checked.exit_code
            found.append(CommandResult(run=run, exit_code=code, output="" if checked is None else checked.output))
            if code != 0:
                break
        return found

    def _run(self, tree: str, commands: Sequence[str]) -> list[CommandResult]:
        """All in one copy of the tree, as one may prepare what the next one needs."""
        if not commands:
            return []
        self._copies += 1
        place = self.scratch / f"tree-{self._copies}"
        self._copy(tree, place)
        found = []
        for number, run in enumerate(commands, start=1):
            ran = run_command(
                run,
                workspace=place / self.prefix,
                rootdir=self.rootdir,
                folder=self.scratch / f"tree-{self._copies}-check-{number}",
                below=self.scratch,
                homes=self.scratch,
                environ=self.environ,
            )
            output = self._told(ran, place) if ran.exit_code != 0 else ""
            self._used[tree, run] = Checked(tree=tree, run=run, exit_code=ran.exit_code, onto=self.onto, output=output)
            found.append(CommandResult(run=run, exit_code=ran.exit_code, output=output))
            if ran.exit_code != 0:
                break
        remove_tree(place, below=self.scratch)
        return found

    def _copy(self, tree: str, place: Path) -> None:
        place.mkdir(mode=0o700)
        git = replace(self.store.reading, work_tree=place, cwd=place, index=self.scratch / "copy.index")
        git.run("read-tree", tree)
        git.run("checkout-index", "--all", "--force", "--quiet")
        make_folder(place / self.prefix, below=place)

    def _told(self, ran: Ran, place: Path) -> str:
        redactor = redactor_for(
            workspaces=[str(place)], homes=[ran.homes[0]], temporaries=[ran.homes[1]], patterns=self.redact
        )
        told = (last_of(ran.printed, chars=limits.STDERR_TAIL_CHARS).strip(), ran.why)
        return redactor.redact_text("\n".join(filter(None, told)))[-limits.STDERR_TAIL_CHARS :]
