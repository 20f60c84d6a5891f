"""One row in full; the golden file show.txt has the usual ones."""

from __future__ import annotations

import pytest
from builders import a_planned, a_report, a_result

from pytest_subagents.model.limits import ANSWER_LINES_SHOWN, FINDINGS_SHOWN, SCOPE_PATHS_SHOWN
from pytest_subagents.model.outcome import Change, Usage
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.result import Diagnostics, Result
from pytest_subagents.model.verdict import Finding
from pytest_subagents.reports.show_text import show_lines


def texts(row: Result) -> list[str]:
    return [line.text for line in show_lines(row)]


def section(title: str, row: Result) -> list[str]:
    lines = texts(row)
    start = lines.index(title) + 1
    end = lines.index("", start) if "" in lines[start:] else len(lines)
    return lines[start:end]


@pytest.mark.parametrize(
    ("row", "first"),
    [
        (a_result("a"), "a: success"),
        (a_result("a", kind="auth"), "a: failed"),
        (a_result("a", kind="auth", expected=True), "a: failed, as expected"),
        (a_result("a", kind="stopped"), "a: not_run"),
    ],
)
def test_the_first_line_is_the_verdict(row: Result, first: str) -> None:
    assert texts(row)[0] == first
    assert show_lines(row)[0].style == ("expected" if row.expected else row.status)


def test_what_is_not_known_is_left_out() -> None:
    row = Result(planned=a_planned("a", vendor=None, task=""), status="success")
    assert texts(row) == [
        "a: success",
        "  node id     subagents.yaml::a",
        "  scope       reads packages/a/; writes nothing",
        "  wave        1",
    ]


def test_usage_is_told_as_far_as_it_is_known() -> None:
    row = a_result("a", usage=Usage(input_tokens=7_200, cached_input_tokens=0, usd=0.5), exit_code=0)
    assert "  ran         7,200 input tokens (0 cached), $0.50, exit code 0" in texts(row)


def test_a_long_answer_is_cut_with_a_count() -> None:
    lines = section("Answer", a_result("a", answer=list(range(1_000))))
    assert lines[:2] == ["  [", "    0,"]
    assert len(lines) == ANSWER_LINES_SHOWN + 1
    assert lines[-1] == "  … (602 more lines; the report has all)"


def test_many_findings_are_cut_with_a_count() -> None:
    found = tuple(Finding(severity="low", title="t") for _ in range(FINDINGS_SHOWN + 5))
    lines = section("Findings: 1,005 low", a_result("a", findings=found))
    assert len(lines) == FINDINGS_SHOWN + 1
    assert lines[-1] == "  … (5 more; the report has all)"


def test_violations_that_are_not_listed_are_counted() -> None:
    reasons = tuple(Reason(kind="contract", message="m", at=f"/{number}") for number in range(2))
    row = a_result("a", status="failed", reasons=reasons, violations=5_000)
    assert section("Reasons", row)[-1] == "  the answer breaks its contract 5,000 times; 2 are listed"
    assert len(section("Reasons", a_result("a", status="failed", reasons=reasons, violations=2))) == 2


def test_texts_of_several_lines_keep_them_below_an_indent() -> None:
    row = a_result(
        "a",
        kind="launch",
        changes=(Change(path="a\nb", kind="add"),),
        findings=(Finding(title="t", detail="one\ntwo\r\n\n::error::x"),),
        diagnostics=Diagnostics(stderr_tail="x\n::error::y\n\x1b[2J\n", excerpt="e"),
    )
    assert section("Changes", row) == [r"  add     a\nb"]
    assert section("Findings: 1 info", row) == ["  info     –  t", "    one", "    two", r"    \x3a:error::x"]
    assert section("Diagnostics", row) == [
        "  final message:",
        "    e",
        "  stderr:",
        "    x",
        r"    \x3a:error::y",
        r"    \x1b[2J",
    ]


def test_a_lost_row_names_its_need() -> None:
    row = a_report(a_result("a", kind="auth"), a_result("b", depends_on=["a"])).agents[1]
    assert section("Reasons", row) == ["  dependency: needs 'a', which failed (auth)"]
    assert "  depends on  a" in texts(row)


def test_what_was_told_otherwise_stands_below_the_changes() -> None:
    row = a_result("a", changes=(Change(path="a.py", kind="add"),))
    many = [f"{number}.py" for number in range(SCOPE_PATHS_SHOWN + 2)]
    lines = [line.text for line in show_lines(row, untold=["a.py", "\x1b[2J"], untrue=many)]
    start = lines.index("Changes") + 1
    assert lines[start : start + 3] == [
        "  add     a.py",
        "  changed and not told: a.py, \\x1b[2J",
        f"  told and not changed: {', '.join(many[:SCOPE_PATHS_SHOWN])} and 2 more",
    ]
