"""`subagents replay`: one recording judged again now, as pytest would."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final, Literal

import click
from click.core import ParameterSource

from pytest_subagents.cli.completing import declared_ids
from pytest_subagents.cli.contradictions_shown import shown_contradictions
from pytest_subagents.cli.marked import note_of, told_by_mark
from pytest_subagents.cli.printing import print_file, print_lines, terminal_width
from pytest_subagents.cli.workflow_files import Declared, declared, declared_by_recording
from pytest_subagents.conduct.judging_again import JudgedAgain, RecordedTeam, judged_transcript, passes
from pytest_subagents.errors import BadUsage
from pytest_subagents.reports import wording
from pytest_subagents.reports.escape import terminal
from pytest_subagents.reports.line import Line
from pytest_subagents.reports.row_json import row_json
from pytest_subagents.reports.show_text import show_lines

_RUN: Final = re.compile(r"(.+)\[([1-9][0-9]{0,3})\]", re.DOTALL)
"""One of several runs: `math[2]`."""


@click.command()
@click.argument("agent", metavar="AGENT|PATH", shell_complete=declared_ids)
@click.option("--file", metavar="FILE", help="The workflow file.  [default: the one that declares AGENT]")
@click.option(
    "--contract",
    envvar="SUBAGENTS_CONTRACT",
    metavar="NAME|PATH",
    help="Of a PATH that no workflow file declares and that has no contract.json above it.  [default: result]",
)
@click.option(
    "--stale",
    type=click.Choice(["fail", "warn"]),
    default="fail",
    show_default=True,
    envvar="SUBAGENTS_STALE",
    help="What a recording of another prompt comes to.",
)
@click.option(
    "--partial",
    type=click.Choice(["pass", "fail"]),
    default="pass",
    show_default=True,
    envvar="SUBAGENTS_PARTIAL",
    help="What a partial success comes to.",
)
@click.option("--json", "as_json", is_flag=True, help="Print its row as JSON.")
@click.pass_context
def replay(
    context: click.Context,
    agent: str,
    file: str | None,
    contract: str | None,
    stale: Literal["fail", "warn"],
    partial: Literal["pass", "fail"],
    as_json: bool,
) -> None:
    """Judge one recording again, as pytest would.

    AGENT is an id or a node id of a workflow file, math[2] the second run of several; PATH is a transcript. Contract,
    scope and expectations are those of now, `run:` criteria are judged as they were recorded, and what it needs is
    judged first. Nothing is started and nothing is written. Defaults are those of pytest: the variables
    SUBAGENTS_CONTRACT, SUBAGENTS_STALE and SUBAGENTS_PARTIAL, or else the ini file.

    A subagent that a mark declares is judged with the body of its test, by pytest alone: `pytest --subagents NODEID`.

    With --json, one object: its row as in report.json, and `passes` and `by_itself` besides: the status of its
    recording, whatever became of those that it needs.

    \b
    Examples:
      subagents replay math
      subagents replay tests/transcripts/refusal.jsonl
      subagents replay math --json | jq .reasons

    Exit codes: 0 where it passes; 1 where it does not; 2 for a bad workflow file; 4 for a bad argument or contract.
    """
    rootdir = Path.cwd()
    found = _judged(agent, rootdir, file=file, contract=contract, said_by=_said_by(context), stale=stale)
    well = passes(found.row, partial=partial)
    if as_json:
        print_file(row_json(found.row, {"passes": well, "by_itself": found.alone.status}))
    else:
        untold, untrue = shown_contradictions(found.row, rootdir)
        print_lines(show_lines(found.row, untold=untold, untrue=untrue, width=terminal_width()))
        if found.alone is not found.row:
            print_lines(_alone(found), wrap=True)
    for warning in found.warnings:
        click.echo(f"warning: {terminal(warning)}", err=True)
    if found.merges and well:
        click.echo(
            "note: whether its patch merges with those of others is not asked here; subagents merge tells", err=True
        )
    context.exit(0 if well else 1)


def _judged(
    agent: str, rootdir: Path, *, file: str | None, contract: str | None, said_by: str, stale: Literal["fail", "warn"]
) -> JudgedAgain:
    path = _transcript(agent)
    if path is None or file is not None:
        run = _RUN.fullmatch(agent)
        id, number = (run[1], int(run[2])) if run is not None else (agent, None)
        return _of_team(_declared(id, agent, rootdir, file), rootdir, stale, number)
    by_its_place = declared_by_recording(path, rootdir)
    if by_its_place is not None:
        one, number = by_its_place
        return _of_team(one, rootdir, stale, number)
    if not path.is_file():
        raise BadUsage(agent, "there is no such transcript", hint="name a .jsonl file, or a subagent by its id")
    if note := note_of(path, rootdir):
        click.echo(f"note: {note}", err=True)
    return judged_transcript(path, rootdir=rootdir, contract=contract, said_by=said_by)


def _said_by(context: click.Context) -> str:
    """Who has named the contract."""
    match context.get_parameter_source("contract"):
        case ParameterSource.ENVIRONMENT:
            return "SUBAGENTS_CONTRACT"
        case ParameterSource.DEFAULT_MAP:
            return "ini subagents_contract"
        case _:
            return "--contract"


def _declared(id: str, agent: str, rootdir: Path, file: str | None) -> Declared:
    try:
        return declared(id, rootdir=rootdir, file=file, command="replay")
    except BadUsage as error:
        told = None if file is not None else told_by_mark(agent, command="replay") or told_by_mark(id, command="replay")
        raise told or error from None


def _transcript(agent: str) -> Path | None:
    """The transcript that a person means: by its path, or as the items of a folder of them are called."""
    file = agent.partition("::")[0]
    if file.endswith(".jsonl"):
        return Path(os.path.abspath(file))
    named = Path(os.path.abspath(f"{agent}.jsonl"))
    if "/" in agent and "::" not in agent and named.is_file():
        return named
    return Path(os.path.abspath(agent)) if os.path.isfile(agent) else None


def _of_team(one: Declared, rootdir: Path, stale: Literal["fail", "warn"], number: int | None) -> JudgedAgain:
    path = Path(os.path.abspath(one.path))
    team = RecordedTeam(workflow=one.workflow, path=path, file=one.file, rootdir=rootdir, stale=stale)
    return team.judged(one.subagent.id, number=number)


def _alone(found: JudgedAgain) -> tuple[Line, ...]:
    reasons = found.alone.reasons[:1]
    why = f" ({terminal(wording.reason_head(reasons[0]))}: {terminal(reasons[0].message)})" if reasons else ""
    text = f"By its recording alone: {found.alone.status}{why}"
    return Line(), Line(text=text, style=wording.word(found.alone))
