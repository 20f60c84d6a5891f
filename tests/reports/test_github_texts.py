"""Annotations that no agent can forge or stop, and a summary that the runner takes."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from builders import a_report, a_result
from golden_reports import ANNOTATIONS, the_report
from hostile_report import a_hostile_report, payloads
from hypothesis import given, settings
from hypothesis import strategies as st
from report_strategies import tallies

from pytest_subagents.aggregate.baseline import against
from pytest_subagents.aggregate.report import report_of
from pytest_subagents.gate import judge_gates, parse_gate
from pytest_subagents.model.limits import STEP_ANNOTATIONS, STEP_SUMMARY_BYTES
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.report import GateResult, Report
from pytest_subagents.model.verdict import Finding
from pytest_subagents.reports.escape import terminal, workflow_data, workflow_property
from pytest_subagents.reports.github import annotation_lines, step_summary
from pytest_subagents.reports.markdown import MarkdownReport

texts = st.text(st.characters(), max_size=40) | st.sampled_from(list(payloads().values()))


def runner_reads(line: str) -> tuple[str, dict[str, str], str] | None:
    """What the runner of GitHub Actions makes of a line of a log: a command, its properties, what it says."""
    line = line.lstrip()
    if not line.startswith("::") or "::" not in line[2:]:
        return None
    head, _, data = line[2:].partition("::")
    command, _, rest = head.partition(" ")
    pairs = (pair.split("=", 1) for pair in rest.split(",") if "=" in pair)
    return command, {key.strip(): _decoded(value, "\r\n:,%") for key, value in pairs}, _decoded(data, "\r\n%")


def _decoded(text: str, signs: str) -> str:
    for sign in signs:
        text = text.replace(f"%{ord(sign):02X}", sign)
    return text


def read(report: Report) -> list[tuple[str, dict[str, str], str]]:
    found = [runner_reads(line) for line in annotation_lines(report)]
    assert None not in found
    return [each for each in found if each is not None]


def test_the_commands_are_those_of_the_golden_file() -> None:
    text = "".join(f"{line}\n" for line in annotation_lines(the_report()))
    assert text == ANNOTATIONS.read_bytes().decode("utf-8")


@given(texts, texts)
def test_the_runner_reads_back_what_was_escaped_and_nothing_else(title: str, text: str) -> None:
    line = f"::error file=a.py,title={workflow_property(title)}::{workflow_data(text)}"
    assert len(line.splitlines()) == 1
    assert runner_reads(line) == ("error", {"file": "a.py", "title": terminal(title)}, terminal(text))
    assert "##[" not in line


@pytest.mark.parametrize("payload", payloads().values(), ids=payloads())
def test_no_payload_adds_a_command_a_property_or_a_line(payload: str) -> None:
    found, benign = read(a_hostile_report(payload)), read(a_hostile_report("benign"))
    assert [command for command, _, _ in found] == [command for command, _, _ in benign]
    assert {key for _, properties, _ in found for key in properties} <= {"file", "line", "title"}
    for line in annotation_lines(a_hostile_report(payload)):
        assert re.match("::(error|warning) ", line)
        assert line.isprintable() or not set(line) & set(map(chr, range(32)))
        assert len(line) < 3_000


@settings(max_examples=40)
@given(tallies)
def test_every_report_gives_at_most_as_many_as_github_shows(tally: object) -> None:
    found = read(report_of(tally))  # type: ignore[arg-type]
    for level in ("error", "warning"):
        assert sum(command == level for command, _, _ in found) <= STEP_ANNOTATIONS


def test_of_more_than_github_shows_the_last_one_counts_the_others() -> None:
    rows = [a_result(f"s{number:02}", kind="contract") for number in range(25)]
    rows += [a_result(f"t{number:02}", kind="stopped") for number in range(STEP_ANNOTATIONS)]
    found = read(a_report(*rows))
    errors = [text for command, _, text in found if command == "error"]
    assert len(errors) == STEP_ANNOTATIONS
    assert errors[-1] == "16 more errors: see the job summary, or report.json"
    assert len(found) == 2 * STEP_ANNOTATIONS
    assert "more warnings" not in found[-1][2]


def test_what_fails_the_job_is_an_error_and_the_rest_a_warning() -> None:
    rows = (
        a_result("waits", kind="review"),
        a_result("half", kind="incomplete"),
        a_result("known", kind="contract", expected=True),
        a_result("bad", status="failed", reasons=(Reason(kind="scope", message="it changed it", at="src/x.py"),)),
    )
    assert [
        (command, properties.get("file"), properties["title"]) for command, properties, _ in read(a_report(*rows))
    ] == [
        ("error", "src/x.py", "bad: failed (scope)"),
        ("error", "subagents.yaml", "waits: partial (review)"),
        ("warning", "subagents.yaml", "half: partial (incomplete)"),
    ]


@pytest.mark.parametrize(
    ("gates", "levels"),
    [
        ((), ["warning", "warning"]),
        (("findings.medium <= 0",), ["error", "error", "warning", "warning"]),
        (("findings.high <= 5",), ["warning", "warning"]),
        (("findings <= 1",), ["error", "error", "error", "error", "error"]),
        (("new_findings <= 0",), ["error", "warning", "warning"]),
    ],
)
def test_findings_are_errors_where_a_failed_gate_counts_them(gates: tuple[str, ...], levels: list[str]) -> None:
    severities = ("critical", "high", "medium", "low")
    row = a_result("a", findings=tuple(Finding(severity=word, file="a.py", line=2, title=word) for word in severities))
    assert [command for command, _, _ in read(a_report(row, gates=gates))] == levels


@pytest.mark.parametrize(
    ("gates", "said"),
    [
        ((), [("warning", "new")]),
        (("new_findings <= 0",), [("error", "Gate"), ("error", "new")]),
        (("new_findings.high <= 0",), [("error", "Gate"), ("error", "new")]),
        (("new_findings.low <= 0",), [("warning", "new")]),
        (("findings.high <= 0",), [("error", "Gate"), ("error", "known"), ("error", "new")]),
    ],
)
def test_against_a_baseline_only_new_findings_are_told_unless_a_gate_counts_all(
    gates: tuple[str, ...], said: list[tuple[str, str]]
) -> None:
    before = a_report(a_result("a", findings=(Finding(severity="high", file="a.py", title="known"),)))
    titles = [Finding(severity="high", file="a.py", title=title) for title in ("known", "new")]
    report = against(a_report(a_result("a", findings=tuple(titles))), before)
    report = replace(report, gates=judge_gates(report, [parse_gate(gate) for gate in gates]))
    told = [(command, "Gate" if "Gate" in facts["title"] else text) for command, facts, text in read(report)]
    assert told == said


def test_a_finding_outside_of_the_repository_names_no_file() -> None:
    row = a_result("a", findings=(Finding(severity="high", file="../../etc/passwd", line=2, title="x"),))
    assert read(a_report(row)) == [("warning", {"title": "high finding of a"}, "x (../../etc/passwd:2)")]


@pytest.mark.parametrize("room", [STEP_SUMMARY_BYTES, 2_000, 1_200, 700, 200, 0, -5])
def test_a_summary_fits_and_is_cut_between_lines_and_blocks(room: int) -> None:
    whole = MarkdownReport().render(the_report())
    text = step_summary(the_report(), room=room, rest="artifacts/subagents/report.json")
    assert len(text.encode("utf-8")) <= max(room, 0)
    if room == STEP_SUMMARY_BYTES:
        assert text == whole
    elif text:
        kept, note, _ = text.rpartition("\n… and more than a job summary holds")
        assert note
        assert whole.startswith(kept)
        assert kept.endswith("\n")
        assert kept.count("```") % 2 == 0
    else:
        assert room < len("# Subagents: partial\n") + 100


def test_a_block_is_left_out_as_a_whole() -> None:
    report = replace(the_report(), gates=(GateResult(expression="`" * 9, actual=1, passed=False),))
    lengths = {len(step_summary(report, room=room, rest="r")) for room in range(1_500, 2_100, 20)}
    for room in range(1_500, 2_100, 20):
        assert step_summary(report, room=room, rest="r").count("```") % 2 == 0
    assert len(lengths) > 5
