"""`subagents plan`: who may run beside whom, in what order and why, and how long it takes. Nothing is started."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import click

from pytest_subagents.cli.completing import files_of_workflows
from pytest_subagents.cli.printing import print_file, print_lines
from pytest_subagents.cli.workflow_files import only_file
from pytest_subagents.conduct.plan_facts import Known, facts_of
from pytest_subagents.contract.loading import built_in_names
from pytest_subagents.errors import BadUsage
from pytest_subagents.model.plan import Facts
from pytest_subagents.model.spec import Workflow
from pytest_subagents.plan.planning import plan_of
from pytest_subagents.reports.plan_json import plan_json
from pytest_subagents.reports.plan_mermaid import plan_mermaid
from pytest_subagents.reports.plan_text import plan_lines
from pytest_subagents.specify.workflow_file import read_workflow
from pytest_subagents.transcript.run_directory import DEFAULT
from pytest_subagents.transcript.store import Recording, recording_of_agent
from pytest_subagents.vendors.registry import VENDORS


@click.command()
@click.argument("file", required=False, shell_complete=files_of_workflows)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.option("--mermaid", "as_mermaid", is_flag=True, help="Print it as a Mermaid flowchart.")
@click.option(
    "--run-dir",
    default=DEFAULT,
    show_default=True,
    envvar="SUBAGENTS_RUN_DIR",
    metavar="DIR",
    help="Where live runs have kept how long they took.",
)
def plan(file: str | None, as_json: bool, as_mermaid: bool, run_dir: str) -> None:
    """Show who waits for whom, and how long it takes.

    The plan of a workflow FILE: access matrix, conflicts, order, waves, critical path, times and advice. Without
    FILE, the one below the current folder. Nothing is started and nothing is spent. Times are those of the
    recordings, or else of the newest live runs; ~ stands before a guess.

    \b
    Examples:
      subagents plan
      subagents plan refactor.subagents.yaml --json | jq .waves
      subagents plan --mermaid >> plan.md

    Exit codes: 0; 2 for a bad workflow file; 4 for a circle that 'depends_on' closes, an overlap where
    'execution.on_overlap: error' forbids it, or a bad argument.
    """
    if as_json and as_mermaid:
        raise BadUsage("plan", "--json and --mermaid are given", hint="leave one of them out")
    rootdir = Path.cwd()
    path = Path(file) if file is not None else only_file(rootdir, command="plan")
    workflow = read_workflow(path, rootdir=rootdir, vendors=VENDORS, contracts=built_in_names())
    found = plan_of(workflow, _facts(workflow, path, rootdir, run_dir))
    if as_json:
        print_file(plan_json(found))
    elif as_mermaid:
        print_file(plan_mermaid(found))
    else:
        print_lines(plan_lines(found, width=shutil.get_terminal_size().columns))


def _facts(workflow: Workflow, path: Path, rootdir: Path, run_dir: str) -> dict[str, Facts]:
    file = Path(os.path.abspath(path))
    shown = file.relative_to(rootdir).as_posix() if file.is_relative_to(rootdir) else path.name
    known = (
        one
        for agent in workflow.agents
        for one in Known.of(
            agent,
            f"{shown}::{agent.id}",
            Recording(transcript=recording_of_agent(str(path.parent), workflow.name, agent.id)),
        )
    )
    return facts_of(known, rootdir=rootdir, run_dir=rootdir / run_dir)
