"""One command of a workflow file, run under supervision in a folder that agents have written to.

They may have changed what the command runs, so it sees no key: it gets PATH, locale and a private home.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pytest_subagents.model import limits
from pytest_subagents.runners.environment import environment_of
from pytest_subagents.runners.private_home import private_home
from pytest_subagents.runners.supervision.order import Bounds, Ending, Order
from pytest_subagents.runners.supervision.stop import Stop
from pytest_subagents.runners.supervision.supervise import supervise
from pytest_subagents.writing import open_file

_NOT_RUN: Final = 127
"""What a shell exits with for a command that is not there."""
_TIMED_OUT: Final = 124
"""What `timeout` of coreutils exits with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a command ended."""

    exit_code: int
    """Negative for a signal."""
    output: str
    """The end of its standard output, then that of its standard error; nothing is redacted."""
    homes: tuple[str, ...]
    """Paths that were private to it."""


def run_command(
    run: str,
    *,
    workspace: Path,
    rootdir: Path,
    folder: Path,
    homes: Path,
    environ: Mapping[str, str],
    stop: Stop | None = None,
    timeout: float = limits.CHECK_SECONDS,
) -> Ran:
    """`run` by a shell in `workspace`. `folder`, which must not exist, gets its output; `homes` exists and is used by
    nobody else meanwhile."""
    folder.mkdir(mode=0o700)
    with private_home(homes, config_folder=".config", rootdir=rootdir) as home:
        order = Order(
            argv=("/bin/sh", "-c", run),
            env=environment_of(environ, (), {}, home).variables,
            cwd=workspace,
            stdout=folder / "stdout.txt",
            stderr=folder / "stderr.txt",
            end=folder / "end.json",
            bounds=Bounds(timeout=timeout, output_bytes=limits.CHECK_OUTPUT_BYTES),
        )
        ending = supervise(order, stop=stop)
        private = (str(home.home), str(home.temporary))
    return Ran(exit_code=_exit_code(ending), output="\n".join(_tails(order)), homes=private)


def _exit_code(ending: Ending) -> int:
    if ending.cause == "timeout":
        return _TIMED_OUT
    return ending.exit_code if ending.exit_code is not None else _NOT_RUN


def _tails(order: Order) -> list[str]:
    found = []
    for path in (order.stdout, order.stderr):
        try:
            with open_file(path, below=path.parent) as file:
                # Far more than is kept of it, since a secret has to be found before anything is cut.
                file.seek(max(0, file.seek(0, os.SEEK_END) - 16 * limits.STDERR_TAIL_CHARS))
                text = file.read().decode("utf-8", "replace").strip()
        except OSError:
            continue
        found += [text] if text else []
    return found
