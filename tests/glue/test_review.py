"""`workflow.review`: a diff waits for a person, whose word counts for that diff alone."""

from __future__ import annotations

import json
from importlib import import_module

import pytest
from a_patch import changed_line, new_file
from click.testing import CliRunner, Result
from live_team import GOOD, LiveTeam
from repositories import plain_git
from team import ANSWER, Team

from pytest_subagents.cli.main import commands
from pytest_subagents.testing.steps import Change
from pytest_subagents.transcript.approvals import digest_of

APPROVALS = "recordings/team/approvals.json"
HEAD = "workflow: {name: team, review: {files_matching: [db/], any_conflict: true}}\n"
WRITER = "instructions: Do., scope: {write: ['**']}"


import_module("pytest_subagents.specify.yaml_source")  # or pytester would load its C part anew for each test


def command(*words: str) -> Result:
    """pytester has made the project the current folder."""
    return CliRunner().invoke(commands, list(words), prog_name="subagents")


def left(team: Team, id: str, *patches: bytes) -> str:
    """A recording with this patch; its digest."""
    patch = b"".join(patches)
    base = "1" * 40
    team.record(f"team/{id}", ANSWER, base=base, patch={"tree": base, "files": len(patches)})
    (team.path / f"recordings/team/{id}.patch").write_bytes(patch)
    return digest_of(patch)


@pytest.fixture
def waiting(team: Team) -> Team:
    """One that changes what a person must see, one that needs it, and two that meet."""
    team.workflow(
        f"id: migrate, {WRITER}",
        "id: after, instructions: Do., depends_on: [migrate]",
        f"id: x, {WRITER}",
        f"id: y, {WRITER}",
        head=HEAD,
    )
    left(team, "migrate", new_file("db/1.sql", ["create", "\x1b[2Jevil"]))
    left(team, "x", changed_line("src/a", new="x"))
    left(team, "y", changed_line("src/a", new="y"))
    team.record("team/after")
    return team


def test_it_waits_until_it_is_approved(waiting: Team) -> None:
    result = waiting.run()
    assert result.ret == 1
    result.assert_outcomes(failed=1, passed=3)
    result.stdout.fnmatch_lines(
        [
            "review: it changes db/1.sql, which a person must approve (files_matching)",
            "  hint: look at it: subagents diff migrate; approve it: subagents approve migrate",
            " Review     migrate, x, y wait for a person: subagents approve --list",
            "FAILED subagents.yaml::migrate - *",
        ]
    )
    assert waiting.report()["status"] == "partial"
    report = waiting.report_text()
    assert waiting.run("-n", "2").ret == 1
    assert waiting.report_text() == report
    listed = command("approve", "--list")
    assert listed.exit_code == 1
    assert "migrate waits for review: 1 file, +2 -0\n" in listed.output
    for id in ("migrate", "x", "y"):
        assert command("approve", id, "--by", "Ann").exit_code == 0
    result = waiting.run("--lf")
    assert result.ret == 0
    result.assert_outcomes(passed=1)
    waiting.run().assert_outcomes(passed=4)
    assert waiting.report()["status"] == "success"
    assert command("approve").exit_code == 0


def test_an_approval_of_another_diff_does_not_count(waiting: Team) -> None:
    waiting.run("-k", "migrate")
    assert command("approve", "migrate", "--date", "2026-11-30").exit_code == 0
    approved = (waiting.path / APPROVALS).read_bytes()
    digest = left(waiting, "migrate", new_file("db/1.sql", ["create", "drop"]))
    assert waiting.run("-k", "migrate").ret == 1
    assert waiting.rows()["migrate"]["reasons"][-1]["hint"].startswith("another diff of it was approved, ")
    listed = command("approve", "--list").output
    assert f"  digest   {digest}\n" in listed
    assert f"  outdated {json.loads(approved)['approvals'][0]['digest']}, 2026-11-30\n" in listed
    (waiting.path / APPROVALS).write_text("{}")
    result = waiting.run()
    assert result.ret == 2
    result.stdout.fnmatch_lines([f"{APPROVALS}: these are no approvals: *"])


def test_gates_alone_may_decide_and_it_may_be_expected(waiting: Team) -> None:
    result = waiting.run("--subagents-verdict=gates")
    assert result.ret == 0
    result.assert_outcomes(xfailed=1, passed=3)
    waiting.workflow(f"id: migrate, {WRITER}, expect: {{status: partial, kind: review}}", head=HEAD)
    waiting.run().assert_outcomes(passed=1)


def test_the_command_approves_only_what_was_reported(waiting: Team) -> None:
    waiting.run("-k", "migrate or after")
    shown = command("approve", "--list", "--show").output
    assert "+\\x1b[2Jevil\n" in shown
    assert "\x1b" not in shown
    shown = command("approve", "migrate", "--show").output
    assert "+\\x1b[2Jevil\n" in shown
    assert shown.endswith("\napprove it: subagents approve migrate\n")
    assert not (waiting.path / APPROVALS).exists()
    (told,) = json.loads(command("approve", "--list", "--json").output)["agents"]
    assert (told["agent"], told["waits"], told["files"], told["added"]) == ("migrate", True, ["db/1.sql"], 2)
    assert told["digest"].startswith("sha256:")
    assert told["approval"] is None
    left(waiting, "migrate", new_file("db/2.sql"))
    for words, fault in (
        (("migrate",), "the recording of migrate changes other files than the report says"),
        (("after",), "after has no recorded patch, so there is nothing to approve"),
        (("--revoke", "migrate"), "migrate is not approved"),
        (("migrat",), "no subagent is called 'migrat'"),
        (("migrate", "--date", "today"), "'today' is no date"),
        (("migrate", "--by", "A\nB"), "it is one line of at most 500 characters"),
        (("--list", "migrate"), "--list is for itself"),
        (("migrate", "--json"), "--json is for --list"),
        (("migrate", "--show", "--by", "A"), "--show approves nothing"),
    ):
        result = command("approve", *words)
        assert result.exit_code == 4
        assert fault in result.output
    assert not (waiting.path / APPROVALS).exists()
    assert "+x\n" in command("diff", "migrate").output
    diffs = {each["agent"]: each for each in json.loads(command("diff", "--json").output)["agents"]}
    assert [file["path"] for file in diffs["x"]["files"]] == ["src/a"]
    assert diffs["x"]["files"][0]["patch"].startswith("diff --git a/src/a b/src/a\n")
    assert "patch" not in json.loads(command("diff", "x", "--json", "--stat").output)["agents"][0]["files"][0]
    assert command("diff", "x", "y", "--stat").output == "x  +1 -1  src/a\ny  +1 -1  src/a\n1 file, +2 -2\n"
    by_file = command("diff").output
    assert [line for line in by_file.splitlines() if line.startswith("src/a  ")] == [
        "src/a  (x, one of 2: +1 -1)",
        "src/a  (y, one of 2: +1 -1)",
    ]
    assert "y: 1 file, +1 -1\n" in command("diff", "--by-agent").output
    (waiting.path / "recordings/team/x.patch").write_text("rm -rf /")
    result = command("diff")
    assert result.exit_code == 1
    assert "x: its patch cannot be used: " in result.output


def test_live_is_judged_as_its_replay_and_no_agent_approves(live_team: LiveTeam) -> None:
    agent = live_team.agent(Change("db/1.sql", "create\n"), Change(APPROVALS, "{}"), GOOD)
    head = live_team.head(agent).replace("name: team", "name: team, review: {files_matching: [db/]}")
    live_team.workflow(f"id: a/b, {WRITER}", head=head)
    live_team.repository()
    live_team.live("record")
    assert live_team.kinds("a/b") == ["scope", "review"]
    assert "which is protected (recordings/team/)" in live_team.messages("a/b")[0]
    report = live_team.report_text()
    live_team.replay()
    assert live_team.report_text() == report
    assert command("approve", "a/b").exit_code == 0
    assert plain_git(live_team.path, "status", "--porcelain", APPROVALS) == f"?? {APPROVALS}"
    live_team.replay()
    assert live_team.kinds("a/b") == ["scope"]
