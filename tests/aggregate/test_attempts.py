"""Several runs of one subagent as one row: which attempt is selected, and what repetitions come to."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest
from builders import a_planned, a_report, a_result
from hypothesis import given
from hypothesis import strategies as st
from report_strategies import results

from pytest_subagents.aggregate.attempts import gathered, row_of
from pytest_subagents.aggregate.pass_rate import wilson
from pytest_subagents.aggregate.selecting import best_of, is_decided, standing
from pytest_subagents.model.attempts import NOT_NEEDED, AttemptOf
from pytest_subagents.model.outcome import Change, Usage
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.result import Result
from pytest_subagents.model.verdict import Finding
from pytest_subagents.reports.json_report import JsonReport
from pytest_subagents.reports.reading import read_report

ROW = "subagents.yaml::math"
SCORE = "team.review:score"
CRITERIA = ("fewest findings", "smallest diff", "cheapest", SCORE)


def attempt(number: int, **keywords: Any) -> Result:
    """A run of `math`; keywords are those of `a_result`, and `select`, `stop_early` and `repeats`."""
    how = {name: keywords.pop(name) for name in ("select", "stop_early", "repeats") if name in keywords}
    of = AttemptOf(row=ROW, number=number, count=3, **how)
    return a_result(planned=a_planned(nodeid=f"{ROW}[{number}]", attempt=of), **keywords)


@st.composite
def contests(draw: st.DrawFn) -> tuple[Result, ...]:
    """Attempts of one subagent, of which many are alike."""
    select = tuple(draw(st.lists(st.sampled_from(CRITERIA), unique=True, max_size=4)))
    found = draw(st.lists(results(), min_size=1, max_size=5))
    lines, scores = st.none() | st.integers(0, 2), st.tuples(st.none() | st.floats(-2, 2))
    return tuple(
        replace(
            each,
            planned=replace(
                each.planned,
                nodeid=f"{ROW}[{number}]",
                attempt=AttemptOf(row=ROW, number=number, count=len(found), select=select),
            ),
            changed_lines=draw(lines),
            scores=draw(scores) if SCORE in select else (),
        )
        for number, each in enumerate(found, start=1)
    )


@given(contests(), st.randoms(use_true_random=False))
def test_the_same_is_selected_in_whatever_order_they_came_and_without_who_lost(runs: Any, random: Any) -> None:
    best = best_of(runs)
    shuffled = list(runs)
    random.shuffle(shuffled)
    assert best_of(shuffled) is best
    assert row_of(shuffled) == row_of(runs)
    for loser in runs:
        if loser is not best:
            assert best_of(each for each in runs if each is not loser) is best


@given(contests())
def test_the_status_goes_before_all_else_and_nobody_is_better_than_who_was_selected(runs: Any) -> None:
    best, select = best_of(runs), runs[0].planned.attempt.select
    for run in runs:
        assert standing(best, select)[0] <= standing(run, select)[0]
        assert standing(best, select) <= standing(run, select)
    assert [each.selected for each in row_of(runs).attempts].count(True) == 1


@given(contests(), results())
def test_nothing_that_could_come_beats_what_is_decided(runs: Any, later: Result) -> None:
    if is_decided(runs):
        select = runs[0].planned.attempt.select
        of = AttemptOf(row=ROW, number=99, count=99, select=select)
        later = replace(later, planned=replace(later.planned, attempt=of), scores=(2.0,), changed_lines=0)
        assert best_of([*runs, later]).planned.nodeid == best_of(runs).planned.nodeid


def test_who_came_out_as_expected_is_not_beaten_by_a_success() -> None:
    expected = attempt(1, kind="contract", expected=True)
    assert is_decided([expected])
    assert best_of([expected, attempt(2)]) is expected


@pytest.mark.parametrize(
    ("select", "first", "second", "why"),
    [
        ((), {"kind": "contract"}, {}, "attempt 2 ended success, this one failed"),
        ((), {"kind": "exit_code"}, {"kind": "contract"}, "attempt 1 ended partial, this one failed"),
        ((), {}, {}, "it is as good as attempt 1, which comes first"),
        (("fewest findings",), {"findings": (Finding(severity="low"),)}, {}, "attempt 2 has 0, this one 1"),
        (("smallest diff",), {"changed_lines": 9}, {"changed_lines": 4}, "attempt 2 has 4 lines in 0 paths"),
        (
            ("smallest diff",),
            {"changes": (Change(path="a", kind="add"),)},
            {"changed_lines": 4},
            "this one 1 path and no patch",
        ),
        (("cheapest",), {"usage": Usage(usd=0.5)}, {"usage": Usage(usd=0.25)}, "attempt 2 has $0.25, this one $0.5"),
        (("cheapest",), {}, {"usage": Usage(input_tokens=2, output_tokens=1)}, "has 3 tokens, this one no price"),
        ((SCORE,), {"scores": (1.5,)}, {"scores": (2.0,)}, "attempt 2 has 2, this one 1.5"),
        ((SCORE,), {"scores": (None,)}, {"scores": (-2.0,)}, "attempt 2 has -2, this one no number"),
        (("fewest findings", "cheapest"), {}, {"usage": Usage(usd=0.0)}, "cheapest: attempt 2 has $0"),
    ],
)
def test_why_one_lost(select: tuple[str, ...], first: dict[str, Any], second: dict[str, Any], why: str) -> None:
    row = row_of([attempt(1, select=select, **first), attempt(2, select=select, **second)])
    (loser,) = (each for each in row.attempts if not each.selected)
    assert loser.reasons[-1].kind == "lost"
    assert why in loser.reasons[-1].message


def test_what_came_out_as_expected_goes_before_what_did_not() -> None:
    runs = [attempt(1, kind="expect"), attempt(2, kind="contract", expected=True)]
    row = row_of(runs)
    assert (row.status, row.expected) == ("failed", True)
    assert [each.selected for each in row.attempts] == [False, True]


@pytest.mark.parametrize(
    ("select", "keywords", "decided"),
    [
        ((), {}, True),
        ((), {"kind": "contract"}, False),
        ((), {"kind": "contract", "expected": True}, True),
        (("fewest findings",), {}, True),
        (("fewest findings",), {"findings": (Finding(severity="low"),)}, False),
        (("smallest diff",), {"changed_lines": 0}, True),
        (("smallest diff",), {}, False),
        (("fewest findings", "cheapest"), {"usage": Usage(usd=0.0)}, False),
        ((SCORE,), {"scores": (1.0,)}, False),
    ],
)
def test_when_it_is_decided(select: tuple[str, ...], keywords: dict[str, Any], decided: bool) -> None:
    assert is_decided([attempt(2, select=select, **keywords)]) is decided
    assert not is_decided([])


def test_a_row_has_the_work_of_the_best_and_the_cost_of_all() -> None:
    runs = [
        attempt(1, kind="timeout", runtime_ms=10, usage=Usage(input_tokens=5, output_tokens=1, usd=0.1)),
        attempt(2, summary="well done", runtime_ms=20, usage=Usage(input_tokens=7, output_tokens=2, usd=0.2)),
        attempt(3, status="not_run", reasons=(NOT_NEEDED,)),
    ]
    report = a_report(*runs, gates=["tokens == 15", "usd == 0.3", "runtime_ms == 30", "failed == 0", "planned == 1"])
    (row,) = report.agents
    assert (row.planned.nodeid, row.planned.attempt, row.status, row.summary) == (ROW, None, "success", "well done")
    assert (row.runtime_ms, row.usage.usd, row.usage.input_tokens) == (30, 0.3, 12)
    assert [[reason.kind for reason in each.reasons] for each in row.attempts] == [["timeout", "lost"], [], ["lost"]]
    assert all(gate.passed for gate in report.gates)
    assert report.complete
    assert read_report(JsonReport().render(report)) == report


def test_what_is_not_known_of_an_attempt_that_ran_leaves_a_sum_unknown() -> None:
    runs = [attempt(1, usage=Usage(input_tokens=5, output_tokens=1)), attempt(2)]
    assert not a_report(*runs, gates=["tokens <= 1000"]).gates[0].passed


def test_a_lost_recording_is_never_passed_over_though_another_attempt_did_well() -> None:
    missing = Reason(kind="missing_recording", message="there is no recording", hint="run it")
    runs = [attempt(1), attempt(2, status="failed", reasons=(missing,))]
    (row,) = a_report(*runs).agents
    assert (row.status, row.reasons[0].kind) == ("failed", "missing_recording")
    assert row.reasons[0].message == "attempt 2: there is no recording"
    (row,) = a_report(*(replace(run, status="failed", reasons=(missing,)) for run in runs)).agents
    assert [reason.message for reason in row.reasons] == ["there is no recording"]


def test_a_run_that_ended_before_an_attempt_is_not_complete() -> None:
    report = a_report(attempt(1), attempt(2, kind="stopped"))
    assert (report.complete, report.agents[0].status) == (False, "success")


def test_what_needs_a_row_goes_by_the_row() -> None:
    fix = a_result("fix", depends_on=["math"])
    well, ill = attempt(1), attempt(2, kind="contract")
    assert [row.status for row in a_report(well, ill, fix).agents] == ["success", "success"]
    assert [row.status for row in a_report(ill, fix).agents] == ["not_run", "failed"]


def test_other_results_are_their_own_rows() -> None:
    plain = {"a": a_result("a"), "b": a_result("b")}
    assert gathered(plain) == plain


@pytest.mark.parametrize(
    ("runs", "status", "expected", "passed"),
    [
        ([{}, {}, {}], "success", False, 3),
        ([{}, {"kind": "contract"}, {"kind": "contract"}], "partial", False, 1),
        ([{"kind": "contract"}, {"kind": "timeout"}], "failed", False, 0),
        ([{"kind": "exit_code"}, {"kind": "exit_code"}], "partial", False, 0),
        ([{"kind": "dependency"}, {"kind": "dependency"}], "not_run", False, 0),
        ([{"kind": "contract", "expected": True}] * 2, "failed", True, 2),
    ],
)
def test_what_repetitions_come_to(runs: list[dict[str, Any]], status: str, expected: bool, passed: int) -> None:
    found = [attempt(number, repeats=True, **each) for number, each in enumerate(runs, start=1)]
    (row,) = (report := a_report(*found, gates=["pass_rate >= 0.3"])).agents
    assert (row.status, row.expected) == (status, expected)
    assert row.pass_rate is not None
    assert (row.pass_rate.passed, row.pass_rate.of) == (passed, len(runs))
    assert report.gates[0].passed is (passed > 0 and not expected)
    assert bool(row.reasons) is (status != "success")
    assert read_report(JsonReport().render(report)) == report


def test_the_reasons_of_repetitions_are_told_by_kind() -> None:
    kinds = ["exit_code", "contract", "timeout", "contract"]
    row = row_of(attempt(number, repeats=True, kind=kind) for number, kind in enumerate(kinds, start=1))
    assert [reason.message for reason in row.reasons] == [
        "2 repetitions, 2 first: because of contract",
        "repetition 3: because of timeout",
        "repetition 1: because of exit_code",
    ]


@pytest.mark.parametrize(
    ("passed", "of", "low", "high"),
    [(2, 3, 0.2077, 0.9385), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662), (1, 1, 0.2065, 1)],
)
def test_the_interval_of_a_rate(passed: int, of: int, low: float, high: float) -> None:
    """The fourth is an example of Newcombe (Statistics in Medicine 17, 1998), who gives 0.2553 and 0.3662."""
    assert wilson(passed, of) == (low, high)


def test_the_interval_holds_the_rate_and_grows_narrower() -> None:
    for passed, of in itertools.product(range(6), range(5, 40, 5)):
        low, high = wilson(passed, of)
        assert 0 <= low <= round(passed / of, 4) <= high <= 1
        wider = wilson(passed * 2, of * 2)
        assert wider[1] - wider[0] <= high - low
