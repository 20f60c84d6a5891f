"""Whether the process of a run lives: a lock that the system takes away when it ends, whatever ends it.

On a network file system without locks every run looks dead; the run directory belongs on a local disk.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Final

from pytest_subagents.writing import folder_of

LOCK_NAME: Final = "run.lock"

_OPEN: Final = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


def hold(run: Path, *, below: Path) -> int | None:
    """A descriptor that holds the lock of the run in the folder `run`; None where another process does.

    It is held until it is closed or the process ends; programs that this one starts do not inherit it. `OSError`
    where the folder is gone or the lock is a link.
    """
    with folder_of(run / LOCK_NAME, below=below, mode=0o700) as folder:
        descriptor = os.open(LOCK_NAME, _OPEN | os.O_CREAT, 0o600, dir_fd=folder)
    if _take(descriptor, fcntl.LOCK_EX):
        return descriptor
    os.close(descriptor)
    return None


def is_held(run: Path) -> bool:
    """Whether a process holds the lock of the run in the folder `run`; not where there is no run."""
    try:
        descriptor = os.open(run / LOCK_NAME, _OPEN)
    except OSError:
        return False
    try:
        return not _take(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def _take(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
