"""`--subagents-baseline`, as a person uses it, and what is refused before anything runs."""

from __future__ import annotations

import json
import shutil
from typing import Any

import pytest
from team import DISTRIBUTIONS, Team

GATE = "--subagents-gate=new_findings <= 0"
BASELINE = "--subagents-baseline=subagents.baseline.json"


def answer(*titles: str, line: int = 1) -> dict[str, Any]:
    found = [{"title": title, "severity": "low", "file": "a.py", "line": line} for title in titles]
    return {"status": "success", "summary": "s", "findings": found}


@pytest.fixture
def two(team: Team) -> Team:
    team.workflow("id: a, instructions: Look., task: Look", "id: b, instructions: Read., task: Read")
    team.record("team/a", answer("one", "two"))
    team.record("team/b", answer("three"))
    assert team.run("-p", "no:xdist").ret == 0
    shutil.copy(team.path / "artifacts/subagents/report.json", team.path / "subagents.baseline.json")
    return team


@pytest.mark.parametrize("how", DISTRIBUTIONS)
def test_a_new_finding_fails_the_gate_and_the_report_names_it(two: Team, how: list[str]) -> None:
    two.record("team/a", answer("Two.", "four", line=7))
    result = two.run(BASELINE, GATE, "--subagents-gate=new_findings.high <= 0", *how)
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        [
            " Baseline   1 new (1 low), 2 known, 1 fixed",
            "            new: low, a.py:7: four (a)",
            " Gates      new_findings <= 0       FAILED (1)",
            "            new_findings.high <= 0  passed (0)",
        ]
    )
    report = two.report()
    assert report["baseline"]["counts"] == {"new": 1, "known": 2, "fixed": 1, "unchecked": 0}
    assert {each["title"]: each["state"] for each in report["findings"]} == {
        "four": "new", "Two.": "known", "three": "known",
    }  # fmt: skip


def test_without_it_no_byte_is_different_and_the_gate_does_not_pass(two: Team) -> None:
    result = two.run(GATE)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["warning: the gate 'new_findings <= 0' cannot pass without --subagents-baseline"])
    plain = json.loads((two.path / "subagents.baseline.json").read_text(encoding="utf-8"))
    assert {**two.report(), "gates": []} == plain


def test_the_last_report_is_one_and_the_ini_file_names_it_from_the_rootdir(two: Team) -> None:
    """It is read before it is written anew."""
    two.write("pytest.ini", "[pytest]\nsubagents_baseline = artifacts/subagents/report.json\n")
    two.record("team/b", answer("three", "four"))
    (two.path / "sub").mkdir()
    first = two.pytester.run(
        "sh", "-c", f"cd sub && {two.pytester._getpytestargs()[0]} -m pytest --subagents .. '{GATE}'"
    )
    assert first.ret == 1
    assert two.report()["baseline"]["counts"]["new"] == 1
    assert two.run(GATE).ret == 0
    assert two.report()["baseline"]["counts"] == {"new": 0, "known": 4, "fixed": 0, "unchecked": 0}


def test_who_is_not_selected_has_fixed_nothing(two: Team) -> None:
    assert two.run(BASELINE, GATE, "subagents.yaml::a").ret == 0
    assert two.report()["baseline"]["counts"] == {"new": 0, "known": 2, "fixed": 0, "unchecked": 1}


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        (lambda path: path.unlink(), "there is no baseline"),
        (lambda path: path.write_text(path.read_text()[:-40]), "it is no report of this version: *"),
        (lambda path: path.write_text(""), "it is no report of this version: *"),
        (lambda path: path.write_text('{"format": "sarif"}'), "it is no report of pytest-subagents"),
        (lambda path: path.write_text(path.read_text().replace('"version": 1', '"version": 2')), "*of version 2, *"),
        (
            lambda path: path.write_text(path.read_text().replace('"complete": true', '"complete": false')),
            "it is the report of a run that was cut short, which is no baseline",
        ),
        (lambda path: (path.unlink(), path.mkdir()), "it is no file"),
    ],
)
def test_what_is_no_baseline_is_a_usage_error_before_anything_runs(two: Team, spoil: Any, what: str) -> None:
    """In this process: nothing of it depends on who runs the items, as `test_a_foreign_one` does."""
    (two.path / "artifacts/subagents/report.json").unlink()
    spoil(two.path / "subagents.baseline.json")
    result = two.pytester.runpytest_inprocess("--subagents", "-p", "no:xdist", BASELINE)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: subagents.baseline.json: {what}", "  hint: *"] if "file" not in what else [])
    assert not (two.path / "artifacts/subagents/report.json").exists()


@pytest.mark.parametrize("how", DISTRIBUTIONS)
def test_a_foreign_one_is_a_usage_error_before_anything_runs(two: Team, how: list[str]) -> None:
    (two.path / "artifacts/subagents/report.json").unlink()
    two.workflow("id: c, instructions: Other.")
    two.write("test_it.py", "def test_it(): raise AssertionError('it ran')\n")
    result = two.run(BASELINE, *how)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["ERROR: *subagents.baseline.json: no subagent of this run is in the baseline"])
    assert "it ran" not in result.stdout.str()
    assert not (two.path / "artifacts/subagents/report.json").exists()


def test_a_snapshot_does_not_see_it(two: Team) -> None:
    two.with_plugins("syrupy")
    assert two.run("--subagents-snapshot", "--snapshot-update").ret == 0
    assert two.run("--subagents-snapshot", BASELINE).ret == 0
