"""What a job of GitHub Actions is told by a command that concludes a run, as pytest tells it otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from pytest_subagents.conclude import add_to_summary
from pytest_subagents.git.place import below_checkout
from pytest_subagents.model.report import Report
from pytest_subagents.reports.escape import terminal
from pytest_subagents.reports.github import SUMMARY, WORKSPACE, annotation_lines


def tell_job(report: Report, *, rootdir: Path, rest: str, environ: Mapping[str, str]) -> None:
    """The report in the summary of the job and annotations in its log, where this is such a job and
    `SUBAGENTS_GITHUB` is not `off`; `rest` is the file that has all of it."""
    if environ.get("GITHUB_ACTIONS") != "true" or environ.get("SUBAGENTS_GITHUB") == "off":
        return
    if environ.get(SUMMARY):
        fault = add_to_summary(report, Path(environ[SUMMARY]), rest=rest)
        if fault is not None:
            click.echo(f"warning: {SUMMARY}: {terminal(fault)}", err=True)
    where = below_checkout(rootdir, environ.get(WORKSPACE))
    for line in annotation_lines(report, below=where):
        click.echo(line)
