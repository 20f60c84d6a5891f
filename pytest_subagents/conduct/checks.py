"""`run:` criteria of a live run: the workflow file's commands, in the folder that the agent worked in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pytest_subagents.model import limits
from pytest_subagents.model.outcome import CheckRecord
from pytest_subagents.model.spec import Subagent
from pytest_subagents.runners.environment import environment_of
from pytest_subagents.runners.private_home import private_home
from pytest_subagents.runners.supervision.order import Bounds, Ending, Order
from pytest_subagents.runners.supervision.stop import Stop
from pytest_subagents.runners.supervision.supervise import supervise

_NOT_RUN = 127
"""What a shell exits with for a command that is not there."""
_TIMED_OUT = 124
"""What `timeout` of coreutils exits with."""


def run_checks(
    subagent: Subagent,
    *,
    workspace: Path,
    rootdir: Path,
    folder: Path,
    homes: Path,
    environ: Mapping[str, str],
    stop: Stop,
) -> tuple[CheckRecord, ...]:
    """The exit code of each command, in the order of the specification; their output is kept in `folder`.

    The agent may have changed what a command runs, so no command sees a key: none of the variables that the vendors'
    allow-lists name is passed on.
    """
    commands = [criterion for criterion in subagent.success_criteria if criterion.run is not None]
    records = []
    for number, criterion in enumerate(commands, start=1):
        if stop.why:
            break
        here = folder / f"check-{number}"
        here.mkdir(mode=0o700)
        with private_home(homes, config_folder=".config", rootdir=rootdir) as home:
            ending = supervise(
                Order(
                    argv=("/bin/sh", "-c", str(criterion.run)),
                    env=environment_of(environ, (), {}, home).variables,
                    cwd=workspace,
                    stdout=here / "stdout.txt",
                    stderr=here / "stderr.txt",
                    end=here / "end.json",
                    bounds=Bounds(
                        timeout=criterion.timeout or limits.CHECK_SECONDS, output_bytes=limits.CHECK_OUTPUT_BYTES
                    ),
                ),
                stop=stop,
            )
        records.append(CheckRecord(run=str(criterion.run), exit_code=_exit_code(ending)))
    return tuple(records)


def _exit_code(ending: Ending) -> int:
    if ending.cause == "timeout":
        return _TIMED_OUT
    return ending.exit_code if ending.exit_code is not None else _NOT_RUN
