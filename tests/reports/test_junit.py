"""report.xml: every subagent is a test case, and what fails the job is red."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from builders import a_planned, a_report, a_result
from golden_reports import the_report
from hostile_report import a_hostile_report, payloads
from hypothesis import given, settings
from junit_schema import cases, checked_junit, properties
from report_strategies import tallies

from pytest_subagents.aggregate.fold import Tally
from pytest_subagents.aggregate.report import report_of
from pytest_subagents.model.attempts import Attempt, PassRate
from pytest_subagents.model.limits import JUNIT_STDERR_CHARS
from pytest_subagents.model.outcome import Usage
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.report import Report
from pytest_subagents.model.result import Diagnostics
from pytest_subagents.reports.github import annotation_lines
from pytest_subagents.reports.json_report import JsonReport
from pytest_subagents.reports.junit import JunitReport
from pytest_subagents.reports.reading import read_report


def render(report: Report) -> str:
    return JunitReport().render(report)


@settings(max_examples=40)
@given(tallies)
def test_every_report_is_junit_xml_with_a_case_for_each_subagent(tally: Tally) -> None:
    report = report_of(tally)
    root = checked_junit(render(report))
    assert root.get("tests") == str(report.counts.planned)
    assert len(list(root.iter("skipped"))) == report.counts.not_run


@pytest.mark.parametrize("payload", payloads().values(), ids=payloads())
def test_whatever_an_agent_says_the_document_has_the_same_shape(payload: str) -> None:
    tags = [element.tag for element in checked_junit(render(a_hostile_report(payload))).iter()]
    assert tags == [element.tag for element in checked_junit(render(a_hostile_report("benign"))).iter()]


def test_a_word_for_every_way_to_end() -> None:
    found = cases(checked_junit(render(the_report())))
    assert {name: [child.tag for child in case][1:] for name, case in found.items() if len(case) > 1} == {
        "app": ["failure"],
        "element": ["system-out", "system-err"],
        "known-bad": ["system-out"],
        "math": ["system-out"],
        "release": ["skipped"],
    }
    assert [case.tag for case in found["failed <= 0"]] == ["failure"]
    assert found["app"].find("failure").get("type") == "contract"  # type: ignore[union-attr]
    assert "more: subagents show app" in (found["app"].findtext("failure") or "")
    assert (found["element"].findtext("system-out") or "").startswith("partial\nexit_code: it exited with 3\n")
    assert (found["known-bad"].findtext("system-out") or "").startswith("failed, as expected\nnot_json")


def test_a_diff_that_waits_for_a_person_is_a_failure_as_it_fails_the_job() -> None:
    row = a_result("a", kind="review")
    assert row.status == "partial"
    assert cases(checked_junit(render(a_report(row))))["a"].find("failure") is not None


def test_a_partial_row_is_a_failure_where_the_ini_file_says_so_and_an_expected_one_is_not() -> None:
    rows = (a_result("a", kind="incomplete"), a_result("b", kind="incomplete", expected=True), a_result("c"))
    report = replace(a_report(*rows), partial="fail")
    for each in (report, read_report(JsonReport().render(report))):
        found = cases(checked_junit(render(each)))
        assert [name for name, case in found.items() if case.find("failure") is not None] == ["a"]
        assert found["a"].find("system-out") is None
    assert [line.split()[0] for line in annotation_lines(report)] == ["::error"]
    assert "partial" not in json.loads(JsonReport().render(a_report(*rows)))


def test_what_is_not_known_is_left_out_and_never_zero() -> None:
    root = checked_junit(render(a_report(a_result("a"), a_result("b", runtime_ms=0, usage=Usage(usd=0.0)))))
    found = cases(root)
    assert found["a"].get("time") is None
    assert not {"usd", "input_tokens", "exit_code", "model"} & set(properties(found["a"]))
    assert found["b"].get("time") == "0.000"
    assert properties(found["b"])["usd"] == "0"
    assert checked_junit(render(a_report(a_result("a")))).get("time") is None


def test_attempts_are_properties_with_why_they_lost() -> None:
    attempts = (
        Attempt(nodeid="w::a[1]", number=1, status="failed", reasons=(Reason(kind="timeout", message="x"),)),
        Attempt(nodeid="w::a[2]", number=2, status="success", selected=True, findings=2, runtime_ms=1500),
    )
    told = properties(cases(checked_junit(render(a_report(a_result("a", attempts=attempts)))))["a"])
    assert told["attempts[1]"] == "failed (timeout)"
    assert told["attempts[2]"] == "success, selected; 2 findings; 1.5s"
    rate = PassRate(passed=1, of=2, rate=0.5, low=0.1, high=0.9)
    repeated = a_report(a_result("a", attempts=attempts, pass_rate=rate))
    told = properties(cases(checked_junit(render(repeated)))["a"])
    assert (told["pass_rate"], told["attempts[2]"]) == (
        "1 of 2 passed, 50 % (95 % interval: 10 to 90 %)",
        "success; 2 findings; 1.5s",
    )


def test_a_suite_is_a_workflow_a_test_module_or_a_folder_of_transcripts() -> None:
    nodeids = ("a.yaml::x", "test_a.py::test_r[x]", "logs/codex/x.jsonl::x", "logs/codex/y.jsonl::y", "top.jsonl::top")
    rows = [a_result(planned=a_planned(f"id{at}", nodeid=nodeid)) for at, nodeid in enumerate(nodeids)]
    root = checked_junit(render(a_report(*rows)))
    assert [(suite.get("name"), [case.get("name") for case in suite]) for suite in root] == [
        (".", ["top"]),
        ("a.yaml", ["x"]),
        ("logs/codex", ["x", "y"]),
        ("test_a.py", ["test_r[x]"]),
    ]


def test_the_end_of_a_long_standard_error_is_kept() -> None:
    row = a_result("a", kind="launch", diagnostics=Diagnostics(stderr_tail="x" * 9000 + "\nusage: y\n"))
    told = cases(checked_junit(render(a_report(row))))["a"].findtext("system-err") or ""
    assert told.endswith("\nusage: y")
    assert len(told) == JUNIT_STDERR_CHARS
