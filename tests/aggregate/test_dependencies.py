"""What needs a subagent that did not end well did not run, whatever it says."""

from __future__ import annotations

from typing import Any

import pytest
from builders import a_planned, a_report, a_result
from hypothesis import given
from report_strategies import tallies

from pytest_subagents.aggregate.fold import Tally
from pytest_subagents.aggregate.report import report_of
from pytest_subagents.model.result import NeededPoint, Result
from pytest_subagents.model.status import Status


def told(*results: Result) -> dict[str, tuple[Status, tuple[str, ...]]]:
    return {
        row.planned.id: (row.status, tuple(reason.message for reason in row.reasons if reason.kind == "dependency"))
        for row in a_report(*results).agents
    }


def test_the_whole_chain_names_its_need_and_the_cause() -> None:
    results = (a_result("a", kind="not_json"), a_result("b", depends_on=["a"]), a_result("c", depends_on=["b"]))
    expected = {
        "a": ("failed", ()),
        "b": ("not_run", ("needs 'a', which failed (not_json)",)),
        "c": ("not_run", ("needs 'b', which did not run because 'a' failed (not_json)",)),
    }
    assert told(*results) == told(*reversed(results)) == expected


def test_each_lost_need_has_its_reason_in_the_order_of_the_plan() -> None:
    results = [
        a_result("z", kind="stopped"),
        a_result("a", kind="auth"),
        a_result("c", depends_on=["z", "ok", "a", "z"]),
    ]
    assert told(*results, a_result("ok"))["c"] == (
        "not_run",
        ("needs 'z', which did not run (stopped)", "needs 'a', which failed (auth)"),
    )


def test_of_two_causes_the_nearest_is_named_and_then_the_first() -> None:
    results = [
        a_result("far", kind="auth"),
        a_result("between", depends_on=["far"]),
        a_result("near-2", kind="auth"),
        a_result("near-1", kind="auth"),
        a_result("middle", depends_on=["between", "near-2", "near-1"]),
        a_result("last", depends_on=["middle"]),
    ]
    assert told(*results)["last"][1] == ("needs 'middle', which did not run because 'near-1' failed (auth)",)


def test_a_subagent_that_fails_behind_another_is_not_the_cause() -> None:
    results = [
        a_result("a", kind="auth"),
        a_result("b", kind="contract", depends_on=["a"]),
        a_result("c", depends_on=["b"]),
    ]
    assert told(*results)["c"][1] == ("needs 'b', which did not run because 'a' failed (auth)",)


@pytest.mark.parametrize("kind", ["exit_code", "permission"])
def test_a_need_that_is_partial_or_better_is_good_enough(kind: str) -> None:
    assert told(a_result("a", kind=kind), a_result("b", depends_on=["a"]))["b"] == ("success", ())


def test_a_need_that_is_not_in_the_run_changes_nothing() -> None:
    assert told(a_result("b", depends_on=["deselected"])) == {"b": ("success", ())}


def test_a_need_that_failed_as_expected_still_did_not_end_well() -> None:
    assert told(a_result("a", kind="auth", expected=True), a_result("b", depends_on=["a"]))["b"][0] == "not_run"


def test_nothing_of_an_answer_is_left_in_a_row_that_does_not_stand() -> None:
    ran = a_result("b", depends_on=["a"], vendor="gemini", model="x", exit_code=0, runtime_ms=5, transcript="b.jsonl")
    row = a_report(a_result("a", kind="auth"), ran).agents[1]
    assert row == Result(
        planned=a_planned("b", depends_on=["a"]), status="not_run", reasons=row.reasons, vendor="codex", model=None
    )


@pytest.mark.parametrize(("expects", "expected"), [("not_run", True), ("not_run:dependency", True), ("failed", False)])
def test_a_row_that_does_not_stand_is_expected_where_just_that_was(expects: str, expected: bool) -> None:
    planned = a_planned("b", depends_on=["a"], expects=expects)
    # What conduct made of the recording does not matter: in this process the need was not known to be bad.
    row = a_report(a_result("a", kind="auth"), a_result("b", planned=planned, kind="expect")).agents[1]
    assert (row.status, row.expected) == ("not_run", expected)


def _at(checkpoint: str, of: str, id: str = "b", **keywords: Any) -> Result:
    """A subagent that needs a checkpoint of another."""
    points = (NeededPoint(nodeid=f"subagents.yaml::{of}", checkpoint=checkpoint),)
    return a_result(id, planned=a_planned(id, points=points), **keywords)


@pytest.mark.parametrize(
    ("need", "message"),
    [
        (a_result("a"), "needs the checkpoint 'half' of 'a', which did not pass it"),
        (a_result("a", kind="killed"), "needs the checkpoint 'half' of 'a', which failed (killed)"),
        (a_result("a", kind="stopped"), "needs the checkpoint 'half' of 'a', which did not run (stopped)"),
        (a_result("a", kind="killed", passed=("half",)), None),
        (a_result("a", passed=("whole", "half")), None),
    ],
)
def test_who_needs_a_checkpoint_needs_no_more(need: Result, message: str | None) -> None:
    ended = told(need, _at("half", "a"))["b"]
    assert ended == (("success", ()) if message is None else ("not_run", (message,)))


def test_a_checkpoint_of_one_that_does_not_stand_was_not_passed() -> None:
    results = [
        a_result("z", kind="auth"),
        a_result("a", planned=a_planned("a", depends_on=["z"]), passed=("half",)),
        _at("half", "a"),
        a_result("c", depends_on=["b"]),
    ]
    rows = told(*results)
    assert rows["b"][1] == ("needs the checkpoint 'half' of 'a', which did not run because 'z' failed (auth)",)
    assert rows["c"][1] == ("needs 'b', which did not run because 'z' failed (auth)",)
    never = told(a_result("a"), _at("half", "a"), a_result("c", depends_on=["b"]))
    assert never["c"][1] == ("needs 'b', which did not run because 'a' did not pass its checkpoint",)


def test_a_checkpoint_that_was_passed_before_a_crash_was_passed() -> None:
    nodeid = a_planned("a").nodeid
    report = a_report(
        _at("half", "a"), planned=[a_planned("a")], started=[nodeid], crashed=[nodeid], passed=[(nodeid, "half")]
    )
    assert [(row.planned.id, row.status, row.passed) for row in report.agents] == [
        ("a", "failed", ("half",)),
        ("b", "success", ()),
    ]


def test_a_lost_need_counts_as_one_that_did_not_end_well() -> None:
    report = a_report(a_result("b", depends_on=["a"]), planned=[a_planned("a")], started=[a_planned("a").nodeid])
    assert report.agents[1].reasons[0].message == "needs 'a', which failed (crashed)"


def test_needs_in_a_circle_end() -> None:
    around = [a_result("a", depends_on=["b"]), a_result("b", depends_on=["a"]), a_result("c", depends_on=["c"])]
    assert {status for status, _ in told(*around).values()} == {"success"}
    broken = [a_result("a", depends_on=["b"], kind="auth"), a_result("b", depends_on=["a"])]
    assert told(*broken) == {
        "a": ("not_run", ("needs 'b', which did not run because 'a' failed (auth)",)),
        "b": ("not_run", ("needs 'a', which failed (auth)",)),
    }


def test_a_chain_of_ten_thousand_is_walked_without_recursion() -> None:
    chain = [a_result("s00000", kind="auth")]
    chain += [a_result(f"s{n:05}", depends_on=[f"s{n - 1:05}"]) for n in range(1, 10_000)]
    assert a_report(*chain).counts.not_run == 9_999


@given(tallies)
def test_no_row_that_ended_well_needs_one_that_did_not(tally: Tally) -> None:
    rows = {row.planned.nodeid: row for row in report_of(tally).agents}
    for row in rows.values():
        lost = [need for need in row.planned.needs if need in rows and rows[need].status in ("failed", "not_run")]
        lost += [
            point.nodeid
            for point in row.planned.points
            if point.nodeid in rows and point.checkpoint not in rows[point.nodeid].passed
        ]
        assert not lost or row.status == "not_run"
