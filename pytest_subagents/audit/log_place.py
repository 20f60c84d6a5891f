"""Whether an audit log can be written where a workflow says, looked at before anything runs.

Who writes a workflow file, with a pull request for instance, names a file that will be replaced. So it must be in the
repository, no link may be on its way, and what is there already must be an audit log.
"""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path, PurePosixPath
from typing import Final

from pytest_subagents.audit.log import FORMAT
from pytest_subagents.errors import BadUsage
from pytest_subagents.git.names import is_git_name
from pytest_subagents.model import limits
from pytest_subagents.writing import open_file

_HINT: Final = "name another path in 'audit.log'"
_HEAD: Final = f'{{"format": "{FORMAT}"'.encode()


def check_log_place(log: str, *, rootdir: Path, where: str) -> None:
    """`BadUsage` where the log `log`, a path from `rootdir`, cannot be written, or should not. Leaves nothing."""
    why = _why_not(log, rootdir)
    if why:
        raise unwritable(where, log, why)


def unwritable(where: str, log: str, why: str) -> BadUsage:
    return BadUsage(where, f"the audit log {log!r} cannot be written: {why}", hint=_HINT)


def _why_not(log: str, rootdir: Path) -> str:
    parts = PurePosixPath(log).parts
    if not parts or parts[0] == "/" or ".." in parts:
        return "it lies outside of the repository"
    if any(is_git_name(os.fsencode(part)) for part in parts):
        return "git keeps its own files there"
    folder = rootdir
    try:
        for part in parts[:-1]:
            mode = _mode(folder / part)
            if mode is None:
                break
            folder = folder / part
            if not stat.S_ISDIR(mode):
                return f"{folder.relative_to(rootdir).as_posix()} is a link or no folder"
        why = _other_file(rootdir.joinpath(*parts), rootdir)
        if why:
            return why
        with tempfile.TemporaryFile(dir=folder):
            return ""
    except OSError as error:
        return error.strerror or str(error)


def _other_file(path: Path, rootdir: Path) -> str:
    """Why what is at `path` may not be replaced; empty where nothing is there, or an audit log."""
    mode = _mode(path)
    if mode is None:
        return ""
    if stat.S_ISDIR(mode):
        return "it is a folder"
    if not stat.S_ISREG(mode):
        return "it is a link or no regular file"
    with open_file(path, below=rootdir) as file:
        head = file.read(limits.AUDIT_HEAD_BYTES)
    return "" if not head or head.startswith(_HEAD) else "another file is there, and no audit log"


def _mode(path: Path) -> int | None:
    """What is at `path` itself; None where nothing is."""
    try:
        return path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
