"""Two reports side by side, as a value."""

from __future__ import annotations

from typing import Any

import pytest
from builders import a_report, a_result, a_team
from hypothesis import given, settings
from report_strategies import json_values, tallies

from pytest_subagents.aggregate.answer_changes import answer_changes
from pytest_subagents.aggregate.comparing import compare
from pytest_subagents.aggregate.fold import Tally
from pytest_subagents.aggregate.report import report_of
from pytest_subagents.model.comparison import CHANGE_WORDS, AnswerChange
from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.outcome import Usage
from pytest_subagents.model.verdict import Finding


@settings(max_examples=20)
@given(tallies)
def test_with_itself_a_report_is_the_same(tally: Tally) -> None:
    report = report_of(tally)
    found = compare(report, report)
    assert [row.word for row in found.rows if row.word != "same" or row.differs] == []
    assert len(found.rows) == len(report.agents)
    assert not found.spent.tokens.delta


@settings(max_examples=20)
@given(tallies, tallies)
def test_every_row_of_both_is_in_it_once_and_broken_ones_come_first(one: Tally, other: Tally) -> None:
    before, after = report_of(one), report_of(other)
    found = compare(before, after)
    rows = {row.planned.nodeid for row in (*before.agents, *after.agents)}
    assert sorted(row.nodeid for row in found.rows) == sorted(rows)
    assert [CHANGE_WORDS.index(row.word) for row in found.rows] == sorted(
        CHANGE_WORDS.index(row.word) for row in found.rows
    )
    back = {row.nodeid: row.word for row in compare(after, before).rows}
    opposite = {"broke": "fixed", "fixed": "broke", "new": "gone", "gone": "new", "same": "same"}
    assert {row.nodeid: opposite[row.word] for row in found.rows} == back


def test_words_deltas_and_findings_of_each() -> None:
    low, high = Finding(severity="low", title="l"), Finding(severity="high", title="h")
    cost = {"runtime_ms": 10, "usage": Usage(input_tokens=5, output_tokens=5, usd=0.1)}
    more = {"runtime_ms": 30, "usage": Usage(input_tokens=2, output_tokens=2, usd=0.3)}
    before = a_report(
        a_result("a", findings=(low,), **cost), a_result("b", kind="contract"), a_result("c", findings=(low,)),
        a_result("d"), a_result("e", kind="auth", expected=True),
    )  # fmt: skip
    after = a_report(
        a_result("a", kind="exit_code", findings=(low, low, high), **more), a_result("b"), a_result("d", kind="auth"),
        a_result("e"), a_result("f"),
    )  # fmt: skip
    found = compare(before, after)
    assert [(row.id, row.word) for row in found.rows] == [
        ("a", "broke"), ("d", "broke"), ("f", "new"), ("c", "gone"), ("b", "fixed"), ("e", "same"),
    ]  # fmt: skip
    first, gone = found.rows[0], found.rows[3]
    assert (first.new, first.known, first.fixed) == ((low, high), 1, ())
    assert (gone.fixed, gone.unchecked) == ((), (low,)), "who is gone has fixed nothing"
    spent = first.spent
    assert (spent.runtime_ms.delta, spent.tokens.delta, spent.usd.delta) == (20, -6, 0.2)
    assert found.spent.tokens.delta is None, "the others do not know theirs"
    assert found.rows[-1].differs, "it ended well, but not as it was expected"


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ({"a": 1, "b": 2}, {"b": 2.5, "c": None}, ["removed /a", "changed /b", "added /c"]),
        ([1, 2, 3], [0, 1, 2, 3], ["added /0"]),
        ([{"x": 1}, {"x": 2}, 3], [{"x": 1}, {"x": 9}, 3], ["changed /1/x"]),
        ([1, 2], [], ["removed /0", "removed /1"]),
        ({"a/b": {"~": 1}}, {"a/b": {"~": 2}}, ["changed /a~1b/~0"]),
        (1, True, ["changed "]),
        ([0], [False], ["changed /0"]),
        (None, {"a": 1}, ["changed "]),
        ([0] * 500, [0] * 499 + [1], ["changed /499"]),
    ],
)
def test_changes_of_an_answer_by_pointer(before: JsonValue, after: JsonValue, changes: list[str]) -> None:
    found, more = answer_changes(before, after)
    assert ([f"{each.kind} {each.pointer}" for each in found], more) == (changes, 0)


@given(json_values, json_values)
def test_an_answer_changes_where_and_only_where_it_is_another(before: Any, after: Any) -> None:
    assert answer_changes(before, before) == ((), 0)
    assert bool(answer_changes(before, after)[0]) == (repr(_sorted(before)) != repr(_sorted(after)))


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return sorted((key, _sorted(each)) for key, each in value.items()), "object"
    return [_sorted(each) for each in value] if isinstance(value, list) else value


def test_of_very_many_changes_the_first_are_kept() -> None:
    found, more = answer_changes(list(range(1_500)), [])
    assert (len(found), more) == (1_000, 500)
    assert found[0] == AnswerChange(pointer="/0", kind="removed", before=0)


def test_a_team_that_is_not_there_yet_is_new() -> None:
    found = compare(report_of(Tally()), a_report(*a_team()))
    assert {row.word for row in found.rows} == {"new"}
