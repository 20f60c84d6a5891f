"""`run:` criteria: the workflow file's commands, in the folder with the agent's work; never one from a recording."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from pytest_subagents.conduct.criteria import OUTPUT, check_folder, commands_of
from pytest_subagents.model import limits
from pytest_subagents.model.outcome import CheckRecord
from pytest_subagents.model.spec import Subagent
from pytest_subagents.runners.one_command import last_of, run_command
from pytest_subagents.runners.supervision.stop import Stop
from pytest_subagents.transcript.redaction.redactor import Redactor
from pytest_subagents.writing import open_file, remove_file, remove_tree


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
        ran = run_command(
            str(criterion.run),
            workspace=workspace,
            rootdir=rootdir,
            folder=here,
            below=folder,
            homes=homes,
            environ=environ,
            stop=stop,
            timeout=criterion.timeout or limits.CHECK_SECONDS,
        )
        _redact(ran.printed, redactor)
        if ran.stopped:
            break
        told = (last_of(here / OUTPUT, chars=limits.CHECK_TAIL_CHARS), ran.why) if ran.exit_code else ()
        output = redactor.redact_text("\n".join(filter(None, told)))[-limits.CHECK_TAIL_CHARS :]
        records.append(CheckRecord(run=str(criterion.run), exit_code=ran.exit_code, output=output))
    return tuple(records)


def _redact(printed: Path, redactor: Redactor) -> None:
    """From the raw output to what is kept; standard error has nothing, as it stands in the same file."""
    here = printed.parent
    with open_file(printed, below=here) as raw, open(here / OUTPUT, "xb", opener=_private) as kept:
        redactor.redact_file(raw, kept)
    for path in (printed, here / "stderr.txt"):
        with suppress(FileNotFoundError):
            remove_file(path, below=here)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)
