"""What the validation of a merge came to: `recordings/<workflow>/merge.json`, written by machines.

A result holds for the very tree that was checked, and for no other. The file is believed as the metadata of a recording
is: it can say that a command failed or passed, and nothing that it names is ever run.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias

import msgspec

from pytest_subagents.model import limits
from pytest_subagents.model.ids import file_name
from pytest_subagents.model.value import Value
from pytest_subagents.writing import read_file, write_file

FORMAT: Final = 1
"""1: the first."""

Onto: TypeAlias = Literal["head", "base"]
"""What it was merged onto: the tree of HEAD, or the one that the subagents started from."""
_ExitCode = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**32)]


class _Check(msgspec.Struct, frozen=True, omit_defaults=True):
    tree: str
    run: str
    exit_code: _ExitCode
    onto: Onto = "head"
    output: str = ""


class _File(msgspec.Struct):
    format: int
    checks: list[_Check]


class Checked(Value, frozen=True, kw_only=True):
    """A command and what it came to in a tree."""

    tree: str
    run: str
    exit_code: int
    onto: Onto
    output: str = ""
    """The end of what it printed, where it failed; redacted."""


def merge_checks_of(folder: Path, workflow: str) -> Path:
    """The file of the workflow whose file lies in `folder`. No agent's recording has its name (`model.ids`)."""
    return folder / "recordings" / file_name(workflow) / "merge.json"


def read_merge_checks(path: Path, *, below: Path) -> tuple[Checked, ...]:
    """Nothing where there is no file, or one that cannot be used."""
    try:
        found = msgspec.json.decode(read_file(path, below=below, at_most=limits.META_BYTES), type=_File)
    except (OSError, msgspec.MsgspecError, RecursionError, UnicodeError, ValueError):
        return ()
    if found.format > FORMAT:
        return ()
    return tuple(
        Checked(
            tree=each.tree,
            run=each.run,
            exit_code=each.exit_code,
            onto=each.onto,
            output=each.output[: limits.STDERR_TAIL_CHARS],
        )
        for each in found.checks
    )


def write_merge_checks(path: Path, checks: Iterable[Checked], *, below: Path) -> None:
    """The file that says `checks`, the same for the same ones."""
    rows = [
        _Check(
            tree=each.tree,
            run=_printable(each.run),
            exit_code=each.exit_code,
            onto=each.onto,
            output=_printable(each.output),
        )
        for each in sorted(checks, key=lambda each: (each.onto, each.tree, each.run))
    ]
    data = msgspec.json.encode(_File(format=FORMAT, checks=rows))
    write_file(path, msgspec.json.format(data, indent=2) + b"\n", below=below)


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
