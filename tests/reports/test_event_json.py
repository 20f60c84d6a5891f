"""What a `notify` command is told, held against the schema that the package ships."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest
from builders import a_planned, a_report, a_result, a_team
from jsonschema import Draft202012Validator

from pytest_subagents.model.integration import Paused
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.report import Report
from pytest_subagents.reports.event_json import EndedRun, event_of_merge, events_of

SCHEMA = json.loads(files("pytest_subagents.reports").joinpath("event.schema.json").read_text("utf-8"))
VALID = Draft202012Validator(SCHEMA)


def told(report: Report, **keywords: Any) -> list[dict[str, Any]]:
    given = {"workflow": "team", "file": "subagents.yaml", "mode": "live", "run": "r1", "exit_code": 1}
    found = []
    for name, text in events_of(EndedRun(report=report, **{**given, **keywords})):
        event = json.loads(text)
        VALID.validate(event)
        assert text.endswith("\n")
        assert event["event"] == name
        found.append(event)
    return found


def test_the_end_tells_how_each_ended() -> None:
    (event,) = told(a_report(*a_team()))
    assert event["counts"] == {"planned": 5, "success": 1, "partial": 1, "failed": 1, "not_run": 1, "expected": 1}
    assert (event["status"], event["complete"], event["exit_code"]) == ("partial", True, 1)
    assert [(each["agent"], each["kind"]) for each in event["failures"]] == [
        ("app", "contract"),
        ("release", "dependency"),
    ]


def test_a_workflow_is_told_of_its_own() -> None:
    other = a_result("b", planned=a_planned("b", nodeid="other.yaml::b"), kind="scope")
    (event,) = told(a_report(a_result("a"), other))
    assert event["counts"]["planned"] == 1
    assert event["failures"] == []


def test_a_review_a_conflict_and_a_budget_come_first() -> None:
    waits = a_result(
        "w",
        status="partial",
        reasons=(Reason(kind="review", message="it is large"), Reason(kind="review", message="x")),
    )
    report = a_report(a_result("c", kind="conflict"), waits, a_result("d", kind="conflict"))
    budget, conflict, review, ended = told(report, budget="the budget of 5 USD is spent (5.1)")
    assert budget["message"] == "the budget of 5 USD is spent (5.1)"
    assert conflict["agents"] == ["c", "d"]
    assert review["messages"] == ["it is large", "x"]
    assert review["approve"] == "subagents approve w"
    assert ended["counts"]["failed"] == 2


def test_it_stays_small_and_shows_what_is_hidden() -> None:
    rows = [a_result(f"a{number}", status="failed", reasons=(Reason(kind="not_json", message="\u202e" * 9_999),))
            for number in range(50)]  # fmt: skip
    report = a_report(*rows)
    (event,) = told(report)
    assert (len(event["failures"]), event["more_failures"]) == (20, 30)
    ((_, text),) = events_of(
        EndedRun(report=report, workflow="t", file="subagents.yaml", mode="once", run="r", exit_code=1)
    )
    assert len(text) < 100_000
    assert "\u202e" not in text


@pytest.mark.parametrize("change", [{"version": 2}, {"event": "other"}, {"mode": "replay"}, {"failures": None}])
def test_the_schema_refuses_something_else(change: dict[str, Any]) -> None:
    (event,) = told(a_report(a_result()))
    assert not VALID.is_valid({**event, **change})


def test_a_merge_that_pauses_is_told_with_and_without_a_run() -> None:
    paused = Paused(after="backend", why="'make' exited with 2", agents=("api",), merged=("schema",))
    event, _ = told(a_report(a_result()), paused=paused)
    name, text = event_of_merge(paused, workflow="team", file="subagents.yaml")
    alone = json.loads(text)
    VALID.validate(alone)
    assert name == event["event"] == "merge_paused"
    assert {**event, "run": "", "mode": "merge"} == alone
    assert (alone["after"], alone["message"]) == ("backend", "'make' exited with 2")
    assert (alone["agents"], alone["merged"]) == (["api"], ["schema"])
