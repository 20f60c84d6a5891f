"""`run:` criteria: the workflow file's commands, in the folder with the agent's work; never one from a recording."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from pytest_subagents.conduct.criteria import OUTPUT, check_folder, commands_of
from pytest_subagents.model import limits
from pytest_subagents.model.outcome import CheckRecord
from pytest_subagents.model.spec import Subagent
from pytest_subagents.runners.environment import environment_of
from pytest_subagents.runners.private_home import private_home
from pytest_subagents.runners.supervision.order import Bounds, Ending, Order
from pytest_subagents.runners.supervision.stop import Stop
from pytest_subagents.runners.supervision.supervise import supervise
from pytest_subagents.transcript.redaction.redactor import Redactor
from pytest_subagents.writing import make_folder, open_file, remove_file, remove_tree

_RAW: Final = "output.raw"
_SHELL: Final = "/bin/sh"
_TOGETHER: Final = 'exec "$0" -c "$1" 2>&1'
"""What a command prints stands in one file, in the order in which it was printed."""
_NOT_RUN: Final = 127
"""What a shell exits with for a command that is not there."""
_TIMED_OUT: Final = 124
"""What `timeout` of coreutils exits with."""
_READ_BYTES: Final = 16 * limits.CHECK_TAIL_CHARS


def run_checks(
    subagent: Subagent,
    *,
    workspace: Path,
    rootdir: Path,
    folder: Path,
    homes: Path,
    environ: Mapping[str, str],
    stop: Stop,
    redactor: Redactor,
) -> tuple[CheckRecord, ...]:
    """The exit code of each command, in the order of the specification, and the end of what a failed one printed.

    Everything that they print is kept in `folder`, redacted. The agent may have changed what a command runs, so no
    command sees a key: none of the variables that the vendors' allow-lists name is passed on.
    """
    records = []
    for number, criterion in enumerate(commands_of(subagent), start=1):
        if stop.why:
            break
        here = folder / check_folder(number)
        if left := remove_tree(here, below=folder):
            raise left
        make_folder(here, below=folder, mode=0o700)
        seconds = criterion.timeout or limits.CHECK_SECONDS
        with private_home(homes, config_folder=".config", rootdir=rootdir) as home:
            ending = supervise(
                Order(
                    argv=(_SHELL, "-c", _TOGETHER, _SHELL, str(criterion.run)),
                    env=environment_of(environ, (), {}, home).variables,
                    cwd=workspace,
                    stdout=here / _RAW,
                    stderr=here / "stderr.txt",
                    end=here / "end.json",
                    bounds=Bounds(timeout=seconds, output_bytes=limits.CHECK_OUTPUT_BYTES),
                ),
                stop=stop,
            )
        _redact(here, redactor)
        if ending.cause == "stopped":
            break
        code = _exit_code(ending)
        output = redactor.redact_text("\n".join(_told(here, ending, seconds))) if code else ""
        records.append(CheckRecord(run=str(criterion.run), exit_code=code, output=output[-limits.CHECK_TAIL_CHARS :]))
    return tuple(records)


def _redact(here: Path, redactor: Redactor) -> None:
    """From the raw output to what is kept; standard error has nothing, as it stands in the same file."""
    with open_file(here / _RAW, below=here) as raw, open(here / OUTPUT, "xb", opener=_private) as kept:
        redactor.redact_file(raw, kept)
    for name in (_RAW, "stderr.txt"):
        with suppress(FileNotFoundError):
            remove_file(here / name, below=here)


def _told(here: Path, ending: Ending, seconds: float) -> Iterator[str]:
    with open_file(here / OUTPUT, below=here) as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - _READ_BYTES))
        if printed := file.read().decode("utf-8", "replace").rstrip():
            yield printed
    if ending.cause == "timeout":
        yield f"it was stopped after {seconds:g} s, its timeout"
    elif ending.cause != "exited":
        yield ending.message or ending.cause


def _exit_code(ending: Ending) -> int:
    if ending.cause == "timeout":
        return _TIMED_OUT
    if ending.cause == "exited" and ending.exit_code is not None:
        return ending.exit_code
    return ending.exit_code or _NOT_RUN


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)
