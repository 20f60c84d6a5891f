"""A report with a baseline in every format, and the comparison of two reports."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from importlib.resources import files
from typing import Any

import pytest
from builders import a_report, a_result, a_team
from hostile_report import a_hostile_report, payloads
from hypothesis import given, settings
from jsonschema import Draft202012Validator
from report_strategies import tallies

from pytest_subagents.aggregate.baseline import against
from pytest_subagents.aggregate.comparing import compare
from pytest_subagents.aggregate.fold import Tally
from pytest_subagents.aggregate.report import report_of
from pytest_subagents.errors import BadUsage
from pytest_subagents.model.outcome import Usage
from pytest_subagents.model.report import Report
from pytest_subagents.model.verdict import Finding
from pytest_subagents.reports.baseline_text import shown_lines
from pytest_subagents.reports.comparison_json import comparison_json
from pytest_subagents.reports.comparison_text import comparison_lines
from pytest_subagents.reports.json_report import JsonReport
from pytest_subagents.reports.line import Line
from pytest_subagents.reports.markdown import MarkdownReport
from pytest_subagents.reports.reading import read_report
from pytest_subagents.reports.terminal_text import summary_lines
from pytest_subagents.reports.word_diff import word_diff

VALIDATOR = Draft202012Validator(
    json.loads(files("pytest_subagents.reports").joinpath("report.schema.json").read_text(encoding="utf-8"))
)


def text_of(lines: tuple[Line, ...]) -> str:
    return "\n".join(line.text for line in lines)


def compared(report: Report, other: Report) -> str:
    return text_of(comparison_lines(compare(other, report), before="a.json", after="b.json"))


RENDERINGS: dict[str, Callable[[Report, Report], str]] = {
    "json": lambda report, other: JsonReport().render(against(report, other)),
    "md": lambda report, other: MarkdownReport().render(against(report, other)),
    "terminal": lambda report, other: text_of(summary_lines(against(report, other))),
    "show": lambda report, other: text_of(tuple(shown_lines("b.json", report, 80))),
    "compare": compared,
    "compare json": lambda report, other: comparison_json(compare(other, report)),
}


def the_report() -> Report:
    """The team, of which a listener still leaks, while one finding is new and one is fixed."""
    before = list(a_team())
    gone = Finding(severity="medium", file="packages/math/c.ts", line=8, title="Rounds twice")
    before[0] = replace(before[0], findings=(before[0].findings[1], gone))
    return against(a_report(), a_report(*before))


@settings(max_examples=20)
@given(tallies, tallies)
def test_it_satisfies_the_schema_and_can_be_read_back(one: Tally, other: Tally) -> None:
    report = against(report_of(one), report_of(other))
    text = JsonReport().render(report)
    VALIDATOR.validate(json.loads(text))
    assert read_report(text) == report
    assert json.loads(comparison_json(compare(report_of(other), report)))["version"] == 1


def test_the_report_has_counts_states_and_what_was_fixed() -> None:
    document = json.loads(JsonReport().render(the_report()))
    assert list(document)[-1] == "baseline"
    assert document["baseline"]["counts"] == {"new": 1, "known": 2, "fixed": 1, "unchecked": 0}
    assert [list(each)[-1] for each in document["findings"]] == ["state"] * 3
    assert [each["state"] for each in document["findings"]] == ["known", "new", "known"]
    assert [(each["title"], "state" in each) for each in document["baseline"]["fixed"]] == [("Rounds twice", False)]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda document: document.pop("baseline"),
        lambda document: document["baseline"]["counts"].update(new=0),
        lambda document: document["baseline"]["counts"].pop("new"),
        lambda document: document["findings"][0].pop("state"),
        lambda document: document["findings"][0].update(state="fixed"),
        lambda document: document["findings"][0].update(state="new"),
        lambda document: document["baseline"]["fixed"][0].update(state="known"),
        lambda document: document["baseline"].update(more=1),
    ],
)
def test_states_that_do_not_agree_are_refused(spoil: Callable[[Any], object]) -> None:
    document = json.loads(JsonReport().render(the_report()))
    spoil(document)
    with pytest.raises(BadUsage):
        read_report(json.dumps(document))


def test_the_terminal_names_what_is_new() -> None:
    text = text_of(summary_lines(the_report()))
    assert (
        "\n Findings   1 critical, 1 high, 1 low"
        "\n Baseline   1 new (1 high), 2 known, 1 fixed"
        "\n            new: high, packages/math/a.ts:3: No test for overflow (math)"
        "\n Usage"
    ) in text
    assert "Baseline" not in text_of(summary_lines(a_report()))
    many = a_report(a_result("a", findings=tuple(Finding(title=str(number)) for number in range(9))))
    assert "\n            and 4 more that are new\n" in text_of(summary_lines(against(many, a_report(a_result("a")))))


def test_markdown_has_what_is_new_and_fixed_before_all_others() -> None:
    text = unescape(MarkdownReport().render(the_report()))
    assert (
        "Against the baseline: 1 new (1 high), 2 known, 1 fixed.\n\n### New\n\n"
        "| Severity | Where | Title | Subagent |\n"
        "|---|---|---|---|\n| high | packages/math/a.ts:3 | No test for overflow | math |\n\n### Fixed\n\n"
    ) in text
    assert text.index("### Fixed") < text.index("### Critical")


def test_a_comparison_is_told_by_subagent_the_broken_first() -> None:
    cost = {"runtime_ms": 12_000, "usage": Usage(input_tokens=9000, output_tokens=100, usd=0.5)}
    less = {"runtime_ms": 8_000, "usage": Usage(input_tokens=4000, output_tokens=100, usd=0.52)}
    answer = {"summary": "It all looks fine to me.", "n": 1}
    before = a_report(
        a_result("a", **cost, answer=answer, findings=(Finding(severity="low", file="a.py", line=2, title="Old"),)),
        a_result("b", **cost), a_result("c", **cost), a_result("d", kind="auth", **cost),
    )  # fmt: skip
    after = a_report(
        a_result("a", **less, answer={"summary": "It all looks bad to me.", "n": 2, "x": []}),
        a_result("b", kind="timeout", **cost), a_result("c", **cost), a_result("d", **cost),
    )  # fmt: skip
    assert compared(after, before).splitlines() == [
        " BROKE  b  success -> failed",
        "        timeout: because of timeout",
        "        the answer: {\"status\": \"success\", \"summary\": \"b is fine\"} -> null",
        " fixed  d  failed -> success",
        "        the answer: null -> {\"status\": \"success\", \"summary\": \"d is fine\"}",
        " same   a  success  -4.0s, -5000 tokens, +$0.02",
        "        fixed: low, a.py:2: Old",
        "        /n: 1 -> 2",
        "        /summary: It all looks [-fine-] {+bad+} to me.",
        "        /x: added []",
        " 1 subagent is the same",
        "",
        " Before     a.json: partial, 4 subagents: 3 succeeded, 1 failed",
        " After      b.json: partial, 4 subagents: 3 succeeded, 1 failed",
        " Subagents  1 broke, 1 fixed, 2 same",
        " Findings   0 new, 0 known, 1 fixed",
        " Spent      -4.0s, -5000 tokens, +$0.02",
    ]  # fmt: skip


def test_words_are_compared_with_some_around_them() -> None:
    text = " ".join(map(str, range(30)))
    assert word_diff(text, text.replace("15", "x y")) == "… 11 12 13 14 [-15-] {+x y+} 16 17 18 19 …"
    assert word_diff("a b", "a  b") == "[-a b-] {+a  b+}"
    assert word_diff("x " * 3_000, "y").endswith("{+y+}")
    long = "word " * 5_000
    assert word_diff(f"{long} one {long}", f"{long} other {long}") == (
        "… word word word word [-one-] {+other+} word word word word …"
    )
    assert word_diff("a a", "a a a") == "a a {+a+}"
    assert word_diff("a", "b a") == "{+b+} a"
    assert word_diff("", "a") == "{+a+}"


@pytest.mark.parametrize("name", RENDERINGS)
def test_no_payload_leaves_anything_that_a_terminal_obeys(name: str) -> None:
    categories = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    for payload in payloads().values():
        for reports in ((payload, "y"), ("y", payload)):
            text = RENDERINGS[name](*map(a_hostile_report, reports))
            assert not [char for char in set(text) - {"\n", "\t"} if unicodedata.category(char) in categories]
            assert not [line for line in text.split("\n") if line.strip().startswith("::") or "##[" in line]
            text.encode("utf-8")
