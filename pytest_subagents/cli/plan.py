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
from pytest_subagents.model.limits import SHARDS
from pytest_subagents.model.spec import Workflow
from pytest_subagents.plan.planning import plan_of
from pytest_subagents.plan.sharding import is_undivided
from pytest_subagents.plan.sharding_ahead import shards_of
from pytest_subagents.reports.plan_json import plan_json
from pytest_subagents.reports.plan_mermaid import plan_mermaid
from pytest_subagents.reports.plan_text import plan_lines
from pytest_subagents.reports.shard_plan_text import shard_plan_lines
from pytest_subagents.specify.workflow_file import read_workflow
from pytest_subagents.transcript.run_directory import DEFAULT
from pytest_subagents.transcript.runtimes import recorded_runtime
from pytest_subagents.transcript.store import Recording, recording_of_agent
from pytest_subagents.vendors.registry import VENDORS


@click.command()
@click.argument("file", required=False, shell_complete=files_of_workflows)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.option("--mermaid", "as_mermaid", is_flag=True, help="Print it as a Mermaid flowchart.")
@click.option("--shards", type=int, metavar="N", help="Show who goes to which of N machines instead.")
@click.option(
    "--run-dir",
    default=DEFAULT,
    show_default=True,
    envvar="SUBAGENTS_RUN_DIR",
    metavar="DIR",
    help="Where live runs have kept how long they took.",
)
def plan(file: str | None, as_json: bool, as_mermaid: bool, shards: int | None, run_dir: str) -> None:
    """Show who waits for whom, and how long it takes.

    The plan of a workflow FILE: access matrix, conflicts, order, waves, critical path, times and advice. Without
    FILE, the one below the current folder. Nothing is started and nothing is spent. Times are those of the
    recordings, or else of the newest live runs; ~ stands before a guess.

    With --shards, the N parts of `pytest --subagents --subagents-shard=I/N FILE`: who is in which, and how long each
    takes.

    With --json, one object: `waves`, `conflicts`, `edges`, `critical_path`, `makespan` by number of workers, `shards`
    and more (docs/plan.md); keys may be added, and none goes away.

    \b
    Examples:
      subagents plan
      subagents plan refactor.subagents.yaml --json | jq .waves
      subagents plan --mermaid >> plan.md
      subagents plan --shards 3

    Exit codes: 0; 2 for a bad workflow file; 4 for a circle that 'depends_on' closes, an overlap where
    'execution.on_overlap: error' forbids it, or a bad argument.
    """
    if as_json and as_mermaid:
        raise BadUsage("plan", "--json and --mermaid are given", hint="leave one of them out")
    if shards is not None and as_mermaid:
        raise BadUsage("plan", "--shards and --mermaid are given", hint="leave one of them out")
    if shards is not None and not 1 <= shards <= SHARDS:
        raise BadUsage("--shards", f"{shards} is no number of machines", hint=f"from 1 to {SHARDS:,}")
    rootdir = Path.cwd()
    path = Path(file) if file is not None else only_file(rootdir, command="plan")
    workflow = read_workflow(path, rootdir=rootdir, vendors=VENDORS, contracts=built_in_names())
    shown = _shown(path, rootdir)
    known = _known(workflow, path, shown)
    facts = facts_of(known, rootdir=rootdir, run_dir=rootdir / run_dir)
    found = plan_of(workflow, facts)
    parts = None
    if shards is not None:
        recorded = {one.nodeid: recorded_runtime(one.recording) for one in known}
        parts = shards_of(workflow, found, facts, file=shown, recorded=recorded, count=shards)
    width = shutil.get_terminal_size().columns
    if as_json:
        print_file(plan_json(found, parts))
    elif as_mermaid:
        print_file(plan_mermaid(found))
    elif parts is not None:
        undivided = is_undivided(workflow)
        print_lines(shard_plan_lines(found, parts, file=shown, undivided=undivided, width=width))
    else:
        print_lines(plan_lines(found, width=width))


def _shown(path: Path, rootdir: Path) -> str:
    """What node ids begin with."""
    file = Path(os.path.abspath(path))
    return file.relative_to(rootdir).as_posix() if file.is_relative_to(rootdir) else path.name


def _known(workflow: Workflow, path: Path, shown: str) -> tuple[Known, ...]:
    return tuple(
        known
        for agent in workflow.agents
        for known in Known.of(
            agent,
            f"{shown}::{agent.id}",
            Recording(transcript=recording_of_agent(str(path.parent), workflow.name, agent.id)),
        )
    )
