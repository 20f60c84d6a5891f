"""What several runs of one subagent are to a run: which rows they make, and which of them `--lf` runs again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import pytest

from pytest_subagents.aggregate.report import report_of
from pytest_subagents.conduct.assignment import Assignment
from pytest_subagents.model.result import Planned, Result

if TYPE_CHECKING:
    from pytest_subagents.glue.run import Run


def attempts_in(planned: Iterable[Planned]) -> dict[str, tuple[str, ...]]:
    """The rows of which several runs are planned, by node id, each with the node ids of those."""
    rows: dict[str, tuple[str, ...]] = {}
    for each in planned:
        if each.attempt is not None:
            rows[each.attempt.row] = (*rows.get(each.attempt.row, ()), each.nodeid)
    return rows


def one_of_each(assignments: Iterable[Assignment]) -> tuple[Assignment, ...]:
    """The first run of each subagent: what is wrong with one is wrong with all of its runs."""
    firsts: dict[str, Assignment] = {}
    for each in assignments:
        attempt = each.planned.attempt
        firsts.setdefault(each.planned.nodeid if attempt is None else attempt.row, each)
    return tuple(firsts.values())


def competes(planned: Planned) -> bool:
    """Whether it is an attempt, of which one that fails is no more than one that is not selected."""
    return planned.attempt is not None and not planned.attempt.repeats


def excuse(report: pytest.TestReport, why: str) -> None:
    """pytest is not to fail for an item: somebody else decides."""
    report.outcome = "skipped"
    report.wasxfail = why


def fails_by_its_test(row: Result) -> bool:
    """Whether an assert of a person failed the best attempt of a row: its items were excused, and that is not."""
    competed = bool(row.attempts) and row.pass_rate is None
    return competed and row.status == "failed" and any(reason.kind == "assertion" for reason in row.reasons)


def open_attempts(run: Run, nodeids: Iterable[str]) -> Iterator[str]:
    """`nodeids`, those of items that did not end well, without attempts of a row that did, and with all of one that did
    not: the next selection is among all of them."""
    rows = {row.planned.nodeid: row for row in report_of(run.tally()).agents}
    competing = {
        nodeid: planned.attempt.row
        for nodeid, planned in run.planned.items()
        if planned.attempt is not None and competes(planned)
    }
    yield from (nodeid for nodeid in nodeids if nodeid not in competing)
    unwell = ("failed", "not_run", *(("partial",) if run.settings.partial == "fail" else ()))
    for nodeid, name in competing.items():
        row = rows[name]
        if not row.expected and (row.status in unwell or row.waits_for_review):
            yield nodeid
