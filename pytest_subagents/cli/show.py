"""`subagents show AGENT`: one row of the report in full, or the prompt that the subagent is given."""

from __future__ import annotations

import difflib
import os
import sys
from pathlib import Path

import click

from pytest_subagents.cli.contradictions_shown import shown_contradictions
from pytest_subagents.cli.printing import print_file, print_lines
from pytest_subagents.cli.scope_shown import ScopeShown
from pytest_subagents.cli.stored import stored_report
from pytest_subagents.errors import BadUsage
from pytest_subagents.model.report import Report
from pytest_subagents.model.result import Result
from pytest_subagents.reports.commands import DEFAULT_REPORT
from pytest_subagents.reports.escape import terminal
from pytest_subagents.reports.row_json import row_json
from pytest_subagents.reports.show_text import show_lines
from pytest_subagents.transcript.run_directory import DEFAULT

_LISTED = 10


@click.command()
@click.argument("agent")
@click.option("--report", metavar="PATH", help=f"The report.json.  [default: {DEFAULT_REPORT}]")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.option(
    "--run-dir",
    default=DEFAULT,
    envvar="SUBAGENTS_RUN_DIR",
    metavar="DIR",
    help=f"Where live runs have kept what it read and wrote ({DEFAULT}).",
)
@click.option("--prompt", is_flag=True, help="Show the prompt that a live run would send instead.")
@click.option(
    "--file", metavar="FILE", help="With --prompt: the workflow file.  [default: the one that declares AGENT]"
)
def show(agent: str, report: str | None, as_json: bool, run_dir: str, prompt: bool, file: str | None) -> None:
    """Show everything that the report says of AGENT, an id or a node id, where its recording tells other changes than
    it made, and how its scope differs from what it read and wrote in its last live run.

    With --json, one object: its row of report.json, and `scope_use` besides (null where it has not run for real): the
    id of the `run`, what it `used`, the `gaps`, and the `corrected` scope. Keys may be added.

    With --prompt, show what it is told. Results of other subagents that stand in it are those of the report, or
    placeholders.
    """
    if prompt and as_json:
        raise BadUsage("show", "--prompt and --json are given", hint="leave one of them out")
    if prompt:
        _print_prompt(agent, report, file)
    elif file is not None:
        raise BadUsage("show", "--file is for --prompt", hint="add --prompt, or leave it out")
    else:
        row = _find(agent, stored_report(report or DEFAULT_REPORT))
        scope = ScopeShown.of(row, Path.cwd() / run_dir)
        if as_json:
            print_file(row_json(row, {"scope_use": scope.plain() if scope is not None else None}))
        else:
            untold, untrue = shown_contradictions(row, Path.cwd())
            print_lines(show_lines(row, scope.lines() if scope is not None else (), untold=untold, untrue=untrue))


def _print_prompt(agent: str, report: str | None, file: str | None) -> None:
    from pytest_subagents.cli.prompting import prompt_of  # it knows how to read workflow files, which costs

    known = report or (DEFAULT_REPORT if os.path.exists(DEFAULT_REPORT) else None)
    text, pending = prompt_of(agent, rootdir=Path.cwd(), file=file, report=known)
    print_file(terminal(text, multiline=True) if sys.stdout.isatty() else text)
    if pending:
        click.echo(f"placeholders stand for results that are not known yet: {', '.join(pending)}", err=True)


def _find(agent: str, report: Report) -> Result:
    rows = [row for row in report.agents if agent in _names(row)]
    if len(rows) == 1:
        return rows[0]
    if rows:
        nodeids = _listed([row.planned.nodeid for row in rows])
        raise BadUsage(
            "show", f"{len(rows)} subagents are called {agent!r}", hint=f"name one by its node id: {nodeids}"
        )
    raise BadUsage("show", f"no subagent is called {agent!r}", hint=_nearest(agent, report))


def _names(row: Result) -> tuple[str, ...]:
    """What a person may call it: also as it stands in the terminal, where what cannot be seen is escaped."""
    id, nodeid = row.planned.id, row.planned.nodeid
    runs = (name for run in row.attempts for name in (f"{id}[{run.number}]", run.nodeid, terminal(run.nodeid)))
    return id, nodeid, terminal(id), terminal(nodeid), *runs


def _nearest(agent: str, report: Report) -> str:
    ids = sorted({row.planned.id for row in report.agents})
    near = difflib.get_close_matches(agent, ids, n=_LISTED) or [id for id in ids if agent and agent in id]
    return f"did you mean: {_listed(near)}" if near else f"known: {_listed(ids)}"


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _LISTED:,} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more
