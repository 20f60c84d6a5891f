"""Which git is there, and whether it is new enough."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from functools import lru_cache
from typing import Final

from pytest_subagents.errors import BadUsage
from pytest_subagents.git.guard import environment
from pytest_subagents.model.value import Value

OLDEST: Final = (2, 38)
"""The first git with `safe.bareRepository` and `merge-tree --write-tree`."""

_VERSION: Final = re.compile(rb"git version (\d+)\.(\d+)")
_SECONDS: Final = 30.0


class GitProgram(Value, frozen=True, kw_only=True):
    """The git of this machine."""

    path: str
    version: tuple[int, int]
    search: str
    """The PATH that it gets itself."""


@lru_cache(maxsize=16)
def find_git(search: str) -> GitProgram:
    """The git that the folders of `search` (the text of a PATH) hold; `BadUsage` where there is none or an old one.

    Only absolute folders count: `.` in a PATH would let the folder that is tested bring a git of its own.
    """
    folders = os.pathsep.join(folder for folder in search.split(os.pathsep) if os.path.isabs(folder))
    path = shutil.which("git", path=folders) if folders else None
    if path is None:
        raise BadUsage(
            "git", "is not installed", hint="a subagent that writes works in a private checkout: install git"
        )
    version = _version_of(path, folders)
    if version < OLDEST:
        raise BadUsage(
            path,
            f"is git {version[0]}.{version[1]}; a private checkout needs {OLDEST[0]}.{OLDEST[1]}",
            hint="install a newer git, or put it first in PATH",
        )
    return GitProgram(path=path, version=version, search=folders)


def _version_of(path: str, search: str) -> tuple[int, int]:
    try:
        done = subprocess.run(
            [path, "version"],
            env=environment(search),
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BadUsage(path, f"cannot be run: {error}", hint="a private checkout needs a git that works") from None
    found = _VERSION.match(done.stdout)
    if found is None:
        raise BadUsage(path, "does not say which version of git it is", hint="is it really git?")
    return int(found[1]), int(found[2])
