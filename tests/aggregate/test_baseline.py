"""Findings against those of an earlier report."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from builders import a_planned, a_report, a_result
from hypothesis import given, settings
from hypothesis import strategies as st
from report_strategies import tallies

from pytest_subagents.aggregate.baseline import against, is_of, without_baseline
from pytest_subagents.aggregate.findings import substance_of
from pytest_subagents.aggregate.fold import Tally
from pytest_subagents.aggregate.report import report_of
from pytest_subagents.model.report import BaselineCounts, Report
from pytest_subagents.model.verdict import Finding


def finding(title: str, line: int | None = None, **keywords: Any) -> Finding:
    return Finding(**{"severity": "low", "file": "a.py", "line": line, "title": title, **keywords})


def report(**found: list[Finding]) -> Report:
    return a_report(*(a_result(id, findings=tuple(findings)) for id, findings in found.items()))


def counts(after: Report, before: Report) -> tuple[int, int, int, int]:
    baseline = against(after, before).baseline
    assert baseline is not None
    found = baseline.counts
    return found.new, found.known, found.fixed, found.unchecked


def states(after: Report, before: Report) -> list[tuple[str, int | None, str | None]]:
    return [(each.agent, each.line, each.state) for each in against(after, before).findings]


@settings(max_examples=20)
@given(tallies, tallies)
def test_every_finding_is_new_or_known_and_every_one_of_the_baseline_known_fixed_or_unchecked(
    one: Tally, other: Tally
) -> None:
    after, before = report_of(one), report_of(other)
    new, known, fixed, unchecked = counts(after, before)
    assert new + known == len(after.findings)
    assert known + fixed + unchecked == len(before.findings)
    shared = Counter(map(substance_of, after.findings)) & Counter(map(substance_of, before.findings))
    assert known == shared.total()
    assert without_baseline(against(after, before)) == after
    assert against(against(after, before), against(before, after)) == against(after, before)


@settings(max_examples=20)
@given(tallies)
def test_against_itself_all_is_known(tally: Tally) -> None:
    found = report_of(tally)
    assert counts(found, found) == (0, len(found.findings), 0, 0)


@settings(max_examples=20)
@given(tallies, tallies, st.randoms())
def test_neither_order_nor_moved_lines_nor_who_found_it_change_what_is_counted(
    one: Tally, other: Tally, random: Any
) -> None:
    after, before = report_of(one), report_of(other)
    moved = [
        replace(each, line=None if each.line is None else each.line + random.randint(1, 9), agent=random.choice("ab"))
        for each in before.findings
    ]
    random.shuffle(moved)
    assert counts(after, replace(before, findings=tuple(moved)))[:2] == counts(after, before)[:2]


def test_of_two_equal_ones_and_one_known_one_is_new() -> None:
    twice = [finding("Unused import", 3), finding("Unused import", 9)]
    assert states(report(a=twice), report(a=[finding("Unused import", 9)])) == [("a", 3, "new"), ("a", 9, "known")]
    assert counts(report(a=twice), report(a=[finding("unused  import.", 40)])) == (1, 1, 0, 0)
    assert counts(report(a=twice[:1]), report(a=twice)) == (0, 1, 1, 0)


def test_who_found_it_decides_only_between_equal_ones() -> None:
    one, other = [finding("x", 1)], [finding("x", 2)]
    assert counts(report(a=one, b=other), report(a=[*one, *other])) == (0, 2, 0, 0)
    assert states(report(a=one, b=other), report(b=one)) == [("a", 1, "new"), ("b", 2, "known")]


def test_a_graver_one_and_one_in_another_file_are_new() -> None:
    known = report(a=[finding("x", 1)])
    assert counts(report(a=[finding("x", 1, severity="high")]), known) == (1, 0, 1, 0)
    assert counts(report(a=[finding("x", 1, file="b.py")]), known) == (1, 0, 1, 0)


def test_what_nobody_looked_for_is_not_fixed() -> None:
    before = report(a=[finding("x")], b=[finding("y")], c=[finding("z")], d=[finding("w")])
    after = a_report(
        a_result("a"),
        a_result("b", kind="contract", answer={"findings": 1}),
        a_result("c", kind="exit_code"),
        a_result("e"),
    )
    found = against(after, before).baseline
    assert found is not None
    assert [each.title for each in found.fixed] == ["x", "z"]
    assert [each.title for each in found.unchecked] == ["w", "y"]
    assert found.counts == BaselineCounts(fixed=2, unchecked=2)


def test_a_baseline_is_of_this_run_where_a_subagent_is_in_both_renamed_perhaps() -> None:
    before = report(math=[])
    same = a_planned("math")
    assert is_of(before, [same])
    assert is_of(before, [replace(same, nodeid="other.yaml::math")]), "another file, but id and task"
    assert is_of(before, [replace(same, nodeid="subagents.yaml::m", id="m")]), "another id, but file and task"
    assert not is_of(before, [a_planned("app")])
    assert not is_of(before, [replace(same, nodeid="other.yaml::math", task="Else")])
    assert is_of(before, [a_planned("app")], ["subagents.yaml::math"])
    assert is_of(before, [], ["subagents.yaml::math[2]"])
    assert not is_of(report_of(Tally()), [same])
