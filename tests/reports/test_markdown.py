"""report.md: nothing that an agent says is markup in it, and it fits where it goes."""

from __future__ import annotations

import html
import re

import pytest
from builders import a_report, a_result
from hostile_report import a_hostile_report, payloads
from markdown_it import MarkdownIt
from markdown_it.token import Token

from pytest_subagents.model.limits import MARKDOWN_BYTES
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.report import Report
from pytest_subagents.model.result import Diagnostics
from pytest_subagents.model.verdict import Finding
from pytest_subagents.reports.markdown import MarkdownReport

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
HARMLESS = {"text", "strong_open", "strong_close", "softbreak"}


def render(report: Report) -> str:
    return MarkdownReport().render(report)


def parsed(report: Report) -> list[Token]:
    return PARSER.parse(render(report))


def shape(tokens: list[Token]) -> list[tuple[str, int]]:
    return [(token.type, token.level) for token in tokens]


@pytest.mark.parametrize("payload", payloads().values(), ids=payloads())
def test_whatever_an_agent_says_the_document_has_the_same_shape(payload: str) -> None:
    tokens = parsed(a_hostile_report(payload))
    assert shape(tokens) == shape(parsed(a_hostile_report("benign")))
    inline = {child.type for token in tokens for child in token.children or ()}
    assert inline <= HARMLESS
    assert {token.type for token in tokens if "html" in token.type} == set()


@pytest.mark.parametrize("payload", payloads().values(), ids=payloads())
def test_nothing_is_left_for_github_to_link(payload: str) -> None:
    tokens = parsed(a_hostile_report(payload))
    texts = [child.content for token in tokens for child in token.children or () if child.type == "text"]
    assert not [text for text in texts if re.search(r"@\w|#[0-9]|:/|\bwww\.|\bGH-[0-9]", text, re.IGNORECASE)]


def test_text_is_read_as_it_was_said() -> None:
    said = "5 < 6 & a_b *c* | `d` [e](f) \\ ~g~ 1. -"
    row = a_result("a", kind="contract", summary=said, reasons=(Reason(kind="contract", message=said),))
    texts = [child.content for token in parsed(a_report(row)) for child in token.children or ()]
    assert f"contract: {said}" in texts


def test_diagnostics_stand_in_blocks_of_their_own() -> None:
    stderr = "first\n```\n</details>\n    third"
    report = a_report(
        a_result("a", kind="launch", diagnostics=Diagnostics(exit_code=2, stderr_tail=stderr + "\n", line=3))
    )
    tokens = parsed(report)
    assert [token.content for token in tokens if token.type == "fence"] == [stderr + "\n"]
    assert "Seen: exit code 2, line 3 of the transcript." in render(report)


def test_it_fits_into_a_job_summary_and_says_what_it_left_out() -> None:
    noisy = "@*" * 250
    rows = [
        a_result(
            f"agent-{number:05}",
            kind="contract",
            reasons=tuple(Reason(kind="contract", message=noisy) for _ in range(30)),
            violations=2_000,
            findings=tuple(Finding(severity="low", file="a.py", line=line, title=noisy) for line in range(5)),
            diagnostics=Diagnostics(stderr_tail=noisy * 8, excerpt=noisy),
        )
        for number in range(2_000)
    ]
    text = render(a_report(*rows))
    assert len(text.encode()) <= MARKDOWN_BYTES
    told = re.findall(r"… and ([0-9,]+) more (\w+), in report.json.", text)
    assert [noun for _, noun in told] == ["subagents", "subagents", "findings"]
    shown = len(re.findall(r"^\| agent", text, re.MULTILINE))
    assert shown + int(told[0][0].replace(",", "")) == 2_000
    assert "… and 1,980 more reasons" in text


def test_a_thousand_findings_are_listed_and_the_others_counted() -> None:
    found = tuple(Finding(severity="info", file="a.py", line=line, title="t") for line in range(50_000))
    text = render(a_report(a_result("a", findings=found)))
    assert "In all: 50,000 info." in text
    assert "… and 49,000 more findings, in report.json." in text


def test_a_run_cut_short_and_failed_gates_are_in_the_headline() -> None:
    text = html.unescape(render(a_report(a_result("a"), cut_short=True, gates=["success <= 0"])))
    assert text.startswith("# Subagents: success, but 1 gate failed\n")
    assert "1 subagent: 1 succeeded; 1 gate failed. The run was cut short, so this is not all of it." in text
    assert "| success <= 0 | 1 | **failed** |" in text
