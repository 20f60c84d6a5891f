"""`subagents merge`: the patches of a team to one tree, and to a branch where that is asked for."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Literal

import click

from pytest_subagents.cli.completing import files_of_workflows
from pytest_subagents.cli.merge_paused import tell_paused
from pytest_subagents.cli.printing import print_file, print_lines
from pytest_subagents.cli.stored import stored_report
from pytest_subagents.cli.workflow_files import only_file
from pytest_subagents.contract.loading import built_in_names
from pytest_subagents.errors import BadUsage
from pytest_subagents.git.program import find_git
from pytest_subagents.git.repository import find_repository
from pytest_subagents.integration.integrating import integrate
from pytest_subagents.integration.losers import leave_losers
from pytest_subagents.integration.recorded_work import Request
from pytest_subagents.integration.text_files import write_texts
from pytest_subagents.model.ids import file_name
from pytest_subagents.model.platforms import must_start
from pytest_subagents.model.spec import Workflow
from pytest_subagents.reports.commands import DEFAULT_REPORT
from pytest_subagents.reports.integration_json import integration_json
from pytest_subagents.reports.integration_text import integration_lines
from pytest_subagents.specify.workflow_file import read_workflow
from pytest_subagents.transcript.redaction.user_patterns import compiled
from pytest_subagents.transcript.run_directory import DEFAULT
from pytest_subagents.vendors.registry import VENDORS


@click.command()
@click.argument("file", required=False, shell_complete=files_of_workflows)
@click.option("--dry-run", is_flag=True, help="Say what would merge, and write nothing. The default.")
@click.option("--apply", is_flag=True, help="Make a branch of it.")
@click.option("--branch", metavar="NAME", help="What the branch is called.  [default: subagents/<workflow>]")
@click.option(
    "--checks",
    type=click.Choice(["recorded", "run"]),
    default="recorded",
    help="Validate by what is recorded, or run the commands of the workflow file.  [default: recorded]",
)
@click.option(
    "--driver",
    type=click.Choice(["none", "auto", "mergiraf"]),
    default="none",
    help="An external merge driver for what git cannot merge; auto: one that is installed.  [default: none]",
)
@click.option(
    "--out",
    metavar="DIR",
    help="Where the contents of conflicts and ready texts go.  [default with --apply: beside the report]",
)
@click.option("--redact", multiple=True, metavar="REGEX", help="What else is secret in what is printed. Repeatable.")
@click.option("--report", metavar="PATH", help=f"The report.json.  [default: {DEFAULT_REPORT}]")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_context
def merge(
    context: click.Context,
    file: str | None,
    dry_run: bool,
    apply: bool,
    branch: str | None,
    checks: Literal["recorded", "run"],
    driver: Literal["none", "auto", "mergiraf"],
    out: str | None,
    redact: tuple[str, ...],
    report: str | None,
    as_json: bool,
) -> None:
    """Merge the patches of a team into one tree.

    The recorded patches of a workflow FILE onto HEAD, in the order of the plan. Without FILE, the one below the current
    folder. Merged is the work of each subagent that the report calls success
    or partial. One whose patch conflicts with what was merged before is left out as a whole: nothing is resolved for
    you. With --apply, each gets a commit on a new branch. Your checkout, index, stash, hooks and other branches are
    never touched; without --apply, nothing is. With it, `pytest --subagents-resume` runs again who conflicted.

    A workflow may say how what is merged is validated (merge.strategy, merge.stages, merge.validation). Its commands
    run with --checks=run alone, each time in a private copy of the merged tree. What fails is taken out again, and what
    is not validated becomes no branch. One that pauses (merge.on_failure) tells the command of `notify`, with --apply
    or --checks=run.

    With --json, one object: `tree`, `branch`, `agents`, `validations` and more (docs/merging.md).

    \b
    Examples:
      subagents merge
      subagents merge --apply --branch review/auth
      subagents merge --checks run --json

    Exit codes: 0; 1 for a conflict, recordings that are stale, and what is not validated; 2 for a bad workflow file; 4
    for a bad argument, or where there is no report or no repository.
    """
    if apply and dry_run:
        raise BadUsage("merge", "--apply and --dry-run are given", hint="leave one of them out")
    if checks == "run":
        must_start(context.obj or sys.platform, "--checks=run")
    compiled(redact, where="--redact")
    rootdir = Path.cwd()
    report = report or DEFAULT_REPORT
    path = Path(os.path.abspath(file)) if file is not None else only_file(rootdir, command="merge")
    workflow = read_workflow(path, rootdir=rootdir, vendors=VENDORS, contracts=built_in_names())
    request = Request(
        workflow=workflow,
        file=path.relative_to(rootdir).as_posix() if path.is_relative_to(rootdir) else path.name,
        folder=path.parent,
        report=stored_report(report),
        report_path=report,
        repository=find_repository(find_git(os.environ.get("PATH", "")), rootdir),
        rootdir=rootdir,
        environ=os.environ,
        checks=checks,
        driver=driver,
        redact=redact,
        keep=_kept_in(rootdir, workflow, report, out) if apply or out is not None else None,
    )
    found = integrate(request, apply=apply, branch=branch)
    texts = () if request.keep is None else write_texts(request, found, request.keep)
    again = leave_losers(request, found, rootdir / DEFAULT) if apply else frozenset[str]()
    told = [*tell_paused(request, found)] if apply or checks == "run" else []
    if as_json:
        print_file(integration_json(found))
    else:
        shown = [os.path.relpath(path) for path in texts]
        print_lines((*integration_lines(found, applied=apply, texts=shown, again=again), *told), wrap=True)
    context.exit(0 if found.whole else 1)


def _kept_in(rootdir: Path, workflow: Workflow, report: str, out: str | None) -> Path:
    if out is not None:
        return Path(os.path.abspath(out))
    beside = Path(os.path.abspath(report)).parent
    inside = beside if beside.is_relative_to(rootdir) else rootdir / Path(DEFAULT_REPORT).parent
    return inside / "merge" / file_name(workflow.name)
