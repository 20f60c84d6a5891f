"""From everything that is known of a run to its report."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from pytest_subagents.aggregate.attempts import gathered
from pytest_subagents.aggregate.dependencies import with_dependencies
from pytest_subagents.aggregate.findings import report_findings
from pytest_subagents.aggregate.fold import Tally
from pytest_subagents.aggregate.lattice import report_status
from pytest_subagents.aggregate.reviewing import with_reviews
from pytest_subagents.aggregate.rows import crashed, crashed_after, deciding, reported, settled, stopped
from pytest_subagents.aggregate.totals import totals
from pytest_subagents.model.attempts import Attempt
from pytest_subagents.model.report import Counts, Report, ReportFailure
from pytest_subagents.model.result import Planned, Result


def report_of(tally: Tally) -> Report:
    """The report of a run of which `tally` is all that is known; its gates are judged afterwards.

    Every planned subagent has a row. One without a result was started and lost (`crashed`), or never started
    (`stopped`). Several runs of one subagent are one row. A row that needs one that did not end well does not stand
    (`dependency`).
    """
    results = _results(tally)
    rows = with_reviews(with_dependencies(gathered(results)))
    agents = tuple(reported(rows[nodeid]) for nodeid in sorted(rows))
    unfinished = any(_is_unfinished(agent) or any(map(_is_unfinished, agent.attempts)) for agent in agents)
    return Report(
        status=report_status(agents),
        complete=not (tally.cut_short or unfinished),
        counts=Counts.of(agents, deselected=len(tally.deselected - results.keys())),
        agents=agents,
        findings=report_findings(agents),
        failures=failures_of(agents),
        totals=totals(agents),
    )


def failures_of(agents: Iterable[Result]) -> tuple[ReportFailure, ...]:
    """Of those rows that count against the report, why."""
    return tuple(_failure(agent) for agent in agents if _counts_against(agent))


def _is_unfinished(run: Result | Attempt) -> bool:
    return any(reason.kind == "stopped" for reason in run.reasons)


def _results(tally: Tally) -> dict[str, Result]:
    """By node id, one for each item."""
    planned = {result.planned.nodeid: result.planned for result in tally.results}
    planned |= {each.nodeid: each for each in tally.planned}
    results = {result.planned.nodeid: result for result in tally.results}
    rows = {nodeid: _row(each, results.get(nodeid), tally) for nodeid, each in planned.items()}
    for nodeid, point in sorted(tally.passed):
        row = rows.get(nodeid)
        if row is not None and point not in row.passed:
            rows[nodeid] = replace(row, passed=(*row.passed, point))
    return rows


def _row(planned: Planned, result: Result | None, tally: Tally) -> Result:
    row = None if result is None else settled(result, planned)
    if planned.nodeid in tally.crashed:
        return crashed(planned) if row is None else crashed_after(row)
    if row is not None:
        return row
    return crashed(planned) if planned.nodeid in tally.started and not tally.cut_short else stopped(planned)


def _counts_against(row: Result) -> bool:
    return not row.expected and row.status in ("failed", "not_run")


def _failure(row: Result) -> ReportFailure:
    reason = deciding(row)
    return ReportFailure(agent=row.planned.id, kind=reason.kind, message=reason.message, diagnostics=row.diagnostics)
