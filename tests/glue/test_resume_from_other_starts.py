"""`--subagents-resume` after a merge that somebody lost, where that is a copy or the best of several; and what becomes
of uncommitted changes that are carried."""

from __future__ import annotations

import json
from typing import Any

from live_team import GOOD, LiveTeam, told
from merging import TEN

from pytest_subagents.testing.scripted_agent import ScriptedAgent
from pytest_subagents.testing.steps import Run

RESUME = "--subagents-resume"
CARRY = "--subagents-uncommitted=carry"
SCOPE = "scope: {write: [src/]}"


def above(word: str) -> Run:
    """Puts a line above what is there: two of them who do not know of each other do not merge."""
    return Run(f"{{ echo {word}; cat src/shared.py; }} > t && mv t src/shared.py", really=True)


def three(live_team: LiveTeam, more: str = "", **merge: Any) -> ScriptedAgent:
    """`clash`, of which there is `more` to say, and `third` lose against `front`, and do not go together."""
    agent = live_team.played(front=(above("top"), GOOD), clash=(above("other"), GOOD), third=(above("third"), GOOD))
    defaults = json.dumps({"vendor": "command", "command": agent.command})
    live_team.workflow(
        f"id: front, instructions: Do front., {SCOPE}",
        f"id: clash, instructions: Do clash., {SCOPE}{more}",
        f"id: third, instructions: Do third., {SCOPE}",
        head=f"workflow: {{name: team, defaults: {defaults}, merge: {json.dumps(merge)}}}\n",
    )
    live_team.write("src/shared.py", TEN)
    live_team.repository()
    return agent


def test_the_best_of_several_that_lost_is_run_again_from_a_copy_with_the_work_of_the_others(
    live_team: LiveTeam,
) -> None:
    several = "attempts: {count: 2, stop_early: false, select: [smallest diff]}"
    agent = three(live_team, f", isolation: copy, {several}", at_end=True)
    assert live_team.live("record", "-n", "2").ret == 1
    assert live_team.live("record", RESUME, "-n", "2").ret == 0
    assert sorted(told(agent)) == ["clash"] * 4 + ["front"] + ["third"] * 2
    metas = [json.loads(path.read_text("utf-8")) for path in (live_team.path / "recordings/team/clash").glob("*.json")]
    below = [(meta["base_of"]["kind"], [work["agent"] for work in meta["base_of"]["works"]]) for meta in metas]
    assert below == [("copy", ["front"])] * 2
    third = json.loads((live_team.path / "recordings/team/third.meta.json").read_text("utf-8"))
    assert [work["agent"] for work in third["base_of"]["works"]] == ["front", "clash"], "one resume is enough"
    text = live_team.report_text()
    live_team.repository()
    assert live_team.replay("--subagents-checks=run").ret == 0
    assert live_team.report_text() == text
    merged = live_team.merge("--json")
    assert [row["state"] for row in json.loads(merged.stdout)["agents"]] == ["merged"] * 3, merged.stdout


def test_what_is_carried_cannot_be_merged_at_the_end_and_nobody_is_started_for_it(live_team: LiveTeam) -> None:
    agent = three(live_team, at_end=True)
    live_team.write("src/new.py", "new = 1\n")
    result = live_team.live("record", CARRY)
    assert result.ret == 4
    result.stdout.fnmatch_lines(["*uncommitted=carry: subagents.yaml merges at its end, and what is carried is in no*"])
    assert agent.calls() == ()


def test_a_resume_says_who_started_from_other_changes_than_there_are_now(live_team: LiveTeam) -> None:
    """Of a part no merge is made, so it may be carried to."""
    agent = three(live_team, at_end=True)
    live_team.write("src/new.py", "new = 1\n")
    assert live_team.live("record", CARRY, "-k", "front").ret == 0
    live_team.write("src/new.py", "new = 2\n")
    result = live_team.live("record", CARRY, RESUME, "-k", "front")
    result.stdout.fnmatch_lines(["warning: what front finished in the run before started from other uncommitted*"])
    assert told(agent) == ["front"]
