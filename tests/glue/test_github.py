"""In GitHub Actions a run adds to the summary of its job, once, and annotates; elsewhere nothing of that happens."""

from __future__ import annotations

from pathlib import Path

import pytest
from team import ANSWER, DISTRIBUTIONS, Team

BAD = "Ends here\n::error::forged\n##[error]forged"


@pytest.fixture
def job(team: Team, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The summary file of a step that has said something before."""
    team.workflow("id: bad, vendor: codex", "id: good, vendor: codex")
    team.record("team/bad", BAD)
    team.record(
        "team/good", {**ANSWER, "findings": [{"severity": "high", "file": "a.py", "line": 3, "title": "Leaks"}]}
    )
    summary = tmp_path_factory.mktemp("runner") / "summary.md"
    summary.write_text("Earlier.\n", encoding="utf-8")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    return summary


def commands(result: pytest.RunResult) -> list[str]:
    return [line for line in result.outlines if line.lstrip().startswith("::") or "##[" in line]


@pytest.mark.parametrize("how", DISTRIBUTIONS)
def test_a_job_gets_a_summary_and_annotations_once(team: Team, job: Path, how: list[str]) -> None:
    result = team.run(*how, "--subagents-report=x.md")
    assert result.ret == 1
    error, warning = commands(result)
    assert error.startswith("::error file=subagents.yaml,title=bad%3A failed (not_json)::")
    assert warning == "::warning file=a.py,line=3,title=high finding of good::Leaks"
    assert job.read_text(encoding="utf-8") == "Earlier.\n" + (team.path / "x.md").read_text(encoding="utf-8")


def test_it_can_be_switched_off_and_needs_both_variables(
    team: Team, job: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = team.run("-o", "subagents_github=off")
    assert commands(result) == []
    result.stdout.fnmatch_lines(["subagents: *github=off (ini subagents_github)*"])
    bad = team.run("-o", "subagents_github=on")
    assert bad.ret == pytest.ExitCode.USAGE_ERROR
    bad.stderr.fnmatch_lines(["*ini subagents_github: 'on' is not a choice*"])
    monkeypatch.delenv("GITHUB_ACTIONS")
    assert commands(team.run()) == []
    assert job.read_text(encoding="utf-8") == "Earlier.\n"


def test_a_summary_that_cannot_be_written_is_a_warning(team: Team, job: Path) -> None:
    job.unlink()
    job.mkdir()
    result = team.run("subagents.yaml::good")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["warning: GITHUB_STEP_SUMMARY: the report cannot be added to it: Is a directory"])


@pytest.mark.parametrize(("workspace", "before"), [("", ""), (".", "{name}/"), ("elsewhere", "")])
def test_paths_are_from_the_checkout_of_the_repository(
    team: Team, job: Path, monkeypatch: pytest.MonkeyPatch, workspace: str, before: str
) -> None:
    monkeypatch.setenv("GITHUB_WORKSPACE", str(team.path.parent / workspace) if workspace else "")
    (warning,) = commands(team.run("subagents.yaml::good"))
    assert warning.startswith(f"::warning file={before.format(name=team.path.name)}a.py,line=3,")


def test_without_a_report_there_is_nothing_to_say(team: Team, job: Path) -> None:
    team.write("test_plain.py", "def test_plain(): pass\n")
    assert commands(team.run("test_plain.py")) == []
    assert commands(team.run("--collect-only")) == []
    assert job.read_text(encoding="utf-8") == "Earlier.\n"
