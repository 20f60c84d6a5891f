"""`subagents baseline`, as a person uses it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from builders import a_report, a_result
from click.testing import CliRunner, Result

from pytest_subagents.cli.main import commands
from pytest_subagents.model.report import Report
from pytest_subagents.model.verdict import Finding
from pytest_subagents.reports.json_report import JsonReport

REPORT = "artifacts/subagents/report.json"
BASELINE = "subagents.baseline.json"
ONE, TWO = Finding(severity="low", file="a.py", line=3, title="One"), Finding(severity="high", title="Two")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    leave(a_report(a_result("a", findings=(ONE,))))
    return tmp_path


def leave(report: Report, path: str = REPORT) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(JsonReport().render(report), encoding="utf-8")


def run(*words: str) -> Result:
    return CliRunner().invoke(commands, ["baseline", *words], prog_name="subagents")


def test_the_last_report_becomes_the_baseline_without_its_gates() -> None:
    plain = Path(REPORT).read_bytes()
    leave(a_report(a_result("a", findings=(ONE,)), gates=["failed <= 0"]))
    assert run("update").output == f"{BASELINE}: 1 finding, a new baseline\n"
    assert Path(BASELINE).read_bytes() == plain
    leave(a_report(a_result("a", findings=(TWO,))))
    assert run("update").output == f"{BASELINE}: 1 finding, 1 of them new; 1 no longer in it\n"
    assert run("update", "other.json", "--from", BASELINE).output == "other.json: 1 finding, a new baseline\n"
    assert Path("other.json").read_bytes() == Path(BASELINE).read_bytes()


@pytest.mark.parametrize(
    ("report", "what", "forced"),
    [
        (replace(a_report(a_result("a")), complete=False), "the run was cut short, so its report is no baseline", 4),
        (
            a_report(a_result("a"), a_result("b", kind="auth"), deselected=["c"]),
            "1 subagent failed or did not run, and 1 subagent was left out, so it does not hold what the team finds",
            0,
        ),
    ],
)
def test_a_report_that_does_not_hold_all_is_refused(report: Report, what: str, forced: int) -> None:
    leave(report)
    result = run("update")
    assert (result.exit_code, result.stderr.splitlines()[0]) == (4, f"{REPORT}: {what}")
    assert not Path(BASELINE).exists()
    assert run("update", "--force").exit_code == forced


def test_another_file_is_not_replaced() -> None:
    Path("package.json").write_text("{}", encoding="utf-8")
    result = run("update", "package.json")
    assert (result.exit_code, Path("package.json").read_text(encoding="utf-8")) == (4, "{}")
    assert result.stderr.endswith("it is not replaced\n  hint: remove it first\n")
    assert run("update", "x.md").exit_code == 4
    assert run("update", "no/such/x.json", "--from", "none.json").exit_code == 4


def test_without_a_subcommand_it_says_which_there_are() -> None:
    result = run()
    assert (result.exit_code, result.stderr) == (0, "")
    assert "\n  compare  Compare two reports by subagent.\n" in result.output


def test_show_lists_what_is_known() -> None:
    assert run("show").stderr == (
        f"{BASELINE}: there is no baseline\n  hint: make one of the last report: subagents baseline update\n"
    )
    run("update")
    assert run("show").output == (
        f"{BASELINE}: success, 1 subagent: 1 succeeded\nFindings: 1 low\n\n low, a.py:3: One (a)\n"
    )
    assert run("show", "--json").stdout_bytes == Path(BASELINE).read_bytes()


def test_compare_tells_what_broke_as_text_and_as_json() -> None:
    run("update")
    leave(a_report(a_result("a", kind="exit_code", findings=(ONE, TWO))))
    told = run("compare").output.splitlines()
    assert told[:3] == [
        " BROKE  a  success -> partial", "        exit_code: because of exit_code", "        new finding: high, Two",
    ]  # fmt: skip
    found = json.loads(run("compare", "--json").output)
    assert found["format"] == "pytest-subagents/comparison"
    assert [(row["id"], row["change"]) for row in found["agents"]] == [("a", "broke")]
    assert json.loads(run("compare", REPORT, BASELINE, "--json").output)["counts"]["fixed"] == 1
    assert run("compare", BASELINE, BASELINE).output.startswith(" 1 subagent is the same\n")
    assert run("compare", "none.json").exit_code == 4
