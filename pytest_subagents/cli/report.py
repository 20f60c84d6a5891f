"""`subagents report`: the stored report in another format."""

from __future__ import annotations

import shutil
from pathlib import Path, PurePath

import click

from pytest_subagents.cli.printing import print_file, print_lines
from pytest_subagents.cli.stored import stored_report
from pytest_subagents.conclude import check_writable, write_reports
from pytest_subagents.errors import BadUsage
from pytest_subagents.reports.commands import DEFAULT_REPORT
from pytest_subagents.reports.registry import ADDRESSES, format_of
from pytest_subagents.reports.terminal_text import summary_lines

_TEXT = "text"


@click.command()
@click.argument(
    "format", required=False, metavar=f"[{'|'.join([_TEXT, *(suffix[1:] for suffix in sorted(ADDRESSES))])}]"
)
@click.option("--from", "path", default=DEFAULT_REPORT, show_default=True, metavar="PATH", help="The report.json.")
@click.option("-o", "--output", metavar="PATH", help="Write to this file, in the format of its suffix.")
def report(format: str | None, path: str, output: str | None) -> None:
    """Render a stored report again: as in the terminal (text), or in the format of a file."""
    if format is not None and output is not None:
        raise BadUsage("report", "a format and an output file are given", hint="the suffix of the file is its format")
    if output is not None:
        _write(path, Path(output))
    elif format in (None, _TEXT):
        print_lines(summary_lines(stored_report(path), written=[path], width=shutil.get_terminal_size().columns))
    else:
        if f".{format}" not in ADDRESSES:
            known = ", ".join(sorted([_TEXT, *(suffix[1:] for suffix in ADDRESSES)]))
            raise BadUsage("report", f"no format is called {format!r}", hint=f"use one of: {known}")
        print_file(format_of(PurePath(f"report.{format}")).render(stored_report(path)))


def _write(source: str, target: Path) -> None:
    found = stored_report(source)
    check_writable([target], below=Path.cwd())
    write_reports(found, [target], below=Path.cwd())
