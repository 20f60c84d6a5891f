"""`subagents diff`: what the subagents of a workflow changed, as it was recorded."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import click

from pytest_subagents.cli.completing import declared_ids
from pytest_subagents.cli.printing import plain_json, print_file, print_lines
from pytest_subagents.cli.recorded_work import recorded_work
from pytest_subagents.cli.workflow_files import declared, only_file
from pytest_subagents.contract.loading import built_in_names
from pytest_subagents.errors import BadUsage
from pytest_subagents.model.spec import Subagent, Workflow
from pytest_subagents.plan.several_runs import runs_of
from pytest_subagents.reports.diff_text import AgentDiff, by_agent, by_file, sizes
from pytest_subagents.specify.workflow_file import read_workflow
from pytest_subagents.transcript.store import Recording, recording_of_agent, recording_of_run
from pytest_subagents.vendors.registry import VENDORS


@click.command()
@click.argument("agents", metavar="[AGENT]...", nargs=-1, shell_complete=declared_ids)
@click.option("--by-agent", "grouped", is_flag=True, help="One subagent after the other, not file by file.")
@click.option("--file", metavar="FILE", help="The workflow file.  [default: the only one, or that of the agents]")
@click.option("--stat", is_flag=True, help="Only how many lines of which file.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_context
def diff(
    context: click.Context, agents: tuple[str, ...], grouped: bool, file: str | None, stat: bool, as_json: bool
) -> None:
    """Show what subagents changed, as it was recorded.

    Of AGENTs, ids or node ids, or of a whole workflow; file by file. Nothing in them reaches the terminal as
    anything but text. The patches themselves are `<agent>.patch`, beside the recordings.

    With --json, one object with the list `agents`: of each `agent`, `fault` (null, or why its patch cannot be used)
    and `files`, each with its `path`, `added`, `removed`, `binary` and, without --stat, `patch`.

    \b
    Examples:
      subagents diff
      subagents diff fix-auth --stat
      subagents diff --json | jq '.agents[].files[].path'

    Exit codes: 0; 1 where a patch cannot be used; 2 for a bad workflow file; 4 for a bad argument.
    """
    rootdir = Path.cwd()
    diffs = _of_agents(agents, rootdir, file) if agents else _of_workflow(rootdir, file)
    changed = [each for each in diffs if each.files or each.fault]
    if as_json:
        print_file(plain_json({"agents": [_plain(each, patches=not stat) for each in diffs]}))
    elif not changed:
        click.echo("no recorded changes", err=True)
    elif stat:
        print_lines(sizes(changed, grouped=grouped))
    else:
        print_lines(by_agent(changed) if grouped else by_file(changed))
    context.exit(1 if any(each.fault for each in diffs) else 0)


def _plain(found: AgentDiff, *, patches: bool) -> dict[str, object]:
    files = []
    for file in found.files:
        one: dict[str, object] = {
            "path": file.path,
            "added": file.added,
            "removed": file.removed,
            "binary": file.binary,
        }
        files.append(one | ({"patch": file.text} if patches else {}))
    return {"agent": found.agent, "fault": found.fault or None, "files": files}


def _of_agents(agents: tuple[str, ...], rootdir: Path, file: str | None) -> list[AgentDiff]:
    found: list[AgentDiff] = []
    for agent in dict.fromkeys(agents):
        one = declared(agent, rootdir=rootdir, file=file, command="diff")
        found += _diffs(one.workflow, one.subagent, Path(os.path.abspath(one.path)).parent)
    return found


def _of_workflow(rootdir: Path, file: str | None) -> list[AgentDiff]:
    path = Path(os.path.abspath(file)) if file is not None else only_file(rootdir, command="diff", by="--file ")
    if not path.is_file():
        raise BadUsage("diff", f"there is no workflow file {file}", hint="name one with --file")
    workflow = read_workflow(path, rootdir=rootdir, vendors=VENDORS, contracts=built_in_names())
    return [diff for agent in workflow.agents for diff in _diffs(workflow, agent, path.parent)]


def _diffs(workflow: Workflow, agent: Subagent, folder: Path) -> Iterator[AgentDiff]:
    """One; of a subagent that is run several times, one for each run."""
    path = recording_of_agent(str(folder), workflow.name, agent.id)
    numbers = range(1, runs_of(agent) + 1)
    several = [(f"{agent.id}[{number}]", recording_of_run(path, number)) for number in numbers]
    for name, transcript in several if len(several) > 1 else [(agent.id, path)]:
        yield recorded_work(name, Recording(transcript=transcript), below=folder).diff
