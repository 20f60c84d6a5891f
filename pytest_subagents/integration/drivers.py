"""External merge drivers that know more of a file than its lines, where one is installed and asked for."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from pytest_subagents.errors import BadUsage
from pytest_subagents.model import limits
from pytest_subagents.model.value import Value
from pytest_subagents.runners.one_command import last_of, run_command

DriverChoice: TypeAlias = Literal["none", "auto", "mergiraf"]
_ARGUMENTS: Final[Mapping[str, str]] = MappingProxyType({"mergiraf": "merge --git %O %A %B -p %P -l %L"})
"""Of each driver, what it is started with; the letters are those of `git help attributes`."""
_SECONDS: Final = 30.0


class Driver(Value, frozen=True, kw_only=True):
    name: str
    version: str
    """What it says of itself."""
    command: str
    """As git takes one."""


def find_driver(choice: DriverChoice, *, environ: Mapping[str, str], scratch: Path) -> Driver | None:
    """The driver that is asked for; with `auto` the first that is in PATH. `BadUsage` where a named one is not."""
    for name in () if choice == "none" else tuple(_ARGUMENTS) if choice == "auto" else (choice,):
        # Only absolute folders count: `.` in a PATH would let what is merged bring a driver of its own.
        folders = [each for each in environ.get("PATH", os.defpath).split(os.pathsep) if os.path.isabs(each)]
        path = shutil.which(name, path=os.pathsep.join(folders)) if folders else None
        if path is not None:
            program = shlex.quote(path)
            version = _version(program, environ, scratch, name)
            return Driver(name=name, version=version, command=f"{program.replace('%', '%%')} {_ARGUMENTS[name]}")
        if choice != "auto":
            raise BadUsage("--driver", f"{name} is not in PATH", hint="install it, or take --driver=auto or none")
    return None


def _version(program: str, environ: Mapping[str, str], scratch: Path, name: str) -> str:
    said = run_command(
        f"{program} --version",
        workspace=scratch,
        rootdir=scratch,
        folder=scratch / f"{name}-version",
        below=scratch,
        homes=scratch,
        environ=environ,
        timeout=_SECONDS,
    )
    words = last_of(said.printed, chars=limits.STDERR_TAIL_CHARS) if said.exit_code == 0 else ""
    return words.strip().partition("\n")[0].removeprefix(name).strip() or "unknown"
