"""What `subagents merge` makes for people: a branch and a text each, all sides of a conflict, an issue, a driver."""

from __future__ import annotations

import json
from html import unescape
from pathlib import Path

import pytest
from builders import a_planned
from merge_project import Project, failed
from merging import TEN

from pytest_subagents.model.verdict import Finding

OUT = "artifacts/subagents/merge/team"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = Project(tmp_path)
    monkeypatch.chdir(made.path)
    return made


def read(project: Project, name: str) -> str:
    return (project.path / name).read_text("utf-8")


def test_a_branch_and_a_text_for_each(project: Project) -> None:
    """On HEAD and what it needs; who conflicts with whom stands in both texts."""
    project.agent("one", {"ten.txt": TEN.replace("line 1\n", "one\n"), "new.py": "x\n"})
    finding = Finding(severity="high", file="ten.txt", line=2, title="Bad <b>title</b> @someone")
    project.agent(
        "two",
        {"ten.txt": TEN.replace("line 1\n", "two\n")},
        planned=a_planned("two", task="Fix *the* thing"),
        findings=(finding,),
        summary="# no heading\n```\n",
    )
    project.agent("three", {"ten.txt": TEN.replace("line 8\n", "three\n")})
    project.agent("bad", {"bad": "x\n"})
    merge = {
        "strategy": "branch-per-agent",
        "validation": {"run": ["test ! -e bad"]},
        "on_failure": "create-review-issue",
    }
    project.finish(head=f", merge: {json.dumps(merge)}")
    text = read(project, "subagents.yaml").replace("{id: three, ", "{id: three, depends_on: [one], ")
    project.write("subagents.yaml", text)
    result = project.run("--checks=run", "--apply")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    tips = {name: project.person.git("rev-parse", f"subagents/team/{name}")[:12] for name in ("one", "two", "three")}
    assert [line for line in lines if "branch " in line and "what to do" not in line] == [
        *(f"The branch subagents/team/{name} ({tips[name]}) was made." for name in ("one", "two", "three")),
        "No branch subagents/team/bad: it is not validated: 'test ! -e bad' exited with 1.",
    ]
    subjects = project.person.git("log", "--format=%s", "HEAD..subagents/team/three").splitlines()
    assert subjects == ["Work of the subagent three", "Work of the subagent one"]
    assert project.person.git("rev-parse", "subagents/team/three~1")[:12] == tips["one"], "one stands on the other"
    assert project.person.git("diff", "--name-only", "HEAD", "subagents/team/two") == "ten.txt"
    two = read(project, f"{OUT}/pull-requests/two.md")
    assert two.startswith("# Fix &#42;the&#42; thing\n")
    assert "<b>" not in two
    assert "@someone" not in two
    assert "````text\n# no heading\n" in two, "its fence is longer than any in it"
    assert "with one" in two
    assert "with one: ten.txt (contents)" in unescape(two.partition("## Conflicts")[2])
    assert "with two" in read(project, f"{OUT}/pull-requests/one.md").partition("## Conflicts")[2]
    assert "exit code 1" in read(project, f"{OUT}/issues/bad.md")
    assert not (project.path / OUT / "pull-requests/bad.md").exists()
    again = project.run("--apply")
    assert f"The branch subagents/team/one ({tips['one']}) is there already, exactly so." in again.stdout


def test_one_id_in_the_folder_of_another_is_refused_before_anything_is_made(project: Project) -> None:
    project.agent("a", {"a.txt": "a\n"})
    project.agent("a/b", {"b.txt": "b\n"})
    project.finish(head=", merge: {strategy: branch-per-agent}")
    failed(project.untouched("--apply"), 4, "there cannot be a branch subagents/team/a and a branch subagents/team/a/b")


def test_all_sides_of_a_conflict_are_kept_and_none_leads_out(project: Project, tmp_path: Path) -> None:
    project.agent("one", {"ten.txt": TEN.replace("line 1\n", "one\n"), "link": "->src", "x/y": "1\n"})
    project.agent("two", {"ten.txt": TEN.replace("line 1\n", "two\n"), "link": "->../../outside", "x": "file\n"})
    project.finish()
    assert project.untouched().stdout.endswith("Nothing was written. --apply makes the branch subagents/team.\n")
    result = project.run("--out", str(tmp_path / "out"))
    assert "All sides of the conflicts are in ../out/conflicts." in result.stdout
    kept = tmp_path / "out/conflicts/two"
    assert (kept / "base/ten.txt").read_text("utf-8") == TEN
    assert (kept / "ours/ten.txt").read_text("utf-8") == TEN.replace("line 1\n", "one\n")
    assert (kept / "theirs/ten.txt").read_text("utf-8") == TEN.replace("line 1\n", "two\n")
    marked = (kept / "marked/ten.txt").read_text("utf-8")
    assert marked.count("\n<<<<<<< ") == marked.count("\n>>>>>>> ") == 1
    assert (kept / "theirs/link").read_text("ascii") == "../../outside"
    assert not [path for path in kept.rglob("*") if path.is_symlink()]
    project.run("--apply")
    assert (project.path / OUT / "conflicts/two/marked/ten.txt").read_text("utf-8") == marked


DRIVER = """#!/bin/sh
[ "$1" = --version ] && { echo mergiraf 9.8.7; exit; }
[ "$1 $2" = "merge --git" ] || exit 129
shift 2
grep -q hang "$2" && sleep 600
grep -q stubborn "$2" && exit 1
[ "$4" = -p ] && [ "$6" = -l ] || exit 129
sort -u "$2" "$3" > "$2.new" && mv "$2.new" "$2"
"""
"""Takes the command line that git gives mergiraf."""


def with_driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bin/mergiraf"
    program.parent.mkdir()
    program.write_text(DRIVER, "ascii")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")


def test_a_driver_merges_what_git_cannot_and_is_named(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.agent("one", {"ten.txt": TEN.replace("line 1\n", "one\n")})
    project.agent("two", {"ten.txt": TEN.replace("line 1\n", "two\n")})
    project.finish()
    failed(project.untouched("--driver=mergiraf"), 4, "--driver: mergiraf is not in PATH")
    assert "conflict  two" in project.untouched("--driver=auto").stdout
    with_driver(tmp_path, monkeypatch)
    assert "conflict  two" in project.untouched().stdout, "none is used that was not asked for"
    result = project.untouched("--driver=auto")
    assert result.exit_code == 0, result.output
    assert "    ten.txt (by mergiraf 9.8.7)" in result.stdout.splitlines()
    document = json.loads(project.untouched("--driver=mergiraf", "--json").stdout)
    assert (document["driver"], document["agents"][1]["by_driver"]) == ("mergiraf 9.8.7", ["ten.txt"])


@pytest.mark.parametrize("word", ["stubborn", "hang"])
def test_what_a_driver_cannot_merge_or_not_in_time_is_a_conflict(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    monkeypatch.setattr("pytest_subagents.model.limits.MERGE_DRIVER_SECONDS", 1.0)
    project.agent("one", {"ten.txt": TEN.replace("line 1\n", f"{word}\n")})
    project.agent("two", {"ten.txt": TEN.replace("line 1\n", "two\n")})
    project.finish()
    with_driver(tmp_path, monkeypatch)
    assert "conflict  two" in project.untouched("--driver=auto").stdout
