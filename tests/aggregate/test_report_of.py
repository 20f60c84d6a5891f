"""From a tally to a report: every planned subagent has a row, and the rows add up."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import a_planned, a_report, a_result
from hypothesis import given
from report_strategies import tallies

from pytest_subagents.aggregate.fold import Tally
from pytest_subagents.aggregate.report import report_of
from pytest_subagents.model.outcome import Usage
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.report import Counts, Report
from pytest_subagents.model.result import Diagnostics, Result
from pytest_subagents.model.verdict import Finding


def kinds(report: Report) -> dict[str, tuple[str, ...]]:
    return {row.planned.id: tuple(reason.kind for reason in row.reasons) for row in report.agents}


@given(tallies)
def test_every_planned_subagent_is_counted_once(tally: Tally) -> None:
    report = report_of(tally)
    counts = report.counts
    assert [row.planned.nodeid for row in report.agents] == sorted(
        {each.nodeid for each in tally.planned} | {each.planned.nodeid for each in tally.results}
    )
    assert counts.success + counts.partial + counts.failed + counts.not_run + counts.expected == counts.planned
    assert counts.planned == len(report.agents)
    assert len(report.failures) == counts.failed + counts.not_run


def test_planned_and_started_but_without_a_result_is_crashed() -> None:
    report = a_report(a_result("b"), planned=[a_planned("a")], started=[a_planned("a").nodeid])
    assert kinds(report) == {"a": ("crashed",), "b": ()}
    assert (report.status, report.complete, report.counts.failed) == ("partial", True, 1)


def test_planned_and_never_started_is_stopped_and_the_report_is_not_complete() -> None:
    report = a_report(a_result("b"), planned=[a_planned("a")])
    assert kinds(report) == {"a": ("stopped",), "b": ()}
    assert (report.status, report.complete, report.counts.not_run) == ("partial", False, 1)


def test_in_a_run_that_was_cut_short_what_was_running_is_stopped() -> None:
    report = a_report(a_result("b"), planned=[a_planned("a")], started=[a_planned("a").nodeid], cut_short=True)
    assert kinds(report) == {"a": ("stopped",), "b": ()}
    assert not report.complete


def test_a_worker_known_to_have_died_is_crashed_even_where_the_run_was_cut_short() -> None:
    report = a_report(a_result("b"), planned=[a_planned("a")], crashed=[a_planned("a").nodeid], cut_short=True)
    assert kinds(report) == {"a": ("crashed",), "b": ()}


def test_a_result_that_came_does_not_undo_a_crash() -> None:
    report = a_report(a_result("a"), a_result("b", kind="contract"), crashed=[a_planned(id).nodeid for id in "ab"])
    assert kinds(report) == {"a": ("crashed",), "b": ("crashed", "contract")}


def test_what_was_found_before_a_crash_is_kept() -> None:
    report = a_report(a_result("a"), crashed=[a_planned("a").nodeid])
    assert report.agents[0].status == "failed"
    assert report.agents[0].answer == a_result("a").answer


@pytest.mark.parametrize("expects", ["failed", "not_run", "failed:contract"])
def test_a_lost_subagent_is_not_what_was_expected(expects: str) -> None:
    planned = [a_planned("a", expects=expects), a_planned("b", expects=expects)]
    report = a_report(a_result("c"), planned=planned, started=[planned[0].nodeid])
    assert (report.counts.failed, report.counts.not_run, report.counts.expected) == (1, 1, 0)


@pytest.mark.parametrize(
    ("results", "status"),
    [
        ([a_result("a"), a_result("b")], "success"),
        ([a_result("a"), a_result("b", kind="exit_code")], "partial"),
        ([a_result("a"), a_result("b", kind="contract")], "partial"),
        ([a_result("a", kind="exit_code"), a_result("b", kind="exit_code")], "partial"),
        ([a_result("a", kind="contract"), a_result("b", kind="stopped")], "failed"),
        ([a_result("a", kind="contract", expected=True)], "success"),
        ([a_result("a", kind="contract", expected=True), a_result("b")], "success"),
        ([a_result("a", kind="contract", expected=True), a_result("b", kind="contract")], "failed"),
        ([a_result("a", expected=True), a_result("b", kind="contract")], "failed"),
    ],
)
def test_the_status_of_the_report_is_that_of_the_rows_that_are_not_expected(results: list[Result], status: str) -> None:
    assert a_report(*results).status == status


def test_expected_rows_keep_their_status_and_are_counted_apart() -> None:
    report = a_report(a_result("a", kind="contract", expected=True), a_result("b"))
    assert report.agents[0].status == "failed"
    assert report.counts == Counts(planned=2, success=1, expected=1)
    assert report.failures == ()


def test_deselected_subagents_are_counted_unless_they_ran_after_all() -> None:
    report = a_report(a_result("a"), deselected=[a_planned(id).nodeid for id in ("a", "x", "y")])
    assert report.counts.deselected == 2


def test_the_reason_that_decided_comes_first_and_is_the_failure() -> None:
    noted = Reason(kind="stale", message="the prompt changed", at_most="success")
    decided = Reason(kind="contract", message="/summary is missing", at="/summary", line=7)
    result = a_result("a", status="failed", reasons=(noted, decided), diagnostics=Diagnostics(exit_code=0, line=7))
    report = a_report(result)
    assert report.agents[0].reasons == (decided, replace(noted, at_most=None))
    (failure,) = report.failures
    assert (failure.agent, failure.kind, failure.message) == ("a", "contract", "/summary is missing")
    assert failure.diagnostics == Diagnostics(exit_code=0, line=7)


def test_a_failure_without_a_reason_says_so() -> None:
    (failure,) = a_report(a_result("a", status="failed")).failures
    assert (failure.kind, failure.message) == ("declared", "no reason was given")


def test_a_row_tells_the_vendor_and_model_that_ran() -> None:
    planned = a_planned("a", vendor="codex", model="gpt-5")
    ran, unknown = a_result("a", planned=planned, vendor="gemini"), a_result("a", planned=planned, vendor=None)
    assert (a_report(ran).agents[0].vendor, a_report(ran).agents[0].model) == ("gemini", "gpt-5")
    assert a_report(unknown).agents[0].vendor == "codex"


def test_what_was_planned_is_told_by_the_plan_and_not_by_the_result() -> None:
    said = a_result("a", planned=a_planned("a", task="what a worker claims"))
    assert a_report(said, planned=[a_planned("a")]).agents[0].planned.task == "Review a"
    assert a_report(said).agents[0].planned.task == "what a worker claims"


def test_findings_of_a_failed_subagent_with_an_answer_are_kept() -> None:
    result = a_result("a", kind="declared", findings=(Finding(severity="high", title="found"),))
    assert [finding.title for finding in a_report(result).findings] == ["found"]


def test_sums_are_of_what_is_known_and_null_where_nothing_is() -> None:
    known = a_result("a", runtime_ms=5, usage=Usage(input_tokens=7, usd=0.1))
    also = a_result("b", usage=Usage(input_tokens=0, usd=0.2))
    totals = a_report(known, also, a_result("c")).totals
    assert totals.runtime_ms == 5
    assert totals.usage == Usage(input_tokens=7, usd=0.3)


@pytest.mark.parametrize("value", [1e308, -1e308])
def test_dollars_beyond_every_number_are_not_known(value: float) -> None:
    results = [a_result(id, usage=Usage(usd=value, input_tokens=2**62)) for id in "abcd"]
    assert a_report(*results).totals.usage == Usage()
