"""A report with some of its rows lowered by what only a look at all of them can tell: whether their work merges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from pytest_subagents.aggregate.lattice import report_status
from pytest_subagents.aggregate.report import failures_of
from pytest_subagents.aggregate.rows import settled
from pytest_subagents.model.report import Counts, Report, ReportMerge
from pytest_subagents.model.result import Result


def amended(report: Report, rows: Mapping[str, Result], merges: Iterable[ReportMerge]) -> Report:
    """`report` with `rows`, by node id, in the place of those that it has, and with `merges`.

    Who needs one that is lowered keeps its row: it has run, and what it found is known. Gates are judged afterwards.
    """
    agents = tuple(
        settled(rows[agent.planned.nodeid], agent.planned) if agent.planned.nodeid in rows else agent
        for agent in report.agents
    )
    return replace(
        report,
        status=report_status(agents),
        counts=Counts.of(agents, deselected=report.counts.deselected),
        agents=agents,
        failures=failures_of(agents),
        merges=tuple(sorted(merges, key=lambda merge: merge.workflow)),
    )
