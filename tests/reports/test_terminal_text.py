"""The section at the end of a run, and the message of one failure."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from builders import a_planned, a_report, a_result, a_team
from hostile_report import a_hostile_report, payloads

from pytest_subagents.model.outcome import Usage
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.report import Report
from pytest_subagents.model.result import Result
from pytest_subagents.reports.cells import cells
from pytest_subagents.reports.line import Line
from pytest_subagents.reports.terminal_text import failure_lines, summary_lines

REPORT = "artifacts/subagents/report.json"


def texts(report: Report, **keywords: object) -> list[str]:
    return [line.text for line in summary_lines(report, **{"written": [REPORT], **keywords})]  # type: ignore[arg-type]


def one_with(start: str, lines: list[str]) -> str:
    (line,) = [line for line in lines if line.startswith(start)]
    return line


def test_a_line_for_each_subagent_the_worst_first_and_its_reason_below() -> None:
    assert texts(a_report())[:8] == [
        " FAILED   app        codex        12.0s      980 tok",
        "          (+1 more) contract at /findings/0/severity, line 12: 'severe' is not",
        "          one of 'high', 'low'",
        " NOT RUN  release    codex            –        –",
        "          dependency: needs 'app', which failed (contract)",
        " PARTIAL  element    codex        3m06s   128.4k tok",
        "          exit_code: it exited with 3",
        " expected known-bad  claude           –        –  (failed)",
    ]


def test_the_style_of_a_row_is_how_it_counts() -> None:
    lines = summary_lines(a_report())
    rows = [line for line in lines[: lines.index(Line())] if not line.text.startswith("  ")]
    assert [line.style for line in rows] == ["failed", "not_run", "partial", "expected", "success"]


@pytest.mark.parametrize("payload", payloads().values(), ids=payloads())
@pytest.mark.parametrize("width", [20, 80, 200])
def test_reasons_fit_and_no_line_holds_a_line_feed(payload: str, width: int) -> None:
    lines = texts(a_hostile_report(payload), width=width)
    assert not [line for line in lines if "\n" in line]
    reasons = [line for line in lines if re.match(r" {10}\S", line)]
    assert len(reasons) >= 3
    assert max(map(cells, reasons)) <= max(width, 40)


@pytest.mark.parametrize("id", ["a", "x" * 30, "x" * 60, "x" * 200, "你" * 40])
def test_an_id_is_never_cut_and_the_numbers_that_have_room_stay(id: str) -> None:
    used = Usage(input_tokens=10, output_tokens=5)
    row = texts(a_report(a_result(id, runtime_ms=380, usage=used)))[0]
    assert id in row
    assert ("codex" in row, "380ms" in row) == (cells(id) < 45, cells(id) < 62)


def test_all_rows_have_the_same_columns_but_those_of_ids_beyond_measure() -> None:
    ids = ("folder/short", "folder/" + "x" * 33, "x" * 60)
    used = Usage(input_tokens=10_000, output_tokens=5)
    rows = texts(a_report(*(a_result(id, runtime_ms=380, usage=used) for id in ids)))[:3]
    assert {row.index("380ms") for row in rows[:2]} == {54}
    assert not [row for row in rows if "codex" in row]
    assert "380ms" in rows[2]
    wide = texts(a_report(*(a_result(id, runtime_ms=380, usage=used) for id in ids)), width=120)[:3]
    assert {row.index("380ms") for row in wide} == {85}
    assert all("codex" in row for row in wide)


def test_where_there_are_many_those_that_did_well_are_counted() -> None:
    rows = [a_result(f"ok-{number:04}") for number in range(1_000)]
    rows += [a_result(f"bad-{number:04}", kind="auth") for number in range(3)]
    lines = texts(a_report(*rows))
    assert len(lines) < 20
    assert " and 1,000 more, all of them well" in lines
    assert one_with(" Subagents", lines) == " Subagents  1,000 succeeded, 3 failed (1,003)"


def test_where_too_many_did_badly_they_are_counted_too() -> None:
    rows = [a_result(f"bad-{number:04}", kind="auth") for number in range(60)] + [a_result("ok")]
    assert " and 51 more, 50 of them not well: subagents show --failed" in texts(a_report(*rows))
    assert " and 51 more, 50 of them not well" in texts(a_report(*rows), written=[])
    assert len([line for line in texts(a_report(*rows), whole=True) if line.startswith(" FAILED")]) == 60


def test_sums_are_told_with_what_they_leave_out() -> None:
    assert one_with(" Usage", texts(a_report(a_result()))) == " Usage      not reported"
    full = a_result("a", runtime_ms=61_000, usage=Usage(input_tokens=9_000, output_tokens=999))
    assert one_with(" Usage", texts(a_report(full))) == " Usage      9999 tokens, 1m01s"
    assert one_with(" Usage", texts(a_report(full, a_result("b", kind="stopped")))) == " Usage      9999 tokens, 1m01s"
    part = one_with(" Usage", texts(a_report(full, a_result("b"))))
    assert part == " Usage      9999 tokens, 1m01s; not all of it was reported"


def test_gates_are_told_with_what_they_met() -> None:
    lines = texts(a_report(a_result(), gates=["failed <= 0", "tokens <= 400k"]))
    start = lines.index(" Gates      failed <= 0     passed (0)")
    assert lines[start + 1] == "            tokens <= 400k  FAILED (not known)"


def test_deselected_subagents_and_a_run_cut_short_are_told() -> None:
    lines = texts(a_report(a_result(), deselected=["x", "y"], cut_short=True))
    assert one_with(" Subagents", lines) == " Subagents  1 succeeded (1); 2 deselected"
    assert "            The run was cut short, so this is not all of it" in lines


@pytest.mark.parametrize(
    ("results", "written", "command"),
    [
        ([a_result("a"), a_result("b")], REPORT, "subagents show a"),
        ([a_result("a"), a_result("b", kind="auth")], REPORT, "subagents show b"),
        ([a_result("a")], "out/my report.json", "subagents show --report 'out/my report.json' a"),
        ([a_result("a b")], REPORT, "subagents show 'a b'"),
        ([a_result("-x")], REPORT, "subagents show -- -x"),
        ([a_result("a\n\x1b")], REPORT, "subagents show 'a\\n\\x1b'"),
        (
            [a_result("a"), a_result(planned=a_planned("a", nodeid="b.yaml::a"), kind="auth")],
            REPORT,
            "subagents show b.yaml::a",
        ),
    ],
)
def test_the_next_command_shows_what_needs_attention_first(results: list[Result], written: str, command: str) -> None:
    assert one_with(" More", texts(a_report(*results), written=[written])) == f" More       {command}"


def test_without_a_file_there_is_no_command_that_reads_it() -> None:
    lines = texts(a_report(), written=[])
    assert not [line for line in lines if line.startswith((" Report", " More"))]


def test_paths_are_escaped() -> None:
    lines = texts(a_report(), written=["out\x1b[2J/report.json"])
    assert r" Report     out\x1b[2J/report.json" in lines
    assert not [line for line in lines if "\x1b" in line]


def test_who_went_beyond_a_scope_is_named_with_the_command_that_says_how() -> None:
    beyond = [a_planned(f"a{number}") for number in range(7)]
    report = a_report(*(a_result(planned=planned) for planned in beyond))
    assert one_with(" Scopes", texts(report, beyond=beyond[:1])) == (
        " Scopes     a0 read or wrote beyond its scope: subagents show a0"
    )
    assert one_with(" Scopes", texts(report, beyond=beyond)) == (
        " Scopes     a0, a1, a2, a3, a4 and 2 more read or wrote beyond their scope: subagents show a0"
    )
    assert not [line for line in texts(report) if line.startswith(" Scopes")]


def test_missing_recordings_are_told_with_the_command_only_where_it_exists() -> None:
    report = a_report(*(a_result(id, kind="missing_recording") for id in "abc"), a_result("d"))
    command = " Record     pytest --subagents --subagents-mode=once -n 3"
    assert command in texts(report, can_record=True)
    assert not [line for line in texts(report) if line.startswith(" Record")]
    assert not [line for line in texts(a_report(), can_record=True) if line.startswith(" Record")]
    # a transcript of a folder, whose metadata is broken
    planned = replace(a_planned("runs/a"), nodeid="runs/a.jsonl::a")
    found = a_report(a_result(planned=planned, kind="missing_recording"))
    assert not [line for line in texts(found, can_record=True) if line.startswith(" Record")]


def test_a_failure_tells_every_reason_its_hint_and_the_command_for_more() -> None:
    row = a_team()[1]
    assert failure_lines(row) == (
        "exit_code: it exited with 3",
        "  hint: look at its standard error",
        "exit code 3",
        "stderr: error: lost the connection",
        "more: subagents show element",
    )
    assert failure_lines(row, report="out/x.json")[-1] == "more: subagents show --report out/x.json element"


def test_of_many_reasons_the_first_are_told() -> None:
    reasons = tuple(Reason(kind="contract", message="m" * 600, at=f"/{number}") for number in range(100))
    lines = failure_lines(a_result("a", status="failed", reasons=reasons))
    assert len(lines) == 22
    assert lines[0] == f"contract at /0: {'m' * 500}… (100 more characters)"
    assert lines[-2:] == ("(and 80 more reasons)", "more: subagents show a")


def test_a_failure_without_a_reason_is_told_by_its_status() -> None:
    assert failure_lines(a_result("a", status="failed")) == ("failed", "more: subagents show a")
