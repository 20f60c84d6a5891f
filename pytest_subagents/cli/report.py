"""`subagents report`: the stored report in another format."""

from __future__ import annotations

import difflib
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path, PurePath
from typing import Final, TypeAlias

import click

from pytest_subagents.cli.completing import offered
from pytest_subagents.cli.printing import print_file, print_lines
from pytest_subagents.cli.stored import stored_report
from pytest_subagents.conclude import check_writable, write_reports
from pytest_subagents.errors import BadUsage
from pytest_subagents.git.place import below_top
from pytest_subagents.model.evidence import Evidence
from pytest_subagents.model.report import Report
from pytest_subagents.reports.commands import DEFAULT_REPORT
from pytest_subagents.reports.registry import PAGED, format_of, paged_format_of, suffix_called, words
from pytest_subagents.reports.terminal_text import summary_lines
from pytest_subagents.transcript.run_directory import DEFAULT, latest, runs_of

_TEXT: Final = "text"
_Evidence: TypeAlias = Callable[[Report], Evidence]


@click.command()
@click.argument(
    "format", required=False, metavar=f"[{'|'.join([_TEXT, *words()])}]", shell_complete=offered([_TEXT, *words()])
)
@click.option("--from", "path", default=DEFAULT_REPORT, show_default=True, metavar="PATH", help="The report.json.")
@click.option("-o", "--output", metavar="PATH", help="Write to this file, in the format of its suffix.")
@click.option(
    "--run",
    metavar="RUN",
    help="For html: the live run that the report is of (its id, or `latest`), whose times and unrecorded transcripts "
    "are shown too.",
)
@click.option(
    "--run-dir",
    default=DEFAULT,
    envvar="SUBAGENTS_RUN_DIR",
    metavar="DIR",
    help=f"Where live runs are kept ({DEFAULT}).",
)
def report(format: str | None, path: str, output: str | None, run: str | None, run_dir: str) -> None:
    """Render a stored report in another format.

    As in the terminal (text, the default), or in the format of a file. A page of html also shows what the recordings
    below the current folder tell. Written to a file it has all of every transcript, in a folder beside it; printed,
    only what has room.

    \b
    Examples:
      subagents report
      subagents report markdown > summary.md
      subagents report -o report.html --from other/report.json

    Exit codes: 0; 4 for a bad argument, or where there is no report.
    """
    if format is not None and output is not None:
        raise BadUsage("report", "a format and an output file are given", hint="the suffix of the file is its format")
    name = PurePath(output) if output is not None else PurePath(f"report{_suffix(format or _TEXT)}")
    if run is not None and name.suffix.lower() not in PAGED:
        raise BadUsage("report", "--run is for html", hint="leave it out, or ask for html")
    evidence = partial(_evidence, run=run, run_dir=Path.cwd() / run_dir)
    if output is not None:
        _write(path, Path(output), evidence)
    elif format in (None, _TEXT):
        print_lines(summary_lines(stored_report(path), written=[path], width=shutil.get_terminal_size().columns))
    else:
        _print(path, name, evidence)


def _suffix(format: str) -> str:
    suffix = "" if format == _TEXT else suffix_called(format)
    if suffix is None:
        known = [_TEXT, *words()]
        near = difflib.get_close_matches(format, known, n=1)
        hint = (f"did you mean {near[0]!r}? " if near else "") + f"use one of: {', '.join(sorted(known))}"
        raise BadUsage("report", f"no format is called {format!r}", hint=hint)
    return suffix


def _write(source: str, target: Path, evidence: _Evidence) -> None:
    found = stored_report(source)
    check_writable([target], below=Path.cwd())
    write_reports(found, [target], below=Path.cwd(), evidence=evidence)


def _print(source: str, name: PurePath, evidence: _Evidence) -> None:
    found = stored_report(source)
    paged = paged_format_of(name)
    if paged is None:
        print_file(format_of(name, below=below_top(Path.cwd()) or "").render(found))
        return
    for part in paged.pages(found, evidence(found), name=name.name, further=None):
        print_file(part)


def _evidence(report: Report, *, run: str | None, run_dir: Path) -> Evidence:
    """From where the recordings are, below the current folder: the rootdir, as everywhere in this command."""
    from pytest_subagents.evidence.stored import StoredEvidence  # it reads every dialect, which costs

    if run is None:
        return StoredEvidence(report=report, rootdir=Path.cwd())
    from pytest_subagents.cli.log_redacting import log_redactor
    from pytest_subagents.evidence.live_run import Left, measured_in

    folder = latest(run_dir) if run == "latest" else next((each for each in runs_of(run_dir) if each.name == run), None)
    if folder is None:
        raise BadUsage("--run", f"there is no run {run!r} in {run_dir.name}", hint="`subagents status` lists the runs")
    return StoredEvidence(
        report=report,
        rootdir=Path.cwd(),
        redactor=log_redactor(Path.cwd(), [row.planned.nodeid for row in report.agents]),
        live=Left(folder, rootdir=Path.cwd()),
        measured=measured_in(folder),
    )
