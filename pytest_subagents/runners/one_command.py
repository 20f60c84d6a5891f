"""One command of a workflow file, run under supervision in a folder that agents have written to.

They may have changed what the command runs, so it sees no key: it gets PATH, locale and a private home.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pytest_subagents.model import limits
from pytest_subagents.model.value import Value
from pytest_subagents.runners.environment import environment_of
from pytest_subagents.runners.private_home import private_home
from pytest_subagents.runners.supervision.order import Bounds, Ending, Order
from pytest_subagents.runners.supervision.stop import Stop
from pytest_subagents.runners.supervision.supervise import supervise
from pytest_subagents.writing import make_folder, open_file

_SHELL: Final = "/bin/sh"
_TOGETHER: Final = 'exec "$0" -c "$1" 2>&1'
"""What a command prints stands in one file, in the order in which it was printed."""
_NOT_RUN: Final = 127
"""What a shell exits with for a command that is not there."""
_TIMED_OUT: Final = 124
"""What `timeout` of coreutils exits with."""


class Ran(Value, frozen=True, kw_only=True):
    """How a command ended."""

    exit_code: int
    """Negative for a signal."""
    printed: Path
    """The file with all that it printed; nothing of it is redacted."""
    homes: tuple[str, ...]
    """Paths that were private to it."""
    stopped: bool = False
    """Whether the run was stopped, so that it says nothing."""
    why: str = ""
    """Words for how it was ended, where it did not end by itself."""


def run_command(
    run: str,
    *,
    workspace: Path,
    rootdir: Path,
    folder: Path,
    below: Path,
    homes: Path,
    environ: Mapping[str, str],
    stop: Stop | None = None,
    timeout: float = limits.CHECK_SECONDS,
) -> Ran:
    """`run` by a shell in `workspace`. `folder`, which is made `below` one that is trusted, gets its output; `homes`
    exists and is used by nobody else meanwhile."""
    make_folder(folder, below=below, mode=0o700)
    with private_home(homes, config_folder=".config", rootdir=rootdir) as home:
        order = Order(
            argv=(_SHELL, "-c", _TOGETHER, _SHELL, run),
            env=environment_of(environ, (), {}, home).variables,
            cwd=workspace,
            stdout=folder / "output.raw",
            stderr=folder / "stderr.txt",
            end=folder / "end.json",
            bounds=Bounds(timeout=timeout, output_bytes=limits.CHECK_OUTPUT_BYTES),
        )
        ending = supervise(order, stop=stop)
        private = (str(home.home), str(home.temporary))
    return Ran(
        exit_code=_exit_code(ending),
        printed=order.stdout,
        homes=private,
        stopped=ending.cause == "stopped",
        why=_why(ending, timeout),
    )


def last_of(printed: Path, *, chars: int) -> str:
    """The end of what a command printed. It is far more than `chars`, since a secret has to be found before anything is
    cut."""
    try:
        with open_file(printed, below=printed.parent) as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 16 * chars))
            return file.read().decode("utf-8", "replace").rstrip()
    except OSError:
        return ""


def _why(ending: Ending, timeout: float) -> str:
    if ending.cause == "timeout":
        return f"it was stopped after {timeout:g} s, its timeout"
    return "" if ending.cause == "exited" else ending.message or ending.cause


def _exit_code(ending: Ending) -> int:
    if ending.cause == "timeout":
        return _TIMED_OUT
    if ending.cause == "exited" and ending.exit_code is not None:
        return ending.exit_code
    return ending.exit_code or _NOT_RUN
