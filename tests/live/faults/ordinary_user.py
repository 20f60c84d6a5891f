"""A run by somebody who is not root, as root may look at everything.

Where the tests are root's, a run becomes that of an ordinary user, in a mount namespace of its own in which that user
reaches the few folders that a run needs, wherever they are. Where they are not, it is one already.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from live.faults.stage import Stage

_NOBODY: Final = 65534
_ASIDE: Final = "/mnt"
"""A folder that is there on every Linux; in that namespace alone it holds what else."""
_BECOME: Final = ("setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups", "--")


def by_ordinary_user(stage: Stage, *needs: Path) -> Stage:
    """The same stage, its own folders given to that user, who reaches `needs` too."""
    if os.geteuid() != 0:
        return stage
    own = stage.folder.parent
    for path in (own, *own.rglob("*")):
        os.chown(path, _NOBODY, _NOBODY, follow_symlinks=False)
    folders = [Path(os.path.realpath(path)) for path in (own, Path(sys.prefix), Path(sys.base_prefix), *needs)]
    at = stage.start.index(sys.executable)
    unshared = ("unshare", "--mount", "--propagation=private", "--", "sh", "-ec", _script(folders), "sh")
    return replace(stage, start=(*stage.start[:at], *unshared, *_BECOME, *stage.start[at:]))


def as_ordinary_user(*command: str) -> tuple[str, ...]:
    """A command by the same user."""
    return command if os.geteuid() != 0 else (*_BECOME, *command)


def _script(folders: Sequence[Path]) -> str:
    """Over each folder that the user may not pass, an empty one is laid, with only what is needed in it."""
    closed = {folder: place for folder in folders if (place := _closed_above(folder)) is not None}
    lines = [f"mount -t tmpfs -o mode=755 none {_ASIDE}"]
    lines += _mounts((folder, f"{_ASIDE}/{number}") for number, folder in enumerate(closed))
    lines += [f"mount -t tmpfs -o mode=755 none '{place}'" for place in dict.fromkeys(closed.values())]
    lines += _mounts((f"{_ASIDE}/{number}", folder) for number, folder in enumerate(closed))
    return "\n".join([*lines, 'exec "$@"'])


def _mounts(pairs: Iterator[tuple[Path | str, Path | str]]) -> Iterator[str]:
    for source, target in pairs:
        yield f'mkdir -p "{target}"'
        yield f'mount --bind "{source}" "{target}"'


def _closed_above(folder: Path) -> Path | None:
    """The highest folder above that others may not pass."""
    return next((above for above in reversed(folder.parents) if not above.stat().st_mode & 0o001), None)
