"""What pytest's ini file says, the command goes by too."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from builders import a_report, a_result
from click.testing import CliRunner, Result

from pytest_subagents.cli.ini_file import IniFile
from pytest_subagents.cli.main import commands
from pytest_subagents.errors import BadUsage
from pytest_subagents.reports.json_report import JsonReport

INI = "[{section}]\nsubagents_stale = warn\nsubagents_files =\n    a.yaml\n    b.yaml\n"
TOML = '[{section}]\nsubagents_stale = "warn"\nsubagents_files = ["a.yaml", "b.yaml"]\n'


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("CONTRACT", "STALE", "PARTIAL", "FILES", "RUN_DIR", "REPORT_DIR"):
        monkeypatch.delenv(f"SUBAGENTS_{name}", raising=False)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pytest.ini", INI.format(section="pytest")),
        (".pytest.ini", INI.format(section="pytest")),
        ("tox.ini", INI.format(section="pytest")),
        ("setup.cfg", INI.format(section="tool:pytest")),
        ("pytest.toml", TOML.format(section="pytest")),
        ("pyproject.toml", TOML.format(section="tool.pytest")),
        ("pyproject.toml", TOML.format(section="tool.pytest.ini_options")),
    ],
)
def test_every_file_of_pytests_is_read(place: Path, name: str, text: str) -> None:
    (place / name).write_text(text)
    found = IniFile.of(place)
    assert (found.text("stale"), found.text("partial"), found.lines("files")) == ("warn", None, ("a.yaml", "b.yaml"))


def test_the_first_that_speaks_of_pytest_is_the_one(place: Path) -> None:
    (place / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    (place / "tox.ini").write_text("[pytest]\nsubagents_stale = warn\n")
    assert IniFile.of(place).text("stale") == "warn"
    (place / "pytest.ini").write_text("")
    assert IniFile.of(place).text("stale") is None


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("pytest.ini", "[pytest]\nsubagents_stale = wran\n", "ini subagents_stale: 'wran' is not a choice"),
        ("pytest.ini", "stale\n", "pytest.ini: it cannot be read as pytest reads it"),
        ("pyproject.toml", "[tool", "pyproject.toml: it cannot be read as pytest reads it"),
        ("pyproject.toml", "tool = 1", "pyproject.toml: it cannot be read as pytest reads it"),
        ("pytest.toml", "[pytest]\nsubagents_stale = 1\n", "ini subagents_stale: it is no text"),
    ],
)
def test_a_file_that_is_wrong_is_told(place: Path, name: str, text: str, said: str) -> None:
    (place / name).write_text(text)
    with pytest.raises(BadUsage, match=f"^{re.escape(said)}"):
        IniFile.of(place).text("stale")


def run(*words: str) -> Result:
    return CliRunner().invoke(commands, words, prog_name="subagents")


def test_a_damaged_file_is_in_nobodys_way_who_asks_for_help(place: Path) -> None:
    (place / "pyproject.toml").write_text("[tool")
    assert run("show").exit_code == 4
    assert run("show", "--help").exit_code == run("schema").exit_code == run("init").exit_code == 0


def test_files_policies_and_folders_are_those_of_the_ini_file(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "pytest.ini").write_text(
        "[pytest]\nsubagents_files = ci/*.yaml\nsubagents_stale = warn\nsubagents_partial = fail\n"
        "subagents_report_dir = out\nsubagents_run_dir = runs\n"
    )
    (place / "ci").mkdir()
    (place / "ci/team.yaml").write_text("agents: [{id: math, instructions: Look.}]\n")
    (place / "subagents.yaml").write_text("agents: [{id: other, instructions: Look.}]\n")
    (place / "ci/recordings/team").mkdir(parents=True)
    answer = {"status": "partial", "summary": "Half.", "findings": []}
    events = ({"type": "subagents.message", "text": answer}, {"type": "subagents.end", "ok": True})
    (place / "ci/recordings/team/math.jsonl").write_text("".join(json.dumps(event) + "\n" for event in events))
    (place / "ci/recordings/team/math.meta.json").write_text('{"digests": {"instructions": "sha256:0"}}')
    result = run("replay", "math")
    assert (result.exit_code, "math: partial" in result.stdout) == (1, True), result.output
    assert run("replay", "math", "--partial", "pass").exit_code == 0
    monkeypatch.setenv("SUBAGENTS_PARTIAL", "pass")
    assert run("replay", "math").exit_code == 0
    monkeypatch.setenv("SUBAGENTS_STALE", "fail")
    assert run("replay", "math").exit_code == 1
    assert "no workflow file declares 'other'" in run("replay", "other").stderr
    assert json.loads(run("plan", "--json").stdout)["waves"] == [["math"]]
    (place / "out").mkdir()
    (place / "out/report.json").write_text(JsonReport().render(a_report(a_result("math"))))
    assert run("show", "math").exit_code == 0
    assert "runs: there is no live run here" in run("status").stderr
