"""`subagents plan`: who may run beside whom, in what order and why, and how long it takes. Nothing is started."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path
from typing import Final

import click

from pytest_subagents.cli.printing import print_file, print_lines
from pytest_subagents.cli.scope_sizes import scope_sizes
from pytest_subagents.cli.workflow_files import workflow_files
from pytest_subagents.contract.loading import built_in_names
from pytest_subagents.errors import BadUsage
from pytest_subagents.model.limits import META_BYTES
from pytest_subagents.model.plan import Facts
from pytest_subagents.model.spec import Workflow
from pytest_subagents.plan.planning import plan_of
from pytest_subagents.reports.plan_json import plan_json
from pytest_subagents.reports.plan_mermaid import plan_mermaid
from pytest_subagents.reports.plan_text import plan_lines
from pytest_subagents.specify.workflow_file import read_workflow
from pytest_subagents.transcript.meta import RecordingMeta, read_meta
from pytest_subagents.transcript.store import Recording, recording_of_agent
from pytest_subagents.vendors.registry import VENDORS

_LISTED: Final = 10


@click.command()
@click.argument("file", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.option("--mermaid", "as_mermaid", is_flag=True, help="Print it as a Mermaid flowchart.")
def plan(file: str | None, as_json: bool, as_mermaid: bool) -> None:
    """Show the plan of a workflow FILE: access matrix, conflicts, order, waves, critical path, times and advice.

    Without FILE, the one below the current folder. Nothing is started and nothing is spent. Times are those of the
    recordings; ~ stands before a guess.

    Exit codes: 0; 2 for a bad workflow file; 4 for a circle that 'depends_on' closes, an overlap where
    'execution.on_overlap: error' forbids it, or a bad argument.
    """
    if as_json and as_mermaid:
        raise BadUsage("plan", "--json and --mermaid are given", hint="leave one of them out")
    rootdir = Path.cwd()
    path = Path(file) if file is not None else _only_file(rootdir)
    workflow = read_workflow(path, rootdir=rootdir, vendors=VENDORS, contracts=built_in_names())
    found = plan_of(workflow, _facts(workflow, path, rootdir))
    if as_json:
        print_file(plan_json(found))
    elif as_mermaid:
        print_file(plan_mermaid(found))
    else:
        print_lines(plan_lines(found, width=shutil.get_terminal_size().columns))


def _only_file(rootdir: Path) -> Path:
    found = list(workflow_files(rootdir))
    if len(found) == 1:
        return found[0]
    if not found:
        raise BadUsage("plan", "there is no workflow file here or below", hint="name one: subagents plan FILE")
    names = [path.relative_to(rootdir).as_posix() for path in found[:_LISTED]]
    more = f" and {len(found) - _LISTED:,} more" if len(found) > _LISTED else ""
    hint = f"name one: {', '.join(names)}{more}"
    raise BadUsage("plan", f"there are {len(found):,} workflow files here and below", hint=hint)


def _facts(workflow: Workflow, path: Path, rootdir: Path) -> dict[str, Facts]:
    sizes = scope_sizes(rootdir, [agent.scope.read for agent in workflow.agents if agent.scope.read])
    return {
        agent.id: Facts(
            runtime_ms=_runtime(Recording(transcript=recording_of_agent(str(path.parent), workflow.name, agent.id))),
            read_bytes=sizes.get(agent.scope.read or ()),
        )
        for agent in workflow.agents
    }


def _runtime(recording: Recording) -> int | None:
    """How long a recording took, in milliseconds; None where nothing can be read that says so."""
    try:
        if not stat.S_ISREG(os.stat(recording.meta).st_mode):
            return None
        with open(recording.meta, "rb") as file:
            meta = read_meta(file.read(META_BYTES + 1))
    except OSError:
        return None
    return meta.process.runtime_ms if isinstance(meta, RecordingMeta) else None
