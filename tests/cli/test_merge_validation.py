"""Strategies and validation of `subagents merge`: what is taken out, where it ends, what a recorded result is worth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from merge_project import REPORT, Project, failed

from pytest_subagents.aggregate.amending import amended
from pytest_subagents.model.report import ReportMerge
from pytest_subagents.reports.json_report import JsonReport
from pytest_subagents.reports.reading import read_report

RUN = ("--checks=run",)
CIRCLE = json.dumps(
    {
        "strategy": "staged",
        "stages": [
            {"name": "a", "agents": ["one"], "depends_on": ["b"]},
            {"name": "b", "agents": ["two"], "depends_on": ["a"]},
        ],
    }
)
NOT_BAD = "test ! -e bad || { echo bad is there; exit 3; }"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = Project(tmp_path)
    monkeypatch.chdir(made.path)
    return made


def team(project: Project, **merge: Any) -> None:
    """Three who merge; what `bad` leaves does not pass."""
    project.agent("first", {"first.txt": "1\n"})
    project.agent("bad", {"bad": "x\n"})
    project.agent("last", {"last.txt": "3\n"})
    project.finish(head=f", merge: {json.dumps(merge)}")


def states(project: Project, *words: str) -> tuple[list[str], dict[str, Any]]:
    result = project.run("--json", *words)
    document = json.loads(result.stdout)
    assert result.exit_code == (0 if all(row["state"] == "merged" for row in document["agents"]) else 1)
    return [row["state"] for row in document["agents"]], document


@pytest.mark.parametrize(
    ("on_failure", "states_of", "branch"),
    [
        ("abort-workflow", ["merged", "taken out", "waiting"], None),
        ("pause-and-notify", ["merged", "taken out", "waiting"], ["first.txt"]),
        ("create-review-issue", ["merged", "taken out", "merged"], ["first.txt", "last.txt"]),
    ],
)
def test_sequential_validates_after_each(
    project: Project, on_failure: str, states_of: list[str], branch: list[str] | None
) -> None:
    team(project, strategy="sequential", validation={"run": [NOT_BAD]}, on_failure=on_failure)
    found, document = states(project, *RUN, "--apply")
    assert found == states_of
    assert [each["state"] for each in document["validations"]][:2] == ["passed", "failed"]
    assert document["validations"][1]["results"] == [{"run": NOT_BAD, "exit_code": 3, "output": "bad is there"}]
    assert (document["branch"] is None) == (branch is None)
    if branch is not None:
        assert project.person.git("diff", "--name-only", "HEAD", "subagents/team").splitlines() == branch
    again, recorded = states(project, "--apply")
    assert (again, recorded["branch"] is None) == (found, branch is None), "what was recorded says the same"


def test_a_batch_is_validated_once_and_fails_as_a_whole(project: Project) -> None:
    team(project, strategy="batch", validation={"run": [NOT_BAD]})
    found, document = states(project, *RUN)
    assert found == ["taken out"] * 3
    assert document["halt"] == {"kind": "aborted", "after": "everything"}
    assert project.person.git("rev-parse", "HEAD^{tree}") == document["tree"]


def test_a_result_holds_for_the_very_tree_and_nothing_runs_unless_asked(project: Project) -> None:
    mark = project.path.parent / "mark"
    team(project, validation={"run": [f"echo x >> {mark}", "test -e first.txt && test ! -e .git"]})
    unknown = project.untouched("--apply")
    assert unknown.exit_code == 1
    assert "validation of everything: not known, no result of 'echo x" in unknown.stdout
    assert unknown.stdout.endswith("so it becomes no branch: --checks=run runs the commands.\n")
    assert not mark.exists()
    assert "validation of everything: passed (2 commands)" in project.run(*RUN).stdout
    applied = project.run("--apply")
    assert (applied.exit_code, mark.read_text("ascii")) == (0, "x\n")
    assert "subagents/team" in project.person.git("branch", "--list", "subagents/*")
    project.write("more.txt", "more\n")
    project.person.commit()
    assert "not known" in project.run().stdout, "HEAD has another tree now"


def test_stages_go_in_the_order_of_their_needs(project: Project) -> None:
    """A stage that fails is taken out; those that need it wait, others go on."""
    stages = [
        {"name": "end", "agents": ["last"], "depends_on": ["middle"]},
        {
            "name": "middle",
            "agents": ["bad"],
            "depends_on": ["start"],
            "validation": {"run": [NOT_BAD]},
            "on_failure": "create-review-issue",
        },
        {"name": "start", "agents": ["first"], "validation": {"run": ["test -e first.txt", "test ! -e last.txt"]}},
    ]
    project.agent("free", {"free.txt": "4\n"})
    team(project, strategy="staged", stages=stages)
    result = project.run(*RUN, "--apply")
    assert [line for line in result.stdout.splitlines() if line[2:3] not in ("", " ") or "validation" in line] == [
        "team: 2 of 4 subagents merge onto HEAD (" + project.person.git("rev-parse", "HEAD")[:12] + ")",
        "  merged    first: 1 file",
        f"  taken out bad: the merge does not hold: '{NOT_BAD}' exited with 3",
        "  waiting   last: it waits for the stage middle, which is not merged",
        "  merged    free: 1 file",
        "validation of start: passed (2 commands)",
        f"validation of middle: FAILED, '{NOT_BAD}' exited with 3",
        *result.stdout.splitlines()[-3:],
    ]
    assert project.person.git("diff", "--name-only", "HEAD", "subagents/team").splitlines() == ["first.txt", "free.txt"]


def test_who_builds_on_what_is_not_merged_waits(project: Project) -> None:
    project.agent("one", {"new": "1\n"})
    project.agent("two", {"new": "2\n"})
    project.agent("three", {"three.txt": "3\n"})
    project.finish()
    text = (project.path / "subagents.yaml").read_text("utf-8")
    project.write("subagents.yaml", text.replace("{id: three, ", "{id: three, depends_on: [two], "))
    found, document = states(project)
    assert found == ["merged", "conflict", "waiting"]
    assert document["agents"][2]["why"] == "it builds on two, whose work is not merged"


def test_who_failed_by_the_merge_at_the_end_is_merged_again(project: Project) -> None:
    project.agent("one", {"new": "1\n"})
    project.agent("two", {"new": "2\n"}, kind="conflict")
    project.agent("three", {"three.txt": "3\n"}, kind="timeout")
    project.finish()
    report = read_report((project.path / REPORT).read_bytes())
    merge = ReportMerge(workflow="team", tree="77d0e1", merged=("one",), left_out=("two",))
    (project.path / REPORT).write_text(JsonReport().render(amended(report, {}, [merge])), "utf-8")
    assert states(project)[0] == ["merged", "conflict", "left out"]


@pytest.mark.parametrize(
    ("merge", "code", "what"),
    [
        ("{strategy: staged}", 4, "'merge.strategy: staged' has no stages"),
        ("{stages: [{name: a, agents: [one]}]}", 4, "'merge.stages' mean nothing with 'strategy: none'"),
        (CIRCLE, 2, "stages depend on each other in a circle: 'a', 'b'"),
        (
            "{strategy: staged, stages: [{name: a, agents: [two]}, {name: b, agents: [one]}]}",
            4,
            "'two' depends on 'one', which a later stage of the merge has",
        ),
    ],
)
def test_what_goes_against_itself_is_refused(project: Project, merge: str, code: int, what: str) -> None:
    project.agent("one", {"a.txt": "one\n"})
    project.agent("two", {"b.txt": "two\n"})
    project.finish(head=f", merge: {merge}")
    text = (project.path / "subagents.yaml").read_text("utf-8")
    project.write("subagents.yaml", text.replace("{id: two, ", "{id: two, depends_on: [one], "))
    failed(project.untouched("--apply"), code, f"subagents.yaml:1: {what}")


def test_a_merge_that_pauses_tells_the_command_of_notify_and_no_secret(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not where nothing is run and nothing applied."""
    monkeypatch.setenv("HOOK", "very-secret-address")
    merge = {"strategy": "sequential", "validation": {"run": [f"{NOT_BAD} # very-secret-address"]}}
    merge["on_failure"] = "pause-and-notify"
    notify = {"run": 'cat >> artifacts/told.jsonl; echo "$HOOK" >&2; exit $(cat artifacts/code)', "env": ["HOOK"]}
    project.agent("first", {"first.txt": "1\n"})
    project.agent("bad", {"bad": "x\n"})
    project.finish(head=f", merge: {json.dumps(merge)}, notify: {json.dumps(notify)}")
    told, code = (project.path / "artifacts" / name for name in ("told.jsonl", "code"))
    code.write_text("0", "utf-8")
    assert project.run().exit_code == 1
    assert not told.exists()
    result = project.run(*RUN)
    assert result.exit_code == 1
    assert result.stdout.endswith("The command of 'notify' was told.\n")
    assert project.run().exit_code == 1, "the results are recorded now, and it pauses again"
    (event,) = map(json.loads, told.read_text("utf-8").splitlines())
    assert (event["event"], event["mode"], event["after"]) == ("merge_paused", "merge", "bad")
    assert (event["agents"], event["merged"]) == (["bad"], ["first"])
    assert event["message"].endswith("# <redacted>' exited with 3")
    code.write_text("7", "utf-8")
    lines = project.run("--apply").stdout.splitlines()
    assert lines[-1] == "warning: nobody was told of 'merge_paused': it exited with 7: <redacted>"
    assert "very-secret-address" not in told.read_text("utf-8")
