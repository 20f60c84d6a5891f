"""Diffs that wait for a person because they meet: only the fold knows."""

from __future__ import annotations

from typing import Any

import pytest
from builders import a_planned, a_report, a_result

from pytest_subagents.aggregate.reviewing import with_reviews
from pytest_subagents.gate import decide
from pytest_subagents.model.outcome import Change
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.report import Report
from pytest_subagents.model.result import Result

ASKS = Reason(kind="review", message="?", hint="subagents approve")


def row(id: str, *paths: str, asks: bool = True, **keywords: Any) -> Result:
    changes = tuple(Change(path=path, kind="update") for path in paths)
    return a_result(id, changes=changes, on_conflict=ASKS if asks else None, **keywords)


def waiting(report: Report) -> dict[str, str]:
    return {
        each.planned.id: reason.message for each in report.agents for reason in each.reasons if reason.kind == "review"
    }


def test_two_that_change_one_path_wait_where_they_ask_for_it() -> None:
    report = a_report(row("a", "x", "y"), row("b", "y", "z", asks=False), row("c", "z"), row("d", "other"))
    assert waiting(report) == {
        "a": "it changes y, and so does 'b': a person must approve it (any_conflict)",
        "c": "it changes z, and so does 'b': a person must approve it (any_conflict)",
    }
    assert [each.status for each in report.agents] == ["partial", "success", "partial", "success"]
    assert decide(report).reasons == ("2 subagents wait for review",)
    assert decide(report, verdict="gates").exit_code == 0


def test_who_starts_from_the_work_of_another_does_not_meet_it() -> None:
    assert waiting(a_report(row("a", "x"), row("b", depends_on=["a"]), row("c", "x", depends_on=["b"]))) == {}
    other_file = row("a", "x", planned=a_planned("a", nodeid="other.yaml::a"))
    assert waiting(a_report(row("a", "x"), other_file)) == {}


def test_a_conflict_that_is_known_asks_too_and_is_asked_once() -> None:
    report = a_report(row("a", "x", kind="conflict"), row("b", "y", kind="conflict", asks=False))
    assert waiting(report) == {"a": "its patch conflicts, so a person must approve it (any_conflict)"}
    assert report.agents[0].status == "failed"
    again = with_reviews({each.planned.nodeid: each for each in report.agents})
    assert tuple(again.values()) == report.agents


@pytest.mark.parametrize(("status", "stays"), [("success", False), ("failed", True)])
def test_what_was_expected_is_expected_only_while_it_is_so(status: str, stays: bool) -> None:
    kind = "checks" if status == "failed" else None
    expected = row("a", "x", planned=a_planned("a", expects=status), expected=True, kind=kind)
    report = a_report(expected, row("b", "x"))
    assert report.agents[0].expected is stays
