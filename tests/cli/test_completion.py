"""What a shell offers when a person presses Tab."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from builders import a_planned, a_report, a_result
from click.shell_completion import ShellComplete
from click.testing import CliRunner
from hostile_report import payloads
from screens import environment

from pytest_subagents.cli.main import ADDRESSES, commands
from pytest_subagents.reports.json_report import JsonReport
from pytest_subagents.transcript.run_directory import RunDirectory


def offered(*words: str) -> list[str]:
    """For the last word, behind the others."""
    *before, incomplete = words
    found = ShellComplete(commands, {}, "subagents", "_SUBAGENTS_COMPLETE").get_completions(before, incomplete)
    return [item.value for item in found if item.type == "plain"]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    agents = "agents: [{id: math, instructions: x}, {id: mill, instructions: x}]\n"
    (tmp_path / "team.subagents.yaml").write_text(agents)
    report = a_report(a_result("app"), a_result("api/v2"))
    (tmp_path / "artifacts/subagents").mkdir(parents=True)
    (tmp_path / "artifacts/subagents/report.json").write_text(JsonReport().render(report))
    return tmp_path


def test_commands_options_ids_runs_files_and_formats_are_offered(place: Path) -> None:
    assert offered("") == sorted(ADDRESSES)
    assert offered("sh") == ["show"]
    assert "--json" in offered("show", "--")
    assert offered("show", "a") == ["api/v2", "app"]
    assert offered("replay", "") == offered("diff", "m") == ["math", "mill"]
    assert offered("logs", "ap") == ["api/v2", "app"]
    assert offered("plan", "") == offered("merge", "") == ["team.subagents.yaml"]
    assert offered("report", "m") == ["markdown", "md"]
    assert offered("schema", "w") == ["workflow"]
    run = RunDirectory.create(place / ".subagents", below=place, started=datetime(2025, 1, 2, tzinfo=UTC))
    assert offered("logs", "app", "--run", "2025") == offered("status", "--run", "") == [run.name]
    run.release()


def test_what_cannot_be_read_offers_nothing_and_says_nothing(place: Path) -> None:
    (place / "artifacts/subagents/report.json").write_text("{")
    (place / "team.subagents.yaml").write_text("agents: [")
    assert offered("show", "") == offered("logs", "") == offered("diff", "") == []


def test_a_name_that_is_not_one_plain_word_is_not_offered(place: Path) -> None:
    """A report is what a pull request brings, and a completion is put into the command line as it stands."""
    odd = [*payloads().values(), "a b", "a;b", "$(id)", "`id`", "-x y", "*"]
    rows = [a_result(planned=a_planned(id, nodeid=f"{number}::x")) for number, id in enumerate(odd)]
    (place / "artifacts/subagents/report.json").write_text(JsonReport().render(a_report(a_result("fine"), *rows)))
    assert offered("show", "") == ["fine"]


@pytest.mark.parametrize("shell", ["bash", "fish", "zsh"])
def test_each_shell_has_a_script(shell: str) -> None:
    result = CliRunner().invoke(commands, ["completion", shell])
    assert result.exit_code == 0
    assert f"_SUBAGENTS_COMPLETE={shell}_complete" in result.stdout
    assert "subagents" in result.stdout


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_bash_completes_with_it(place: Path) -> None:
    script = """
    eval "$(subagents completion bash)"
    COMP_WORDS=(subagents show ap); COMP_CWORD=2; _subagents_completion subagents; echo "${COMPREPLY[@]}"
    """
    env = environment()
    env["PATH"] = f"{Path(sys.executable).parent}:{env['PATH']}"
    done = subprocess.run(["bash", "-c", script], cwd=place, env=env, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("api/v2 app\n", "")
