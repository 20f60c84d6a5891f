"""How a supervised process ended, as it is kept on disk beside what it said."""

from __future__ import annotations

import json
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final, cast, get_args

from pytest_subagents.model import limits
from pytest_subagents.runners.supervision.order import Cause, Ending
from pytest_subagents.runners.supervision.warden.ending_text import ending_text
from pytest_subagents.writing import write_file

_CAUSES: Final = frozenset(get_args(Cause))


def read_ending(path: Path) -> Ending | None:
    """What `supervise` left at `Order.end`; None where there is no such file, or none that it can have written."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return None
            data = file.read(limits.META_BYTES + 1)
    except OSError:
        return None
    return decode_ending(data) if len(data) <= limits.META_BYTES else None


def decode_fields(data: bytes) -> Ending:
    """What a warden says of it to its worker."""
    cause, exit_code, runtime_ms, left_behind, message = data.decode("utf-8", "replace").split("\0", 4)
    return Ending(
        cause=cast(Cause, cause),
        exit_code=int(exit_code) if exit_code else None,
        message=message,
        runtime_ms=int(runtime_ms),
        left_behind=int(left_behind),
    )


def decode_ending(data: bytes) -> Ending | None:
    """The value of what is in the file."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None
    match value:
        case {
            "cause": str(cause),
            "exit_code": int() | None as exit_code,
            "message": str(message),
            "runtime_ms": int(runtime_ms),
            "left_behind": int(left_behind),
        } if cause in _CAUSES:
            return Ending(
                cause=cast(Cause, cause),
                exit_code=exit_code,
                message=message,
                runtime_ms=runtime_ms,
                left_behind=left_behind,
            )
    return None


def write_ending(path: Path, ending: Ending) -> None:
    """For an agent that has no warden (any more) to do it; a full disk is no reason to fail."""
    text = ending_text(ending.cause, ending.exit_code, ending.message, ending.runtime_ms, ending.left_behind)
    with suppress(OSError):
        write_file(path, text.encode() + b"\n", below=path.parent, mode=0o600)
