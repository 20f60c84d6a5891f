"""`subagents status`: what the running live run is doing, or what became of the last one."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import click
import msgspec

from pytest_subagents.cli.printing import print_file
from pytest_subagents.errors import BadUsage
from pytest_subagents.model.progress import RunProgress
from pytest_subagents.reports.progress_text import progress_line, progress_table, short_time
from pytest_subagents.transcript.run_directory import DEFAULT, RunDirectory, alive, latest

_NAME = "status.json"
_EVERY = 0.5
"""Seconds between two looks at a run that goes on."""


@click.command()
@click.option("--run-dir", metavar="DIR", help=f"The run directory.  [default: {DEFAULT}]")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON, once.")
@click.option("--once", is_flag=True, help="Print it once, although the run goes on.")
def status(run_dir: str | None, as_json: bool, once: bool) -> None:
    """Show the subagents of the running live run, until it ends; of the last run, if none is running.

    Exit codes: 0; 4 where there is no run.
    """
    root = Path(run_dir or os.environ.get("SUBAGENTS_RUN_DIR") or DEFAULT)
    run = latest(root)
    if run is None:
        raise BadUsage(
            str(root), "there is no live run here", hint="pytest --subagents --subagents-mode=once makes one"
        )
    directory = RunDirectory.open(run)
    if as_json:
        print_file(msgspec.json.format(msgspec.json.encode(_with_life(directory)), indent=2).decode() + "\n")
    elif once or not sys.stdout.isatty():
        _print(directory)
    else:
        _follow(directory)


def _with_life(directory: RunDirectory) -> dict[str, object]:
    """The progress, the name of the run, and whether its process lives."""
    plain: dict[str, object] = msgspec.to_builtins(_read(directory))
    return {"run": directory.name, "alive": alive(directory.path), **plain}


def _read(directory: RunDirectory) -> RunProgress:
    found = directory.read_json(_NAME, RunProgress)
    if found is None:  # it has started no agent yet
        return RunProgress(mode="live", started=time.time(), updated=time.time())
    return found


def _print(directory: RunDirectory) -> None:
    from rich.console import Console

    now = _read(directory)
    lives = alive(directory.path)
    moment = time.time() if lives else now.updated
    click.echo(_headline(directory, now, lives=lives))
    if now.agents:
        width = None if sys.stdout.isatty() else 160
        Console(file=sys.stdout, width=width, highlight=False).print(progress_table(now, moment))


def _follow(directory: RunDirectory) -> None:
    from rich.console import Console, Group
    from rich.live import Live
    from rich.text import Text

    def drawn() -> Group:
        now = _read(directory)
        return Group(Text(_headline(directory, now, lives=True)), progress_table(now, time.time()))

    with Live(drawn(), console=Console(highlight=False), transient=True, refresh_per_second=4) as live:
        try:
            while alive(directory.path) and not _read(directory).over:
                time.sleep(_EVERY)
                live.update(drawn())
        except KeyboardInterrupt:
            pass
    _print(directory)


def _headline(directory: RunDirectory, now: RunProgress, *, lives: bool) -> str:
    lasted = short_time((time.time() if lives and not now.over else now.updated) - now.started)
    if now.over:
        word = f"over after {lasted}"
    elif lives:
        word = f"running for {lasted}"
    else:
        word = f"cut off after {lasted}; --subagents-resume goes on with it"
    return (
        f"run {directory.name} (mode {now.mode}), {word}: {progress_line(now, time.time() if lives else now.updated)}"
    )
