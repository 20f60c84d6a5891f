"""`subagents merge`, as a person uses it: what it prints, its exit codes, and that it leaves everything alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from live_team import GOOD, LiveTeam
from merge_project import REPORT, Project, failed
from merging import TEN
from repositories import plain_git

from pytest_subagents.cli.main import commands
from pytest_subagents.testing.steps import Change


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = Project(tmp_path)
    monkeypatch.chdir(made.path)
    return made


def three(project: Project) -> None:
    project.agent("one", {"ten.txt": TEN.replace("line 1\n", "one\n"), "new.py": "x\n"})
    project.agent("two", {"ten.txt": TEN.replace("line 1\n", "two\n")})
    project.agent("three", {"ten.txt": TEN.replace("line 8\n", "three\n")})
    project.finish()


def test_all_of_it_in_words(project: Project) -> None:
    three(project)
    project.ids += ["four", "five", "waits", "six"]
    project.results |= {
        "four": {},
        "five": {"kind": "timeout"},
        "waits": {"kind": "review"},
        "six": {"status": "absent"},
    }
    project.agent("seven", {"a.txt": "seven\n"})
    project.write("recordings/team/seven.patch", "")
    project.finish()
    result = project.untouched()
    head = project.person.git("rev-parse", "HEAD")
    lines = result.stdout.splitlines()
    assert result.exit_code == 1
    assert lines[0] == f"team: 2 of 8 subagents merge onto HEAD ({head[:12]})"
    ids = [project.person.git("rev-parse", "HEAD:ten.txt")[:12], lines[6].split()[3].rstrip(","), lines[6].split()[-1]]
    assert lines[1:8] == [
        "  merged    one: 2 files",
        "    new.py",
        "    ten.txt",
        "  conflict  two: 1 path; it is left out as a whole",
        "    ten.txt (contents), with one",
        f"      base {ids[0]}, ours {ids[1]}, theirs {ids[2]}",
        "    what to do: record two again on a branch of the others (--apply makes one)",
    ]
    assert lines[8:17] == [
        "  merged    three: 1 file",
        "    ten.txt",
        "  nothing   four: it changes no files",
        "  left out  five: it failed",
        "  left out  waits: its diff waits for review",
        "  left out  six: the report does not tell of it",
        "  stale     seven: its recording changes other files than the report says",
        "    what to do: run `pytest --subagents` first: the report is of another recording",
        lines[16],
    ]
    assert lines[16].startswith("tree ")
    assert lines[17:] == ["Nothing was written. --apply makes the branch subagents/team."]


def test_a_dry_run_is_the_default(project: Project) -> None:
    three(project)
    assert project.untouched("--dry-run", "subagents.yaml").output == project.untouched().output
    failed(project.untouched("--dry-run", "--apply"), 4, "--apply and --dry-run are given")


def test_all_merged_is_0(project: Project) -> None:
    project.agent("one", {"ten.txt": TEN.replace("line 1\n", "one\n")})
    project.agent("reader", None)
    project.finish()
    assert project.untouched().exit_code == 0


def test_as_json(project: Project) -> None:
    three(project)
    result = project.untouched("--json")
    document = json.loads(result.stdout)
    assert result.exit_code == 1
    assert [(row["id"], row["state"]) for row in document["agents"]] == [
        ("one", "merged"),
        ("two", "conflict"),
        ("three", "merged"),
    ]
    assert document["agents"][1]["agents"] == ["one"]
    (conflict,) = document["agents"][1]["conflicts"]
    assert conflict["base"] == {"mode": "100644", "id": project.person.git("rev-parse", "HEAD:ten.txt")}
    assert (conflict["path"], conflict["kinds"], conflict["moved"]) == ("ten.txt", ["contents"], False)
    assert document["branch"] is None
    assert document["tree"] == document["agents"][2]["tree"]
    assert result.stdout == project.untouched("--json").stdout


def test_the_order_is_that_of_the_plan(project: Project) -> None:
    three(project)
    text = (project.path / "subagents.yaml").read_text("utf-8")
    project.write("subagents.yaml", text.replace("{id: one, ", "{id: one, depends_on: [two], "))
    document = json.loads(project.run("--json").stdout)
    assert [row["id"] for row in document["agents"]] == ["two", "one", "three"]
    assert document["agents"][1]["agents"] == ["two"]


def test_apply_makes_a_branch_and_again_the_same(project: Project) -> None:
    three(project)
    tree = json.loads(project.run("--json").stdout)["tree"]
    result = project.run("--apply")
    assert result.exit_code == 1, "two conflicts"
    tip = project.person.git("rev-parse", "subagents/team")
    assert f"The branch subagents/team ({tip[:12]}) was made; nothing else was touched." in result.stdout
    assert project.person.git("rev-parse", "subagents/team^{tree}") == tree
    subjects = project.person.git("log", "--format=%an: %s", "HEAD..subagents/team").splitlines()
    assert subjects == ["subagents: Work of the subagent three", "subagents: Work of the subagent one"]
    assert project.person.git("log", "-1", "--format=%(trailers:only)", "subagents/team").splitlines() == [
        "Subagent: three",
        "Workflow: team",
    ]
    assert project.person.git("status", "--porcelain") == ""
    again = project.untouched("--apply")
    assert f"The branch subagents/team ({tip[:12]}) is there already, exactly so." in again.stdout
    project.run("--apply", "--branch", "other")
    assert project.person.git("rev-parse", "other") == tip


def test_a_branch_that_is_something_else_is_refused(project: Project) -> None:
    three(project)
    project.person.git("branch", "mine")
    failed(project.untouched("--apply", "--branch", "mine"), 4, "the branch mine is there already")
    failed(project.untouched("--branch", "a..b"), 4, "no branch can be called 'a..b'")


def test_where_nothing_merges_no_branch_is_made(project: Project) -> None:
    project.agent("one", {})
    project.finish()
    result = project.untouched("--apply")
    assert result.exit_code == 0
    assert "  nothing   one: it changed nothing" in result.stdout
    assert result.stdout.endswith(", that of HEAD\nNothing was merged, so no branch was made.\n")


def test_a_recording_that_is_not_what_it_says_is_stale(project: Project) -> None:
    project.agent("one", {"a.txt": "one\n"})
    project.agent("two", {"b.txt": "two\n"})
    project.agent("three", {"c.txt": "three\n"})
    meta = (project.path / "recordings/team/one.meta.json").read_text("utf-8")
    project.write("recordings/team/one.meta.json", meta.replace('"tree": "', '"tree": "0'))
    project.write("recordings/team/two.patch", "Subject: mail\n")
    project.write("recordings/team/three.meta.json", '{"format": 99}')
    project.finish()
    result = project.untouched()
    assert result.exit_code == 1
    assert "  stale     one: its patch gives another tree than the recorded one" in result.stdout
    assert "  stale     two: its patch cannot be used: line 1 of the patch is none" in result.stdout
    assert "  stale     three: the metadata has format 99" in result.stdout


def test_a_link_in_the_place_of_a_patch_is_not_followed(project: Project, tmp_path: Path) -> None:
    project.agent("one", {"a.txt": "one\n"})
    patch = project.path / "recordings/team/one.patch"
    patch.rename(tmp_path / "moved.patch")
    patch.symlink_to(tmp_path / "moved.patch")
    project.finish()
    assert "  stale     one: its patch cannot be used: it cannot be read" in project.untouched().stdout


@pytest.mark.parametrize("strategy", ["none", "sequential", "batch"])
def test_strategies_that_are_this_one(project: Project, strategy: str) -> None:
    project.agent("one", {"a.txt": "one\n"})
    project.finish(head=f", merge: {{strategy: {strategy}}}")
    assert project.untouched().exit_code == 0


def test_mistakes_and_what_is_missing(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failed(project.untouched(), 4, "there is no workflow file here or below")
    project.agent("one", {"a.txt": "one\n"})
    project.finish(cut_short=True)
    failed(project.untouched(), 4, f"{REPORT}: it tells of a run that was cut short")
    failed(project.untouched("--report", "none.json"), 4, "none.json: there is no report", "run `pytest --subagents`")
    project.write("ci/other.subagents.yaml", "agents: [{id: x, instructions: Do.}]\n")
    failed(project.untouched(), 4, "there are 2 workflow files", "name one: subagents.yaml, ci/other.subagents.yaml")
    project.finish()
    failed(project.untouched("ci/other.subagents.yaml"), 4, "it tells of no subagent of ci/other.subagents.yaml")
    project.write("bad.yaml", "agents: 3\n")
    failed(project.untouched("bad.yaml"), 2, "bad.yaml:1: 'agents' must be")
    monkeypatch.chdir(tmp_path)
    outside = CliRunner().invoke(
        commands, ["merge", "--report", str(project.path / REPORT), str(project.path / "subagents.yaml")]
    )
    assert (outside.exit_code, outside.stdout) == (4, "")
    assert "is not in a git repository" in outside.stderr


def test_paths_count_from_a_deeper_rootdir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project(tmp_path, rootdir="app")
    project.path.mkdir()
    monkeypatch.chdir(project.path)
    project.agent("one", {"app/in.py": "x\n", "a.txt": "outside\n"})
    project.agent("two", {"app/in.py": "y\n"})
    project.finish()
    lines = project.untouched().stdout.splitlines()
    assert lines[2:4] == ["    ../a.txt", "    in.py"]
    assert lines[5] == "    in.py (contents), with one"


@pytest.fixture
def live_team(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveTeam]:
    found = LiveTeam(pytester, monkeypatch, tmp_path_factory.mktemp("outside"))
    yield found
    found.close()


def test_what_agents_really_wrote_ends_up_on_the_branch(live_team: LiveTeam, monkeypatch: pytest.MonkeyPatch) -> None:
    """Recorded by a run, replayed, merged, and looked at with plain git."""
    agent = live_team.played(
        front=(Change("src/shared.py", "top\n" + TEN), Change("src/front.py", "front\n", told=False), GOOD),
        back=(Change("src/shared.py", TEN + "bottom\n"), Change("src/old.py", None), GOOD),
        clash=(Change("src/shared.py", "other\n" + TEN), GOOD),
        stray=(Change("elsewhere.py", "x\n"), GOOD),
    )
    scope = "scope: {write: [src/]}"
    live_team.cast(agent, *(f"id: {id}, instructions: Do {id}., {scope}" for id in ("front", "back", "clash", "stray")))
    live_team.write("src/shared.py", TEN)
    live_team.write("src/old.py", "old\n")
    live_team.repository()
    assert live_team.live("record").ret == 1, "one writes where it may not"
    live_team.repository()
    live_team.replay()
    monkeypatch.chdir(live_team.path)
    head = plain_git(live_team.path, "rev-parse", "HEAD")
    result = CliRunner().invoke(commands, ["merge", "--apply"], prog_name="subagents")
    assert result.exit_code == 1, result.output
    states = [
        line.split(":")[0].split() for line in result.stdout.splitlines() if line.startswith("  ") and line[2] != " "
    ]
    assert states == [["merged", "front"], ["merged", "back"], ["conflict", "clash"], ["left", "out", "stray"]]
    shared = plain_git(live_team.path, "show", "subagents/team:src/shared.py")
    assert shared == "top\n" + TEN + "bottom"
    changed = plain_git(live_team.path, "diff", "--name-status", "HEAD", "subagents/team").splitlines()
    assert changed == ["A\tsrc/front.py", "D\tsrc/old.py", "M\tsrc/shared.py"]
    assert plain_git(live_team.path, "merge-base", "HEAD", "subagents/team") == head
    assert plain_git(live_team.path, "symbolic-ref", "HEAD") == "refs/heads/main"
