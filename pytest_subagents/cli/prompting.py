"""`subagents show AGENT --prompt`: the prompt as a live run would send it, with what is known of other subagents."""

from __future__ import annotations

from pathlib import Path

from pytest_subagents.cli.stored import stored_report
from pytest_subagents.cli.workflow_files import declared
from pytest_subagents.evidence.prompts import rendered
from pytest_subagents.prompt.context import read_context


def prompt_of(agent: str, *, rootdir: Path, file: str | None, report: str | None) -> tuple[str, tuple[str, ...]]:
    """The prompt of a subagent of a workflow file, and the ids of which no result is known.

    `file` is the workflow file, or None to look for it below `rootdir`; `report` is the report.json that results are
    taken from, or None where there is none yet. Raises what a person must mend.
    """
    found = declared(agent, rootdir=rootdir, file=file)
    needs = bool(found.subagent.depends_on)
    rows = {row.planned.nodeid: row for row in stored_report(report).agents} if report is not None and needs else {}
    context = read_context(found.workflow.context, rootdir=rootdir, where=found.workflow.where)
    return rendered(found.workflow, found.subagent, file=found.file, rows=rows, context=context)
