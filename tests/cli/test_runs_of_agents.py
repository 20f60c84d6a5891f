"""The command where an agent runs several times: times of its recordings, importing one, showing one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from builders import a_planned, a_report, a_result
from click.testing import CliRunner, Result
from team import ANSWER, as_jsonl, codex_lines

from pytest_subagents.cli.main import commands
from pytest_subagents.model.attempts import AttemptOf
from pytest_subagents.reports.json_report import JsonReport


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    text = "workflow: {name: team}\nagents:\n  - {id: math, vendor: codex, attempts: 3}\n  - {id: one, vendor: codex}\n"
    (tmp_path / "subagents.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(commands, list(words), prog_name="subagents")


def test_the_estimate_is_the_median_of_what_was_recorded(folder: Path) -> None:
    for number, milliseconds in ((1, 900), (2, 100), (3, 300)):
        path = folder / f"recordings/team/math/{number}.meta.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"runtime_ms": milliseconds}), encoding="utf-8")
    first = json.loads(run("plan", "--json").stdout)["estimates"][0]
    assert first == {"id": "math", "milliseconds": 300, "source": "recording", "runs": 3}


def test_one_run_is_imported_by_its_number(folder: Path) -> None:
    (folder / "old.jsonl").write_text(as_jsonl(codex_lines(ANSWER)), encoding="utf-8")
    known = ("--workflow", "subagents.yaml")
    assert run("import", "old.jsonl", "--agent", "math[2]", *known).exit_code == 0
    assert (folder / "recordings/team/math/2.jsonl").is_file()
    for agent, said in (("math", "'math' runs 3 times"), ("math[4]", "runs 3 times"), ("one[1]", "'one' runs once")):
        result = run("import", "old.jsonl", "--agent", agent, *known)
        assert result.exit_code == 4
        assert said in result.stderr


def test_a_run_is_shown_with_its_row(folder: Path) -> None:
    nodeid = "subagents.yaml::math"
    runs = [
        a_result(planned=a_planned(nodeid=f"{nodeid}[{number}]", attempt=AttemptOf(row=nodeid, number=number, count=2)))
        for number in (1, 2)
    ]
    (folder / "artifacts/subagents").mkdir(parents=True)
    (folder / "artifacts/subagents/report.json").write_text(JsonReport().render(a_report(*runs)), encoding="utf-8")
    shown = run("show", "math").stdout
    assert "  [2] success\n" in shown
    assert run("show", "math[2]").stdout == run("show", f"{nodeid}[1]").stdout == shown
    assert run("show", "math[3]").exit_code == 4
