"""What a page shows beside the report, from what this run knows; loaded only where a page is asked for."""

from __future__ import annotations

from pytest_subagents.glue.run import Run
from pytest_subagents.model.evidence import Evidence
from pytest_subagents.model.report import Report


def evidence_of(run: Run, report: Report) -> Evidence:
    from pytest_subagents.evidence.stored import StoredEvidence

    instructions = {
        row.planned.nodeid: run.assignments[items[0]].subagent.instructions
        for row in report.agents
        if (items := run.items_of(row.planned.nodeid)) and items[0] in run.assignments
    }
    return StoredEvidence(report=report, rootdir=run.rootdir, instructions=instructions)
