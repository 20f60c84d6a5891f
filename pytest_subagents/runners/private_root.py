"""Where the private homes of a run are: outside of the repository, so that no agent's tools lead to another's keys.

A run that is killed cannot remove its homes, and there may be credentials in them. So each run keeps the path of its
run directory beside them, and the next one removes what belongs to a run that is over.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from pytest_subagents.errors import BadUsage
from pytest_subagents.writing import make_folder, read_file, remove_tree, write_file

_OWNER: Final = "run"
_OWNER_BYTES: Final = 8192
_UNFINISHED_SECONDS: Final = 24 * 3600
"""To say whose a folder is takes a run milliseconds."""


def homes_of(run: Path, temporary: Path) -> Path:
    """Where the private homes of the run in the folder `run` are, or would be."""
    return temporary / f"pytest-subagents-{os.getuid()}" / run.name


def private_root(run: Path, *, temporary: Path, alive: Callable[[Path], bool]) -> Path:
    """The folder (mode 0700) for the private homes of the run in the folder `run`, below the folder `temporary`.

    Homes of runs that are not `alive` any more are removed. `BadUsage` where somebody else holds the place.
    """
    mine = homes_of(run, temporary)
    everyone = mine.parent
    try:
        with suppress(FileExistsError):
            everyone.mkdir(mode=0o700)
        found = everyone.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
            raise PermissionError(1, "it is not a folder that only you may use")
        _sweep(everyone, alive)
        make_folder(mine, below=everyone, mode=0o700)
        write_file(mine / _OWNER, os.fsencode(run.absolute()), below=everyone, mode=0o600)
    except OSError as error:
        raise BadUsage(
            str(everyone),
            f"cannot hold private homes: {(error.strerror or str(error)).lower()}",
            hint="remove it, or set TMPDIR to a folder of your own",
        ) from None
    return mine


def remove_private_root(mine: Path) -> None:
    """What is left of it, when the run is over."""
    with suppress(OSError):
        remove_tree(mine, below=mine.parent)


def _sweep(everyone: Path, alive: Callable[[Path], bool]) -> None:
    for name in os.listdir(everyone):
        try:
            run = Path(os.fsdecode(read_file(everyone / name / _OWNER, below=everyone, at_most=_OWNER_BYTES)))
        except OSError:
            # It is being made, or an agent made it again that was ended after its run.
            if _is_old(everyone / name):
                remove_tree(everyone / name, below=everyone)
            continue
        if not alive(run):
            remove_tree(everyone / name, below=everyone)


def _is_old(path: Path) -> bool:
    with suppress(OSError):
        return path.lstat().st_mtime < time.time() - _UNFINISHED_SECONDS
    return False
