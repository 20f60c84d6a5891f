"""report.sarif: code scanning takes it, finds the place, and knows a finding again."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from builders import a_planned, a_report, a_result
from hostile_report import a_hostile_report, payloads
from hypothesis import given, settings
from report_strategies import tallies
from sarif_schema import checked_sarif

from pytest_subagents.aggregate.baseline import against
from pytest_subagents.aggregate.fold import Tally
from pytest_subagents.aggregate.report import report_of
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.report import Report
from pytest_subagents.model.severity import SEVERITIES
from pytest_subagents.model.status import CEILING
from pytest_subagents.model.verdict import Finding
from pytest_subagents.reports import sarif
from pytest_subagents.reports.rules import FINDING, rule_of
from pytest_subagents.reports.sarif import SarifReport

HOSTILE = json.loads((Path(__file__).parents[1] / "data/hostile/sarif/finding-files.json").read_text(encoding="utf-8"))


def run_of(report: Report) -> dict[str, Any]:
    return checked_sarif(SarifReport().render(report))


def results(report: Report) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = run_of(report)["results"]
    return found


def place(result: dict[str, Any]) -> tuple[str, int | None]:
    """Every result has one: GitHub refuses a file with one that has none."""
    (location,) = result["locations"]
    physical = location["physicalLocation"]
    assert physical["artifactLocation"]["uriBaseId"] == "%SRCROOT%"
    uri = physical["artifactLocation"]["uri"]
    assert re.fullmatch(r"[A-Za-z0-9._~/%-]+", uri)
    return uri, physical.get("region", {}).get("startLine")


def of_findings(*findings: Finding, **keywords: Any) -> list[dict[str, Any]]:
    return results(a_report(a_result("a", findings=findings, **keywords)))


@settings(max_examples=40)
@given(tallies)
def test_every_report_is_valid_and_each_result_has_a_rule_and_a_place(tally: Tally) -> None:
    report = report_of(tally)
    run = run_of(report)
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        place(result)
    assert len({rule["id"] for rule in rules}) == len(rules)
    levels = [("error", "warning", "note").index(result["level"]) for result in run["results"]]
    assert levels == sorted(levels)
    assert len([each for each in run["results"] if each["ruleId"].startswith(FINDING)]) == len(report.findings)


@pytest.mark.parametrize("payload", payloads().values(), ids=payloads())
def test_a_payload_is_no_link_no_placeholder_and_no_place(payload: str) -> None:
    found = results(a_hostile_report(payload))
    texts = [result["message"]["text"] for result in found]
    assert not [text for text in texts if "](" in text or re.search(r"\{[0-9]+\}", text)]
    benign = results(a_hostile_report("benign"))
    assert [(each["ruleId"], each["level"]) for each in found] == [(each["ruleId"], each["level"]) for each in benign]


def test_text_that_would_be_a_link_or_a_placeholder_is_shown() -> None:
    (result,) = of_findings(Finding(title="see [a](https://evil.example) {0} {x} [0] f(1)"))
    assert result["message"]["text"].startswith("see [a]\\x28https://evil.example) \\x7b0} {x} [0] f(1)\n")


def test_findings_lie_on_their_lines_with_a_level_by_severity() -> None:
    found = of_findings(
        *(Finding(severity=word, file="src/a b.py", line=at, title=word) for at, word in enumerate(SEVERITIES, 1))
    )
    assert [(each["ruleId"], each["level"], place(each)) for each in found] == [
        ("finding/critical", "error", ("src/a%20b.py", 1)),
        ("finding/high", "error", ("src/a%20b.py", 2)),
        ("finding/medium", "warning", ("src/a%20b.py", 3)),
        ("finding/low", "note", ("src/a%20b.py", 4)),
        ("finding/info", "note", ("src/a%20b.py", 5)),
        ("finding/other", "note", ("src/a%20b.py", 6)),
    ]


@pytest.mark.parametrize("line", [None, 0, -3, 2**31, 2**62])
def test_what_is_no_line_is_no_region(line: int | None) -> None:
    assert place(of_findings(Finding(file="a.py", line=line, title="x"))[0]) == ("a.py", None)


@pytest.mark.parametrize("path", HOSTILE)
def test_a_path_that_leaves_the_repository_is_told_and_not_linked(path: str) -> None:
    (result,) = of_findings(Finding(file=path, line=3, title="x"))
    if place(result) != ("a%20b%2520%23frag%3Fx", 3):
        assert place(result) == ("subagents.yaml", None)
        assert "which is no place in the repository" in result["message"]["text"]


def test_below_the_root_of_the_repository_every_path_is_from_there() -> None:
    """Code scanning takes a relative path as one from the root, whatever `uriBaseId` says (codeql-action#1147)."""
    report = a_report(a_result("a", findings=(Finding(file="src/x.py", line=3), Finding(file="../y"))))
    found = checked_sarif(SarifReport("pkg/größe 1").render(report))["results"]
    assert {place(each) for each in found} == {
        ("pkg/gr%C3%B6%C3%9Fe%201/src/x.py", 3),
        ("pkg/gr%C3%B6%C3%9Fe%201/subagents.yaml", None),
    }
    at_root = results(report)
    assert [each["partialFingerprints"] for each in found] == [each["partialFingerprints"] for each in at_root]


def test_a_finding_keeps_its_fingerprint_when_lines_move_and_tells_its_detail() -> None:
    (first,) = of_findings(Finding(file="a.py", line=3, title="Leaks", detail="one\ntwo"))
    (again,) = of_findings(Finding(file="a.py", line=90, title="Leaks", detail="other words"))
    assert first["partialFingerprints"] == again["partialFingerprints"]
    assert set(first["partialFingerprints"]) == {"primaryLocationLineHash", "pytestSubagents/v1"}
    assert first["message"]["text"] == "Leaks\n\none\ntwo\n\nFound by a."


def test_against_a_baseline_a_finding_is_new_or_unchanged_and_a_fixed_one_is_no_result() -> None:
    before = a_report(a_result("a", findings=(Finding(title="known", line=1), Finding(title="fixed"))))
    now = a_report(a_result("a", findings=(Finding(title="known", line=9), Finding(title="new"))))
    found = results(against(now, before))
    assert [(each["message"]["text"].split()[0], each["baselineState"]) for each in found] == [
        ("new", "new"),
        ("known", "unchanged"),
    ]
    assert not [each for each in results(now) if "baselineState" in each]


def test_a_scope_violation_lies_at_its_path_and_one_outside_at_the_workflow() -> None:
    reasons = tuple(Reason(kind="scope", message="it changed it", at=at) for at in ("src/x.py", "../y", "/etc/z", None))
    found = results(a_report(a_result("a", status="failed", reasons=reasons)))
    assert [place(each) for each in found] == [("src/x.py", None), *[("subagents.yaml", None)] * 3]
    assert {each["level"] for each in found} == {"error"}
    assert len({each["partialFingerprints"]["pytestSubagents/v1"] for each in found}) == 4


def test_a_contract_violation_lies_on_the_line_of_the_recording_with_its_pointer() -> None:
    reason = Reason(kind="contract", message="5 is not a string", at="/findings/0/title", line=12)
    row = a_result("a", status="failed", reasons=(reason,), violations=7, transcript="recordings/w/a.jsonl")
    (result,) = results(a_report(row))
    assert place(result) == ("recordings/w/a.jsonl", 12)
    assert result["locations"][0]["logicalLocations"] == [
        {"name": "title", "fullyQualifiedName": "/findings/0/title", "kind": "value"}
    ]
    assert result["properties"]["violations"] == 7


def test_what_lowers_nothing_is_a_note_and_what_is_expected_or_well_is_no_result() -> None:
    denied = Reason(kind="permission", message="no shell")
    rows = (
        a_result("well", reasons=(denied,)),
        a_result("known", kind="contract", expected=True),
        a_result("bad", status="failed", reasons=(Reason(kind="timeout", message="late"), denied)),
        a_result("half", kind="incomplete"),
        a_result("never", kind="stopped"),
    )
    found = results(a_report(*rows))
    assert [(each["properties"]["agent"], each["ruleId"], each["level"]) for each in found] == [
        ("bad", "timeout", "error"),
        ("half", "incomplete", "warning"),
        ("never", "stopped", "warning"),
        ("bad", "permission", "note"),
    ]


def test_of_too_many_results_the_gravest_are_kept_and_the_others_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "SARIF_RESULTS", 2)
    severities = ("info", "low", "medium", "critical")
    row = a_result("a", findings=tuple(Finding(severity=word, title=word) for word in severities))
    run = run_of(a_report(row, a_result("b", kind="stopped")))
    assert [result["ruleId"] for result in run["results"]] == ["finding/critical", "stopped"]
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False  # something was stopped
    assert invocation["toolExecutionNotifications"][0]["message"]["text"].startswith("3 more results would be too many")


def test_of_very_many_results_each_has_less_room_for_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "SARIF_TEXT_CHARS", 60)
    texts = [each["message"]["text"] for each in of_findings(Finding(title="x" * 90), Finding(title="short"))]
    assert sorted(texts) == ["short\n\nFound by a.", "x" * 30 + "… (73 more characters)"]


def test_a_transcript_outside_of_the_rootdir_leaves_a_failure_without_a_place() -> None:
    row = a_result(planned=a_planned("a", nodeid="../x/a.jsonl::a"), kind="no_protocol")
    (result,) = results(a_report(row))
    assert "locations" not in result


def test_every_kind_of_reason_has_a_rule_of_its_own() -> None:
    rules = [rule_of(kind) for kind in CEILING]
    assert len({rule.title for rule in rules}) == len(CEILING)
    assert rule_of("unheard") not in rules
    assert all(rule.help.endswith(".") and not rule.title.endswith(".") for rule in rules)
