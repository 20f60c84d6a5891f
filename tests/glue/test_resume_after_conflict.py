"""`--subagents-resume` after a merge that somebody lost: it runs again, from what the others made, and the rest does
not. What is recorded then is replayed, checked and merged as any other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from live_team import GOOD, LiveTeam, told
from merging import TEN
from two_places import TwoPlaces

from pytest_subagents.testing.scripted_agent import ScriptedAgent
from pytest_subagents.testing.steps import Change, Run

RESUME = "--subagents-resume"
SCOPE = "scope: {write: [src/]}"


def above(word: str) -> Run:
    """Puts a line above what is there: two of them who do not know of each other do not merge."""
    return Run(f"{{ echo {word}; cat src/shared.py; }} > t && mv t src/shared.py", really=True)


def four(live_team: LiveTeam, *, needs: str = "", **merge: Any) -> ScriptedAgent:
    """`clash` and `third` lose against `front`, `after` is built on `clash`, and nobody else is in their way."""
    agent = live_team.played(
        front=(above("top"), Change("src/front.py", "front = 1\n"), GOOD),
        clash=(above("other"), GOOD),
        after=(Run("cp src/shared.py src/after.txt", really=True), GOOD),
        back=(Change("src/back.py", "back = 1\n"), GOOD),
    )
    check = "success_criteria: [{run: grep -q other src/shared.py}]"
    defaults = json.dumps({"vendor": "command", "command": agent.command})
    head = f"workflow: {{name: team, defaults: {defaults}, merge: {json.dumps({'at_end': True, **merge})}}}\n"
    live_team.workflow(
        f"id: front, instructions: Do front., {SCOPE}",
        f"id: clash, instructions: Do clash., {SCOPE}, {check}",
        f"id: after, instructions: Do after., {SCOPE}, depends_on: [clash]",
        f"id: back, instructions: Do back., {SCOPE}",
        head=head,
    )
    live_team.write("src/shared.py", TEN)
    live_team.repository()
    return agent


def merges(live_team: LiveTeam) -> dict[str, Any]:
    (found,) = live_team.report()["merges"]
    assert isinstance(found, dict)
    return found


def built_on(folder: Path, id: str) -> list[str]:
    (path,) = folder.rglob(f"{id}.meta.json")
    base_of = json.loads(path.read_text("utf-8")).get("base_of") or {"works": []}
    return [work["agent"] for work in base_of["works"]]


def test_the_loser_runs_again_from_the_joined_tree_and_all_of_it_merges(live_team: LiveTeam) -> None:
    """In two runs, of which the first comes to a part: that is no merge, so what the last one said still holds."""
    agent = four(live_team)
    assert live_team.live("record").ret == 1
    assert (merges(live_team)["merged"], merges(live_team)["left_out"]) == (["front", "back"], ["clash", "after"])
    (reason,) = live_team.rows()["clash"]["reasons"]
    assert "--subagents-resume" in reason["hint"]
    live_team.repository()
    assert len(agent.calls()) == 4
    assert live_team.live("record", RESUME, "-k", "clash").ret == 0
    assert told(agent)[4:] == ["clash"]
    resumed = live_team.live("once", RESUME)
    assert resumed.ret == 0, resumed.stdout.str()
    assert told(agent)[4:] == ["clash", "after"]
    assert (merges(live_team)["merged"], merges(live_team)["left_out"]) == (["front", "clash", "after", "back"], [])
    text = live_team.report_text()
    assert live_team.live("record", RESUME).ret == 0
    assert len(agent.calls()) == 6, "what has begun from the work of others stays so"
    assert live_team.report_text() == text
    assert {id: built_on(live_team.path / "recordings", id) for id in ("front", "clash", "after", "back")} == {
        "front": [],
        "clash": ["front"],
        "after": ["front", "clash"],
        "back": [],
    }
    live_team.repository()
    assert live_team.replay("--subagents-checks=run").ret == 0
    assert live_team.report_text() == text
    merged = live_team.merge("--json")
    assert merged.returncode == 0, merged.stdout + merged.stderr
    assert [row["state"] for row in json.loads(merged.stdout)["agents"]] == ["merged"] * 4
    assert len(agent.calls()) == 6
    who_is_added_later_is_built_on_all_that_it_stands_on(live_team)


def who_is_added_later_is_built_on_all_that_it_stands_on(live_team: LiveTeam) -> None:
    """The recordings say what is below: no run is gone on with any more."""
    path = live_team.path / "subagents.yaml"
    late = f"  - {{id: late, instructions: Do late., {SCOPE}, depends_on: [clash]}}\n"
    path.write_text(path.read_text("utf-8") + late, "utf-8")
    live_team.repository()
    assert live_team.live("once").ret == 0
    assert built_on(live_team.path / "recordings", "late") == ["front", "clash"]


def test_a_later_stage_that_lost_runs_behind_an_earlier_one_whatever_the_file_says(live_team: LiveTeam) -> None:
    """In the file `late` comes first, so `early` would follow it."""
    agent = live_team.played(early=(above("early"), GOOD), late=(above("late"), GOOD))
    defaults = json.dumps({"vendor": "command", "command": agent.command})
    stages = "[{name: one, agents: [early]}, {name: two, agents: [late], depends_on: [one]}]"
    head = (
        f"workflow: {{name: team, defaults: {defaults}, merge: {{at_end: true, strategy: staged, stages: {stages}}}}}\n"
    )
    ids = ("late", "early")
    live_team.workflow(*(f"id: {id}, instructions: Do {id}., {SCOPE}" for id in ids), head=head)
    live_team.write("src/shared.py", TEN)
    live_team.repository()
    assert live_team.live("record", "-n", "2").ret == 1
    assert merges(live_team)["left_out"] == ["late"]
    waves = {row["id"]: row["wave"] for row in live_team.report()["agents"]}
    assert live_team.live("record", RESUME, "-n", "2").ret == 0
    assert told(agent) == ["late", "early", "late"]
    assert built_on(live_team.path / "recordings", "late") == ["early"]
    assert {row["id"]: row["wave"] for row in live_team.report()["agents"]} == waves
    text = live_team.report_text()
    assert live_team.replay().ret == 0
    assert live_team.report_text() == text


def test_a_worker_elsewhere_is_told_too(live_team: LiveTeam) -> None:
    places = TwoPlaces(live_team)
    four(live_team)
    places.clone()
    assert places.run("live").ret == 1
    assert places.run("live", RESUME).ret == 0
    assert merges(live_team)["merged"] == ["front", "clash", "after", "back"]
    places.nothing_is_left_there()
