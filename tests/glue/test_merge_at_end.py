"""`merge.at_end`: the merge of a run, in its report, the same in every replay."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from click.testing import CliRunner
from live_team import GOOD, LiveTeam
from merging import TEN
from repositories import plain_git

from pytest_subagents.cli.main import commands
from pytest_subagents.testing.scripted_agent import ScriptedAgent
from pytest_subagents.testing.steps import Change

SCOPE = "scope: {write: [src/]}"


def merged_team(live_team: LiveTeam, agent: ScriptedAgent, *agents: str, **merge: Any) -> None:
    defaults = json.dumps({"vendor": "command", "command": agent.command})
    head = f"workflow: {{name: team, defaults: {defaults}, merge: {json.dumps({'at_end': True, **merge})}}}\n"
    live_team.workflow(*(f"{each}, {SCOPE}" for each in agents), head=head)
    live_team.write("src/shared.py", TEN)
    live_team.repository()


def three(live_team: LiveTeam, *, expect: str = "", after: bool = False, **merge: Any) -> None:
    """Of whom two merge; with `after`, a fourth one that builds on the one that does not."""
    agent = live_team.played(
        front=(Change("src/shared.py", "top\n" + TEN), Change("src/front.py", "front = 1\n", told=False), GOOD),
        back=(Change("src/shared.py", TEN + "bottom\n"), GOOD),
        clash=(Change("src/shared.py", "other\n" + TEN), GOOD),
        after=(Change("src/after.py", "after = 1\n"), GOOD),
    )
    agents = [f"id: {id}, instructions: Do {id}.{expect if id == 'clash' else ''}" for id in ("front", "back", "clash")]
    agents += ["id: after, instructions: Do after., depends_on: [clash]"] if after else []
    merged_team(live_team, agent, *agents, **merge)


def test_who_does_not_merge_fails_and_a_replay_says_the_same_without_any_agent(live_team: LiveTeam) -> None:
    """Alone and over xdist, before and after the recordings are committed."""
    three(live_team, after=True, strategy="batch", validation={"run": ["test -e src/front.py"]})
    recorded = live_team.live("record", "-n", "2", "--subagents-gate=conflicts <= 2")
    assert recorded.ret == 1
    report = live_team.report()
    (merge,) = report["merges"]
    assert (merge["merged"], merge["left_out"], merge["why"]) == (["front", "back"], ["clash", "after"], None)
    assert report["gates"][0] == {"expression": "conflicts <= 2", "actual": 2, "passed": True}
    (reason,) = live_team.rows()["clash"]["reasons"]
    assert (reason["kind"], reason["at"]) == ("conflict", "src/shared.py")
    assert reason["message"] == "it does not merge with the work of front, back: contents"
    assert [row["status"] for row in report["agents"]] == ["failed", "success", "failed", "success"]
    assert live_team.rows()["after"]["summary"], "it has run"
    assert "builds on clash" in live_team.rows()["after"]["reasons"][0]["message"]
    recorded.stdout.fnmatch_lines(
        [
            "*FAILED*clash*",
            "*conflict at src/shared.py: it does not merge with the work of front*",
            f"*Merge*team: 2 subagents merged, tree {merge['tree'][:12]}; left out: clash, after*",
        ]
    )
    text = live_team.report_text()
    live_team.repository()
    for options in ([], ["-n", "2"], ["-p", "no:xdist"]):
        assert live_team.replay("--subagents-gate=conflicts <= 2", *options).ret == 1
        assert live_team.report_text() == text
    tree = plain_git(live_team.path, "rev-parse", "HEAD^{tree}")
    assert tree != merge["tree"], "what is committed since does not count"
    last = live_team.replay("--lf", "--collect-only", "-q")
    last.stdout.fnmatch_lines(["subagents.yaml::clash", "subagents.yaml::after"])


def test_a_conflict_can_be_expected_and_a_part_is_not_merged(live_team: LiveTeam) -> None:
    three(live_team, expect=", expect: {status: failed, kind: conflict}")
    assert live_team.live("record", "--subagents-gate=conflicts <= 0").ret == 0
    assert live_team.report()["counts"]["expected"] == 1
    assert live_team.report()["merges"][0]["left_out"] == ["clash"]
    live_team.repository()
    part = live_team.replay("--subagents-gate=conflicts <= 0", "-k", "front or clash")
    assert part.ret == 1, "how many conflicts there are is not known"
    assert live_team.report()["merges"][0] == {
        "workflow": "team",
        "tree": None,
        "merged": [],
        "left_out": [],
        "why": "1 of 3 subagents were not selected",
    }


def test_what_was_not_validated_is_not_well_and_what_fails_is_told(live_team: LiveTeam) -> None:
    validation = {"run": ["test ! -e src/front.py"]}
    three(live_team, strategy="sequential", validation=validation, on_failure="create-review-issue")
    assert live_team.live("live").ret == 1
    assert live_team.kinds("front") == ["checks"]
    assert live_team.report()["merges"][0]["merged"] == ["back", "clash"]
    assert not (live_team.path / "recordings").exists()
    assert live_team.live("once").ret == 1
    text = live_team.report_text()
    checks = live_team.path / "recordings/team/merge.json"
    assert live_team.replay().ret == 1
    assert live_team.report_text() == text
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(live_team.path)
        merged = CliRunner().invoke(commands, ["merge", "--checks=run"], prog_name="subagents")
        assert "validation of back: passed" in merged.stdout
    assert live_team.replay().ret == 1
    assert live_team.report_text() == text, "what holds for another tree stays"
    forged = re.sub(r'"exit_code": \d+', '"exit_code": 0', checks.read_text("utf-8")).replace(
        "test ! -e", "touch PWNED;", 1
    )
    checks.write_text(forged, "utf-8")
    assert live_team.replay("--subagents-checks=run").ret == 1
    assert live_team.report_text() == text, "the workflow file's commands are run, whatever is recorded"
    assert checks.read_text("utf-8") == forged
    assert not list(live_team.path.rglob("PWNED"))
    checks.unlink()
    assert live_team.replay().ret == 1
    assert live_team.kinds("back") == ["checks"]
    assert "is recorded for its tree" in live_team.rows()["back"]["reasons"][0]["message"]


def test_without_a_repository_there_is_a_report_and_a_mistake(live_team: LiveTeam) -> None:
    live_team.workflow("id: a, instructions: Do a.", head="workflow: {name: team, merge: {at_end: true}}\n")
    live_team.record("team/a")
    result = live_team.replay()
    assert result.ret == 4
    result.stdout.fnmatch_lines(["ERROR: *is not in a git repository*"])
    assert live_team.report()["counts"]["planned"] == 1
