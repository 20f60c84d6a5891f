"""Findings in a fixed order, and fingerprints that find them again."""

from __future__ import annotations

from typing import Any

import pytest
from builders import a_planned, a_report, a_result
from hypothesis import given
from hypothesis import strategies as st
from report_strategies import findings

from pytest_subagents.model.verdict import Finding


def prints(*found: Finding) -> list[str]:
    return [finding.fingerprint for finding in a_report(a_result("a", findings=found)).findings]


def test_findings_sort_by_severity_file_line_title_agent() -> None:
    expected = [
        Finding(severity="critical", file="z.py", line=9, title="t"),
        Finding(severity="high", file="a.py", title="t"),
        Finding(severity="high", file="a.py", line=2, title="t"),
        Finding(severity="high", file="a.py", line=10, title="a"),
        Finding(severity="high", file="a.py", line=10, title="b"),
        Finding(severity="high", title="t"),
        Finding(severity="info", file="a.py", title="t"),
        Finding(severity="blocker", file="a.py", title="t"),
    ]
    report = a_report(a_result("a", findings=tuple(reversed(expected))), a_result("b", findings=(expected[0],)))
    order = [(each.severity, each.file, each.line, each.title) for each in report.findings]
    assert order == [(each.severity, each.file, each.line, each.title) for each in (expected[0], *expected)]
    assert [each.agent for each in report.findings[:3]] == ["a", "b", "a"]


def test_the_agent_decides_before_the_file_it_was_declared_in() -> None:
    found = (Finding(severity="low", file="a.py", title="t"),)
    planned = [a_planned("z", nodeid="1.yaml::z"), a_planned("a", nodeid="2.yaml::a")]
    report = a_report(*(a_result(planned=each, findings=found) for each in planned))
    assert [finding.agent for finding in report.findings] == ["a", "z"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"line": 3}, {"line": 300}),
        ({"detail": "long"}, {"detail": "short"}),
        ({"title": "Unused  import"}, {"title": "unused import"}),
        ({"title": "Overflow at line 12"}, {"title": "Overflow at line 13"}),
        ({"title": "Overflow (lines 3-5)"}, {"title": "Overflow (lines 13 to 15)"}),
        ({"title": "Overflow (line: 12)"}, {"title": "Overflow (line: 9)"}),
        ({"title": "Overflow at line #12"}, {"title": "Overflow at line 9"}),
        ({"title": "a.py:12:3 overflows"}, {"title": "a.py:13:4 overflows"}),
        ({"title": "Unused `os`, 'sys'"}, {"title": "Unused “os”, sys."}),
        ({"title": "Lines 3, 5 and 9 overflow"}, {"title": "Lines 4 and 5, 6 overflow"}),
        ({"title": "caf\u00e9"}, {"title": "cafe\u0301"}),
        ({"file": "./src/a.py"}, {"file": "src/a.py"}),
        ({"file": "src//b/../a.py"}, {"file": "src/a.py"}),
    ],
)
def test_a_finding_keeps_its_fingerprint(one: dict[str, Any], other: dict[str, Any]) -> None:
    given = {"severity": "high", "file": "src/a.py", "title": "Overflow"}
    assert prints(Finding(**{**given, **one})) == prints(Finding(**{**given, **other}))


@pytest.mark.parametrize(
    "other",
    [
        {"severity": "low"},
        {"file": "src/b.py"},
        {"file": None},
        {"title": "Overflow of 12 bytes"},
        {"title": "CVE-2024-1"},
    ],
)
def test_another_finding_has_another_fingerprint(other: dict[str, Any]) -> None:
    given: dict[str, Any] = {"severity": "high", "file": "src/a.py", "title": "Overflow"}
    assert prints(Finding(**given)) != prints(Finding(**{**given, **other}))


def test_parts_of_a_finding_do_not_run_into_each_other() -> None:
    assert len(set(prints(Finding(file="a", title="b c"), Finding(file="a b", title="c"), Finding(title="a b c")))) == 3


def test_the_same_finding_of_two_agents_has_one_fingerprint_and_of_one_agent_two() -> None:
    def at(line: int) -> Finding:
        return Finding(severity="low", file="a.py", line=line, title="Unused import")

    report = a_report(a_result("a", findings=(at(9), at(3))), a_result("b", findings=(at(4),)))
    by_place = {(each.agent, each.line): each.fingerprint for each in report.findings}
    assert by_place["a", 3] == by_place["b", 4]
    assert by_place["a", 9] != by_place["a", 3]
    assert all(len(fingerprint) == 16 for fingerprint in by_place.values())


@given(st.lists(findings, max_size=6), st.randoms())
def test_the_order_in_an_answer_does_not_matter(found: list[Finding], random: Any) -> None:
    straight = a_report(a_result("a", findings=tuple(found))).findings
    random.shuffle(found)
    assert a_report(a_result("a", findings=tuple(found))).findings == straight
