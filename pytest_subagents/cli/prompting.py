"""`subagents show AGENT --prompt`: the prompt as a live run would send it, with what is known of other subagents."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pytest_subagents.cli.stored import stored_report
from pytest_subagents.cli.workflow_files import Declared, declared
from pytest_subagents.contract.one_schema import one_schema
from pytest_subagents.model.result import Result
from pytest_subagents.prompt.brief import Brief, Needed
from pytest_subagents.prompt.context import read_context
from pytest_subagents.prompt.rendering import render


def prompt_of(agent: str, *, rootdir: Path, file: str | None, report: str | None) -> tuple[str, tuple[str, ...]]:
    """The prompt of a subagent of a workflow file, and the ids of which no result is known.

    `file` is the workflow file, or None to look for it below `rootdir`; `report` is the report.json that results are
    taken from, or None where there is none yet. Raises what a person must mend.
    """
    found = declared(agent, rootdir=rootdir, file=file)
    needs = [dependency.agent for dependency in found.subagent.depends_on]
    rows = {row.planned.nodeid: row for row in stored_report(report).agents} if report is not None and needs else {}
    results = tuple(_needed(id, found, rows) for id in needs)
    brief = Brief.of(
        found.workflow,
        found.subagent,
        files=read_context(found.workflow.context, rootdir=rootdir, where=found.workflow.where),
        schema=one_schema(found.subagent.contract),
        results=results,
    )
    return render(brief), tuple(needed.id for needed in results if needed.pending)


def _needed(id: str, found: Declared, rows: Mapping[str, Result]) -> Needed:
    row = rows.get(found.nodeid_of(id))
    return Needed.placeholder(id) if row is None or row.status == "not_run" else Needed.of(row)
