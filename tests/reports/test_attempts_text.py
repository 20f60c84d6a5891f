"""The runs of a row in words: the terminal, `subagents show`, Markdown."""

from __future__ import annotations

from builders import a_planned, a_report, a_result

from pytest_subagents.model.attempts import AttemptOf
from pytest_subagents.model.outcome import Change, Usage
from pytest_subagents.model.report import Report
from pytest_subagents.model.result import Result
from pytest_subagents.reports.attempts_text import runs_in_brief
from pytest_subagents.reports.markdown import MarkdownReport
from pytest_subagents.reports.show_text import show_lines
from pytest_subagents.reports.terminal_text import summary_lines


def runs(id: str, *kinds: str, repeats: bool = False) -> list[Result]:
    """Those of one subagent; a blank kind is a success."""
    nodeid = f"subagents.yaml::{id}"
    planned = [
        a_planned(
            id, nodeid=f"{nodeid}[{number}]", attempt=AttemptOf(row=nodeid, number=number, count=9, repeats=repeats)
        )
        for number in range(1, len(kinds) + 1)
    ]
    changed = {"changes": (Change(path="a", kind="add"),), "changed_lines": 12, "runtime_ms": 1500}
    usage = Usage(input_tokens=900, output_tokens=100, usd=0.5)
    return [
        a_result(id, planned=each, usage=usage, **changed, **({"kind": kind} if kind else {}))
        for each, kind in zip(planned, kinds, strict=True)
    ]


def brief(*kinds: str, repeats: bool = False) -> str:
    (row,) = a_report(*runs("a", *kinds, repeats=repeats)).agents
    return runs_in_brief(row)


def both() -> Report:
    return a_report(*runs("best", "contract", "", ""), *runs("again", "", "timeout", "", repeats=True))


def test_in_brief() -> None:
    assert brief("contract", "", "exit_code") == (
        "attempt 2 of 3 selected; others: 1 failed (contract), 1 partial (exit_code)"
    )
    assert brief("contract", "timeout") == "none of 2 attempts ended well: 1 failed (contract), 1 failed (timeout)"
    assert brief("contract") == "none of 1 attempts ended well: 1 failed (contract)"
    assert (
        brief("", *["contract"] * 7, "exit_code")
        == "attempt 1 of 9 selected; others: 7 failed (contract), 1 partial (exit_code)"
    )
    assert brief("", "timeout", "", repeats=True) == "repetitions: 2 of 3 passed, 67 % (95 % interval: 21 to 94 %)"
    assert runs_in_brief(a_result("plain")) == ""


def test_the_terminal_tells_it_below_the_row() -> None:
    text = "\n".join(line.text for line in summary_lines(both(), width=100))
    assert "repetition 2: because of timeout\n          repetitions: 2 of 3 passed" in text
    assert (
        " success  best   codex         4.5s     3000 tok\n          attempt 2 of 3 selected; others: 1 failed" in text
    )


def test_show_tells_what_each_run_did_and_cost() -> None:
    again, best = both().agents
    text = "\n".join(line.text for line in show_lines(best))
    assert "Attempts\n  [1] failed (contract); 1 path, 12 lines; 1.5s, 1000 tok, $0.50\n" in text
    assert "        contract: because of contract\n        lost: attempt 2 ended success, this one failed\n" in text
    assert "  [2] success; selected; 1 path, 12 lines;" in text
    assert "Runs: 2 of 3 passed, 67 % (95 % interval: 21 to 94 %)\n  [1] success; shown;" in "\n".join(
        line.text for line in show_lines(again)
    )


def test_markdown_has_a_table_of_them() -> None:
    text = MarkdownReport().render(both())
    assert "| best | 2 | **success, selected** | 1 path, 12 lines | 1.5s, 1000 tok, $0.50 | – |" in text
    assert "| best | 3 | success | 1 path, 12 lines | 1.5s, 1000 tok, $0.50 | it is as good as attempt 2" in text
    assert "again: 2 of 3 passed, 67 % (95 % interval: 21 to 94 %)." in text
    assert "Attempts" not in MarkdownReport().render(a_report())
