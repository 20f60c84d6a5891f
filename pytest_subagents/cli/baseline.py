"""`subagents baseline`: what findings are compared with, and two reports side by side."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import click

from pytest_subagents.aggregate.baseline import against, without_baseline
from pytest_subagents.aggregate.comparing import compare
from pytest_subagents.cli.printing import print_file, print_lines
from pytest_subagents.conclude import check_writable, write_reports
from pytest_subagents.errors import BadUsage
from pytest_subagents.model.report import Report
from pytest_subagents.reports.baseline_file import as_baseline, stored_baseline
from pytest_subagents.reports.baseline_text import shown_lines, updated_line
from pytest_subagents.reports.commands import DEFAULT_BASELINE, DEFAULT_REPORT
from pytest_subagents.reports.comparison_json import comparison_json
from pytest_subagents.reports.comparison_text import comparison_lines
from pytest_subagents.reports.json_report import JsonReport
from pytest_subagents.reports.stored import stored_report


@click.group(invoke_without_command=True)
@click.pass_context
def baseline(context: click.Context) -> None:
    """Make, show and compare baselines.

    A baseline is an earlier report.json. `pytest --subagents-baseline=PATH` says of every finding whether it is new or
    known, and which are fixed.

    \b
    Examples:
      subagents baseline update
      subagents baseline compare

    Exit codes: 0; 4 for a bad argument, or where there is no report.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@baseline.command()
@click.argument("path", default=DEFAULT_BASELINE, metavar="[PATH]")
@click.option("--from", "source", default=DEFAULT_REPORT, show_default=True, metavar="PATH", help="The report.json.")
@click.option("--force", is_flag=True, help="Also of a report in which subagents failed or were left out.")
def update(path: str, source: str, force: bool) -> None:
    """Make the last report the baseline.

    It is written to PATH, subagents.baseline.json by default. Commit that file.

    Refused is a report of a run that was cut short. One in which subagents failed, did not run or were deselected needs
    --force: what these find would be new from then on.
    """
    if not path.lower().endswith(".json"):
        raise BadUsage(
            path, "a baseline is a JSON file", hint=f"call it {DEFAULT_BASELINE}, or another name with .json"
        )
    report = as_baseline(without_baseline(stored_report(source)), where=source, force=force)
    earlier = _earlier(path)
    target = Path(os.path.abspath(path))
    check_writable([target], below=Path.cwd())
    write_reports(report, [target], below=Path.cwd())
    print_lines([updated_line(path, report if earlier is None else against(report, earlier))])


@baseline.command()
@click.argument("path", default=DEFAULT_BASELINE, metavar="[PATH]")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON: the report that it is.")
def show(path: str, as_json: bool) -> None:
    """Show what a baseline knows.

    PATH is subagents.baseline.json by default. With --json, the report that it is.
    """
    found = stored_baseline(path)
    if as_json:
        print_file(JsonReport().render(without_baseline(found)))
    else:
        print_lines(shown_lines(path, found, shutil.get_terminal_size().columns))


@baseline.command(name="compare")
@click.argument("before", default=DEFAULT_BASELINE, metavar="[BEFORE]")
@click.argument("after", default=DEFAULT_REPORT, metavar="[AFTER]")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def compare_(before: str, after: str, as_json: bool) -> None:
    """Compare two reports by subagent.

    BEFORE is subagents.baseline.json by default, AFTER the report of the last run.

    Those that broke come first, then new, gone and fixed ones; below each, its findings and what is different in its
    answer, by JSON Pointer: [-taken out-] {+put in+}. Time, tokens and dollars are differences.

    With --json, one object: `before`, `after`, `counts`, `findings`, `spent` and `agents`.

    Exit codes: 0, whatever is different; 4 where a report is missing or is none. Gates are for pytest:
    --subagents-baseline with --subagents-gate='new_findings <= 0'.
    """
    found = compare(stored_report(before), stored_report(after))
    if as_json:
        print_file(comparison_json(found))
    else:
        width = shutil.get_terminal_size().columns
        print_lines(comparison_lines(found, before=before, after=after, width=width))


def _earlier(path: str) -> Report | None:
    """The baseline that will be replaced; something else is no reason to keep it, but to ask."""
    if not os.path.lexists(path):
        return None
    try:
        return stored_report(path)
    except BadUsage as error:
        raise BadUsage(error.where, f"{error.what}; it is not replaced", hint="remove it first") from None
