"""Gates: what a person may write, what it is compared with, and the exit code."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest
from builders import a_report, a_result
from hypothesis import example, given
from hypothesis import strategies as st
from report_strategies import tallies

from pytest_subagents.aggregate.baseline import against
from pytest_subagents.aggregate.fold import Tally
from pytest_subagents.aggregate.report import report_of
from pytest_subagents.errors import BadUsage
from pytest_subagents.gate import _METRICS, Decision, decide, judge_gates, parse_gate
from pytest_subagents.model.outcome import Usage
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.report import GateResult, Report, ReportMerge
from pytest_subagents.model.result import Result
from pytest_subagents.model.verdict import Finding

LINES = {
    "failed <= 0": "failed <= 0",
    "failed<=0": "failed <= 0",
    "  findings.high\t<  3 ": "findings.high < 3",
    "success_rate >= 0.95": "success_rate >= 0.95",
    "status >= partial": "status >= partial",
    "tokens <= 400k": "tokens <= 400k",
}


@pytest.mark.parametrize(("text", "expression"), LINES.items())
def test_a_gate_is_told_with_one_space_around_its_operator(text: str, expression: str) -> None:
    assert parse_gate(text).expression == expression


@pytest.mark.parametrize(
    ("text", "bound"),
    [("0", 0), ("12", 12), ("-1", -1), ("1.5", 1.5), ("400k", 400_000), ("1.5k", 1_500), ("2M", 2_000_000), ("1.0", 1)],
)
def test_numbers_may_have_a_suffix(text: str, bound: float) -> None:
    assert parse_gate(f"tokens <= {text}").bound == bound


KNOWN = (
    "conflicts, deselected, expected, failed, findings, findings.critical, findings.high, findings.info, findings.low, "
    "findings.medium, findings.other, new_findings, new_findings.critical, new_findings.high, new_findings.info, "
    "new_findings.low, new_findings.medium, new_findings.other, not_run, partial, pass_rate, planned, runtime_ms, "
    "status, success, success_rate, tokens, usd, violations"
)


@pytest.mark.parametrize(
    ("text", "what", "hint"),
    [
        ("faild <= 0", "no metric is called 'faild'", f"did you mean 'failed'? known: {KNOWN}"),
        ("qqqqqq <= 0", "no metric is called 'qqqqqq'", f"known: {KNOWN}"),
        ("failed =< 0", "'=<' is no operator", "use one of: !=, <, <=, ==, >, >="),
        ("failed <= none", "'none' is no number", "write one like 0, 0.95, 400k or 2M"),
        (
            "status >= parital",
            "'parital' is no status of a report",
            "did you mean 'partial'? known: failed, partial, success",
        ),
        ("failed", "'failed' is no gate", "write METRIC OP NUMBER, such as 'failed <= 0', or 'status >= partial'"),
        ("success_rate >= 95", "success_rate is never 95", "it goes from 0 to 1: 0.9 is nine in ten"),
    ],
)
def test_a_typo_is_told_with_what_would_be_right(text: str, what: str, hint: str) -> None:
    with pytest.raises(BadUsage) as raised:
        parse_gate(text)
    assert str(raised.value) == f"--subagents-gate: {what}\n  hint: {hint}"
    assert raised.value.exit_code == 4


@pytest.mark.parametrize(
    "number", ["nan", "inf", "1e5", "0x10", "1_000", "1,5", "٣", "1K", "5%", "", "9" * 400, "1.", ".5"]
)
def test_what_is_no_number_is_refused(number: str) -> None:
    with pytest.raises(BadUsage):
        parse_gate(f"tokens <= {number}")


@given(st.text() | st.tuples(st.sampled_from([*_METRICS, "status"]), st.text(), st.text()).map("".join))
@example("failed <= 0 and 1")
@example("failed <= \u0663")
def test_every_text_is_a_gate_or_bad_usage(text: str) -> None:
    try:
        gate = parse_gate(text)
    except BadUsage:
        return
    assert gate.metric in {*_METRICS, "status"}


def actual(report: Report, metric: str) -> object:
    (result,) = judge_gates(report, [parse_gate(f"{metric} >= 0")])
    return result.actual


def team(*extra: Result) -> Report:
    return a_report(
        a_result(
            "a", findings=(Finding(severity="high"), Finding(severity="odd")), runtime_ms=5, usage=usage(5, 2, 0.1)
        ),
        a_result("b", kind="exit_code", findings=(Finding(severity="low"),), runtime_ms=7, usage=usage(1, 1, 0.2)),
        a_result("c", kind="contract", violations=3, runtime_ms=1, usage=usage(0, 0, 0.0)),
        a_result("d", kind="stopped"),
        *extra,
        deselected=["x"],
    )


def usage(input_tokens: int, output_tokens: int, usd: float) -> Usage:
    return Usage(input_tokens=input_tokens, cached_input_tokens=input_tokens, output_tokens=output_tokens, usd=usd)


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        ("planned", 4),
        ("success", 1),
        ("partial", 1),
        ("failed", 1),
        ("not_run", 1),
        ("expected", 0),
        ("deselected", 1),
        ("success_rate", 0.25),
        ("pass_rate", None),
        ("findings", 3),
        ("findings.high", 1),
        ("findings.critical", 0),
        ("findings.other", 1),
        ("new_findings", None),
        ("violations", 3),
        ("conflicts", None),
        ("tokens", 9),
        ("usd", 0.3),
        ("runtime_ms", 13),
    ],
)
def test_the_value_of_each_metric(metric: str, value: object) -> None:
    assert actual(team(), metric) == value
    assert metric in _METRICS


def test_every_metric_is_tested_above() -> None:
    tested = {
        "planned",
        "success",
        "partial",
        "failed",
        "not_run",
        "expected",
        "deselected",
        "success_rate",
        "pass_rate",
        "findings",
    }
    severities = ("critical", "high", "medium", "low", "info", "other")
    tested |= {f"{metric}.{severity}" for metric in ("findings", "new_findings") for severity in severities}
    assert set(_METRICS) == tested | {"new_findings", "violations", "conflicts", "tokens", "usd", "runtime_ms"}


def test_new_findings_are_counted_against_a_baseline_and_not_those_of_expected_rows() -> None:
    known = a_report(a_result("a", findings=(Finding(severity="high"),)))
    report = against(team(a_result("z", kind="conflict", expected=True, findings=(Finding(title="z"),))), known)
    values = {"new_findings": 2, "new_findings.high": 0, "new_findings.low": 1, "new_findings.other": 1}
    assert {metric: actual(report, metric) for metric in values} == values


def test_expected_rows_count_in_no_gate_but_their_own() -> None:
    bad = a_result("z", kind="conflict", expected=True, violations=9, findings=(Finding(severity="high"),))
    with_it, without = team(bad), team()
    assert actual(with_it, "expected") == 1
    for metric in set(_METRICS) - {"expected", "planned"}:
        assert actual(with_it, metric) == actual(without, metric), metric


def test_a_report_of_expected_rows_alone_succeeds_in_every_gate() -> None:
    report = a_report(a_result("a", kind="contract", expected=True), gates=["success_rate >= 1", "status == success"])
    assert [gate.passed for gate in report.gates] == [True, True]
    assert decide(report) == Decision(exit_code=0)


@pytest.mark.parametrize(
    "gate", ["tokens <= 2M", "tokens >= 0", "tokens != 5", "usd <= 100", "runtime_ms >= 0", "new_findings <= 9"]
)
def test_what_is_not_known_of_every_row_that_ran_fails_its_gate(gate: str) -> None:
    known = a_result("a", runtime_ms=1, usage=Usage(input_tokens=1, output_tokens=1, usd=0.5))
    report = a_report(known, a_result("b"), gates=[gate])
    assert report.gates == (GateResult(expression=gate, actual=None, passed=False),)


def test_what_never_ran_has_spent_nothing() -> None:
    known = a_result("a", usage=Usage(input_tokens=1, output_tokens=1))
    assert actual(a_report(known, a_result("b", kind="stopped")), "tokens") == 2


def test_conflicts_are_known_where_everything_was_merged_that_was_to_be() -> None:
    report = a_report(a_result("a", kind="conflict"), a_result("b", kind="conflict", expected=True))
    made = ReportMerge(workflow="team", tree="77d0")
    assert actual(report, "conflicts") is None
    assert actual(replace(report, merges=(made,)), "conflicts") == 1
    assert actual(replace(report, merges=(made, ReportMerge(workflow="z", tree=None))), "conflicts") is None


@pytest.mark.parametrize("usd", [1e308, -1e308])
def test_dollars_beyond_every_number_are_not_known(usd: float) -> None:
    report = a_report(*(a_result(id, usage=Usage(usd=usd)) for id in "ab"))
    assert actual(report, "usd") is None


@pytest.mark.parametrize(
    ("gate", "passed"),
    [
        ("failed < 1", False),
        ("failed <= 1", True),
        ("failed == 1", True),
        ("failed != 1", False),
        ("failed >= 2", False),
        ("failed > 0", True),
        ("usd <= 0.3", True),
        ("usd == 0.3", True),
        ("success_rate == 0.25", True),
        ("status >= partial", True),
        ("status == success", False),
        ("status > failed", True),
        ("status < partial", False),
    ],
)
def test_operators(gate: str, passed: bool) -> None:
    (result,) = judge_gates(team(), [parse_gate(gate)])
    assert result.passed is passed


def test_results_come_in_the_order_of_the_gates_with_what_was_met() -> None:
    results = judge_gates(team(), [parse_gate("status>=partial"), parse_gate("failed<=0"), parse_gate("failed<=0")])
    assert results == (
        GateResult(expression="status >= partial", actual="partial", passed=True),
        GateResult(expression="failed <= 0", actual=1, passed=False),
        GateResult(expression="failed <= 0", actual=1, passed=False),
    )


@given(tallies)
def test_no_report_makes_a_gate_raise(tally: Tally) -> None:
    report = report_of(tally)
    gates = [parse_gate(f"{metric} >= 0") for metric in _METRICS]
    assert [gate.expression for gate in judge_gates(report, gates)] == [gate.expression for gate in gates]


ITEMS: Literal["items"] = "items"
GATES: Literal["gates"] = "gates"


@pytest.mark.parametrize(
    ("results", "gates", "items", "alone"),
    [
        pytest.param([a_result("a")], [], (), (), id="all well"),
        pytest.param([a_result("a", kind="exit_code")], [], (), (), id="partial passes"),
        pytest.param([a_result("a", kind="contract")], [], ("1 subagent failed",), (), id="failed"),
        pytest.param(
            [a_result("a", kind="stopped"), a_result("b", kind="stopped")],
            [],
            ("2 subagents did not run",),
            (),
            id="not run",
        ),
        pytest.param([a_result("a", kind="contract", expected=True)], [], (), (), id="expected"),
        pytest.param(
            [a_result("a")], ["success <= 0"], ("gate failed: success <= 0",), ("gate failed: success <= 0",), id="gate"
        ),
        pytest.param(
            [a_result("a", kind="contract")],
            ["failed <= 1"],
            ("1 subagent failed",),
            (),
            id="the gate allows what failed",
        ),
    ],
)
def test_who_decides_the_exit_code(
    results: list[Result], gates: list[str], items: tuple[str, ...], alone: tuple[str, ...]
) -> None:
    report = a_report(*results, gates=gates)
    assert decide(report, verdict=ITEMS) == Decision(exit_code=1 if items else 0, reasons=items)
    assert decide(report, verdict=GATES) == Decision(exit_code=1 if alone else 0, reasons=alone)


def test_partial_fails_where_that_is_asked_for() -> None:
    report = a_report(a_result("a", status="partial", reasons=(Reason(kind="review", message="look"),)))
    assert decide(report, partial="fail") == Decision(exit_code=1, reasons=("1 subagent ended partial",))
    assert decide(report, verdict="gates", partial="fail") == Decision(exit_code=0)
