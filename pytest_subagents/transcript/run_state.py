"""The JSON files of a run directory: written at once, read strictly."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import ClassVar, Final, TypeVar

import msgspec

from pytest_subagents.errors import SubagentsError
from pytest_subagents.model import limits
from pytest_subagents.writing import make_folder, read_file, write_file

T = TypeVar("T")

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


class StateError(SubagentsError):
    """A file of the run directory that cannot be written (a full disk, mostly) or is not what it should be.

    Where an agent runs it becomes a reason of its result; where it reaches a person it is worded as any mistake.
    """

    exit_code: ClassVar[int] = 4

    def __init__(self, path: Path, what: str, *, full: bool = False) -> None:
        hint = "make room on the disk of the run directory" if full else None
        super().__init__(str(path), what, hint=hint)
        self.path = path
        self.full = full
        """There was no room for it."""


def write_state(path: Path, value: object, *, below: Path) -> None:
    """`value` (what msgspec can encode: builtins, structs, dataclasses) as the JSON file `path`, mode 0600.

    A reader sees the old value or the new one. `StateError` where it cannot be written or is too large; the old file
    stays as it was.
    """
    try:
        data = msgspec.json.format(msgspec.json.encode(value, order="sorted"), indent=2) + b"\n"
    except (TypeError, ValueError, msgspec.MsgspecError, RecursionError) as error:
        raise StateError(path, f"cannot be written as JSON: {error}") from None
    if len(data) > limits.STATE_BYTES:
        raise StateError(path, f"would have {len(data):,} bytes; at most {limits.STATE_BYTES:,} are written")
    try:
        write_file(path, data, below=below, mode=0o600)
    except OSError as error:
        raise _unwritten(path, error) from None


def make_state_folder(path: Path, *, below: Path) -> None:
    """Makes the folder `path` and what is missing above it, mode 0700; `StateError` where it cannot be made."""
    try:
        make_folder(path, below=below, mode=0o700)
    except OSError as error:
        raise _unwritten(path, error) from None


def _unwritten(path: Path, error: OSError) -> StateError:
    words = (error.strerror or str(error)).lower()
    return StateError(path, f"cannot be written: {words}", full=error.errno in _FULL)


def read_state(path: Path, shape: type[T], *, below: Path) -> T | None:
    """The JSON file `path` as a `shape` (a type that msgspec can decode to), None where there is none.

    `StateError` where it cannot be read, is larger than `limits.STATE_BYTES` or has another shape.
    """
    try:
        data = read_file(path, below=below, at_most=limits.STATE_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StateError(path, f"cannot be read: {(error.strerror or str(error)).lower()}") from None
    try:
        return msgspec.json.decode(data, type=shape, strict=True)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise StateError(path, f"cannot be used: {error}") from None
