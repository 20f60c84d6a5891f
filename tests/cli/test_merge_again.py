"""`subagents merge --apply` has the next resume run those again that conflicted."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from merge_project import Project
from merging import TEN

from pytest_subagents.transcript.again import Again, read_again
from pytest_subagents.transcript.run_directory import RunDirectory

MARK = "subagents.yaml::"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = Project(tmp_path)
    monkeypatch.chdir(made.path)
    made.agent("one", {"ten.txt": TEN.replace("line 1\n", "one\n")})
    made.agent("two", {"ten.txt": TEN.replace("line 1\n", "two\n")})
    made.agent("three", {"new.txt": "x\n"})
    made.finish()
    return made


def run_of(project: Project) -> RunDirectory:
    found = RunDirectory.create(project.path / ".subagents", below=project.path, started=datetime.now(UTC))
    found.release()
    return found


def test_an_applied_merge_is_gone_on_with(project: Project) -> None:
    run = run_of(project)
    project.untouched()
    assert not read_again([run]), "a dry run leaves nothing"
    told = project.run("--apply").stdout
    assert "`pytest --subagents --subagents-mode=once --subagents-resume` runs two again from what merged" in told
    assert read_again([run]) == {f"{MARK}two": Again(behind=(f"{MARK}one",), lost=True)}


def test_what_a_run_directory_says_wrongly_is_nothing(project: Project) -> None:
    older, newer = run_of(project), run_of(project)
    assert "runs two again" in project.run("--apply").stdout
    (older.path / "again.json").write_text('{"format": 1, "workflows": 7}', "utf-8")
    assert set(read_again([newer, older])) == {f"{MARK}two"}
    (newer.path / "again.json").write_text('{"format": 2, "workflows": {}}', "utf-8")
    assert not read_again([newer, older])


def test_without_a_run_there_is_none_to_go_on_with(project: Project) -> None:
    assert "what to do: record two again on a branch of the others" in project.run("--apply").stdout
    assert not (project.path / ".subagents").exists()
