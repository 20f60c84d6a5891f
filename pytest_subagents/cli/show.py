"""`subagents show AGENT`: one row of the report in full, or the prompt that the subagent is given."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import click

from pytest_subagents.cli.completing import reported_ids
from pytest_subagents.cli.contradictions_shown import shown_contradictions
from pytest_subagents.cli.printing import print_file, print_lines, terminal_width
from pytest_subagents.cli.rows import row_called
from pytest_subagents.cli.scope_shown import ScopeShown
from pytest_subagents.cli.stored import stored_report
from pytest_subagents.errors import BadUsage
from pytest_subagents.reports.commands import DEFAULT_REPORT
from pytest_subagents.reports.escape import terminal
from pytest_subagents.reports.row_json import row_json, rows_json
from pytest_subagents.reports.show_text import show_lines
from pytest_subagents.reports.terminal_text import every_row, is_well
from pytest_subagents.transcript.run_directory import DEFAULT


@click.command()
@click.argument("agent", required=False, shell_complete=reported_ids)
@click.option("--failed", is_flag=True, help="Without AGENT: only those that are not well.")
@click.option("--report", metavar="PATH", help=f"The report.json.  [default: {DEFAULT_REPORT}]")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.option(
    "--run-dir",
    default=DEFAULT,
    show_default=True,
    envvar="SUBAGENTS_RUN_DIR",
    metavar="DIR",
    help="Where live runs have kept what it read and wrote.",
)
@click.option("--prompt", is_flag=True, help="Show the prompt that a live run would send instead.")
@click.option(
    "--file", metavar="FILE", help="With --prompt: the workflow file.  [default: the one that declares AGENT]"
)
def show(
    agent: str | None, failed: bool, report: str | None, as_json: bool, run_dir: str, prompt: bool, file: str | None
) -> None:
    """Show all about one subagent of the last run.

    AGENT is an id or a node id: everything that the report says of it, where its recording tells other changes than it
    made, and how its scope differs from what it read and wrote in its last live run. Without AGENT, a line for each,
    the worst first.

    With --json, one object: its row of report.json, and `scope_use` besides (null where it has not run for real): the
    id of the `run`, what it `used`, the `gaps`, and the `corrected` scope. Keys may be added. Without AGENT, `agents`
    is a list of rows.

    With --prompt, show what it is told. Results of other subagents that stand in it are those of the report, or
    placeholders.

    \b
    Examples:
      subagents show math
      subagents show --failed
      subagents show math --json | jq .reasons
      subagents show math --prompt

    Exit codes: 0; 2 for a bad workflow file; 4 for a bad argument, or where there is no report.
    """
    if agent is None:
        if prompt or file is not None:
            raise BadUsage("show", "--prompt and --file are for one subagent", hint="name an AGENT")
        _list(report or DEFAULT_REPORT, unwell=failed, as_json=as_json)
        return
    if failed:
        raise BadUsage("show", "--failed is for a list of all", hint="leave it or AGENT out")
    if prompt and as_json:
        raise BadUsage("show", "--prompt and --json are given", hint="leave one of them out")
    if prompt:
        _print_prompt(agent, report, file)
    elif file is not None:
        raise BadUsage("show", "--file is for --prompt", hint="add --prompt, or leave it out")
    else:
        row = row_called(agent, stored_report(report or DEFAULT_REPORT), command="show")
        scope = ScopeShown.of(row, Path.cwd() / run_dir)
        if as_json:
            print_file(row_json(row, {"scope_use": scope.plain() if scope is not None else None}))
        else:
            untold, untrue = shown_contradictions(row, Path.cwd())
            used = scope.lines() if scope is not None else ()
            print_lines(show_lines(row, used, untold=untold, untrue=untrue, width=terminal_width()))


def _list(path: str, *, unwell: bool, as_json: bool) -> None:
    found = stored_report(path)
    if as_json:
        print_file(rows_json(row for row in found.agents if not (unwell and is_well(row))))
    else:
        print_lines(every_row(found, written=path, width=shutil.get_terminal_size().columns, unwell=unwell))


def _print_prompt(agent: str, report: str | None, file: str | None) -> None:
    from pytest_subagents.cli.prompting import prompt_of  # it knows how to read workflow files, which costs

    known = report or (DEFAULT_REPORT if os.path.exists(DEFAULT_REPORT) else None)
    text, pending = prompt_of(agent, rootdir=Path.cwd(), file=file, report=known)
    print_file(terminal(text, multiline=True) if sys.stdout.isatty() else text)
    if pending:
        click.echo(f"placeholders stand for results that are not known yet: {', '.join(pending)}", err=True)
