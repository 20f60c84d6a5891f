"""`subagents report`: the stored report in another format."""

from __future__ import annotations

import difflib
import shutil
from pathlib import Path, PurePath
from typing import Final

import click

from pytest_subagents.cli.completing import offered
from pytest_subagents.cli.printing import print_file, print_lines
from pytest_subagents.cli.stored import stored_report
from pytest_subagents.conclude import check_writable, write_reports
from pytest_subagents.errors import BadUsage
from pytest_subagents.model.evidence import Evidence
from pytest_subagents.model.report import Report
from pytest_subagents.reports.commands import DEFAULT_REPORT
from pytest_subagents.reports.registry import format_of, paged_format_of, suffix_called, words
from pytest_subagents.reports.terminal_text import summary_lines

_TEXT: Final = "text"


@click.command()
@click.argument(
    "format", required=False, metavar=f"[{'|'.join([_TEXT, *words()])}]", shell_complete=offered([_TEXT, *words()])
)
@click.option("--from", "path", default=DEFAULT_REPORT, show_default=True, metavar="PATH", help="The report.json.")
@click.option("-o", "--output", metavar="PATH", help="Write to this file, in the format of its suffix.")
def report(format: str | None, path: str, output: str | None) -> None:
    """Render a stored report in another format.

    As in the terminal (text, the default), or in the format of a file.

    \b
    Examples:
      subagents report
      subagents report markdown > summary.md
      subagents report -o report.md --from other/report.json

    Exit codes: 0; 4 for a bad argument, or where there is no report.
    """
    if format is not None and output is not None:
        raise BadUsage("report", "a format and an output file are given", hint="the suffix of the file is its format")
    if output is not None:
        _write(path, Path(output))
    elif format in (None, _TEXT):
        print_lines(summary_lines(stored_report(path), written=[path], width=shutil.get_terminal_size().columns))
    else:
        suffix = suffix_called(format or "")
        if suffix is None:
            known = [_TEXT, *words()]
            near = difflib.get_close_matches(str(format), known, n=1)
            hint = (f"did you mean {near[0]!r}? " if near else "") + f"use one of: {', '.join(sorted(known))}"
            raise BadUsage("report", f"no format is called {format!r}", hint=hint)
        _print(path, PurePath(f"report{suffix}"))


def _write(source: str, target: Path) -> None:
    found = stored_report(source)
    check_writable([target], below=Path.cwd())
    write_reports(found, [target], below=Path.cwd(), evidence=_evidence)


def _print(source: str, name: PurePath) -> None:
    found = stored_report(source)
    paged = paged_format_of(name)
    if paged is None:
        print_file(format_of(name).render(found))
        return
    for part in paged.pages(found, _evidence(found), name=name.name, further=None):
        print_file(part)


def _evidence(report: Report) -> Evidence:
    """From where the recordings are, below the current folder: the rootdir, as everywhere in this command."""
    from pytest_subagents.evidence.stored import StoredEvidence  # it reads every dialect, which costs

    return StoredEvidence(report=report, rootdir=Path.cwd())
