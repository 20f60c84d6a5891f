"""`--subagents-checks=run`: the workflow file's commands on what was recorded, and nothing else is started."""

from __future__ import annotations

import json
import shutil

import pytest
from live_team import GOOD, SPREAD, LiveTeam
from repositories import digest_of
from two_places import TwoPlaces

from pytest_subagents.testing.scripted_agent import ScriptedAgent
from pytest_subagents.testing.steps import Change

RUN = "--subagents-checks=run"
FIX = "id: fix, instructions: Do fix., scope: {write: [src/]}, "
LOOK = "id: look, instructions: Do look., success_criteria: [{run: test ! -e src/new.py}]"
AFTER = "id: after, instructions: Do after., depends_on: [fix]"


def recorded(team: LiveTeam, *commands: str) -> ScriptedAgent:
    """A writer that does its work, whose recording then claims that all its checks passed; and one that needs it."""
    agent = team.played(fix=(Change("src/new.py", "x = 1\n"), GOOD))
    team.cast(agent, FIX + "success_criteria: [{run: 'true'}]", LOOK, AFTER)
    team.repository()
    team.live("record").assert_outcomes(passed=3)
    ask(team, agent, *commands)
    path = team.path / "recordings/team/fix.meta.json"
    meta = json.loads(path.read_text("utf-8"))
    meta["checks"] = [{"run": command, "exit_code": 0} for command in (*commands, "touch PWNED")]
    path.write_text(json.dumps(meta), encoding="utf-8")
    return agent


def ask(team: LiveTeam, agent: ScriptedAgent, *commands: str) -> None:
    criteria = json.dumps([{"run": command} for command in commands])
    team.cast(agent, f"{FIX}success_criteria: {criteria}", LOOK, AFTER)


def printed(team: LiveTeam) -> int:
    return len(list((team.path / ".subagents/runs").rglob("output.txt")))


@pytest.mark.parametrize("how", SPREAD)
def test_a_claim_does_not_stand_against_the_command(live_team: LiveTeam, how: list[str]) -> None:
    agent = recorded(live_team, "test -f src/new.py", "cat src/new.py; echo no; exit 3")
    calls = len(agent.calls())
    live_team.replay().assert_outcomes(passed=3)
    repository = digest_of(live_team.path / ".git")
    result = live_team.replay(RUN, *how)
    assert result.ret == 1
    result.assert_outcomes(failed=1, passed=1, skipped=1)
    assert live_team.statuses() == {"fix": "failed", "look": "success", "after": "not_run"}
    (reason,) = live_team.reasons("fix")
    assert reason["kind"] == "checks"
    assert reason["message"] == "'cat src/new.py; echo no; exit 3' exited with 3: x = 1 | no"
    kept = live_team.path / reason["hint"].removeprefix("all that it printed: ")
    assert kept.read_text("utf-8") == "x = 1\nno\n"
    result.stdout.fnmatch_lines(["subagents: mode=replay, checks=run (--subagents-checks)", " Kept *work/*/fix-*"])
    assert len(agent.calls()) == calls
    assert not [path for path in live_team.path.rglob("PWNED") if ".subagents" not in path.parts]
    assert not list((live_team.path / ".subagents").rglob("PWNED"))
    assert digest_of(live_team.path / ".git") == repository
    live_team.nothing_left()


def test_another_list_of_commands_is_another_question(live_team: LiveTeam) -> None:
    """In the recordings there is no answer to it; the patch that does not fit any more has none either."""
    agent = recorded(live_team, "false")
    ask(live_team, agent, "grep -q x src/new.py")
    assert live_team.replay().ret == 1
    assert live_team.messages("fix") == ["no result of 'grep -q x src/new.py' was recorded"]
    live_team.environ["SUBAGENTS_CHECKS"] = "run"
    for mode in ("", "once"):
        live_team.live(mode).assert_outcomes(passed=3)
    path = live_team.path / "recordings/team/fix.meta.json"
    meta = path.read_text("utf-8")
    path.write_text(meta.replace(json.loads(meta)["base"], "1" * 40), encoding="utf-8")
    live_team.ini("subagents_stale = warn")
    assert live_team.live("").ret == 1
    assert live_team.kinds("fix") == ["stale"]


def test_what_cannot_be_run_is_said_before_anything_is(live_team: LiveTeam) -> None:
    recorded(live_team, "cd src && claude -p hello")
    before = printed(live_team)
    for how, words in ([], "would start claude, and a replay starts no agent"), (["-n1", "--dist=loadfile"], "--dist"):
        result = live_team.replay(RUN, *how)
        assert result.ret == 4
        result.stdout.fnmatch_lines([f"ERROR: *{words}*"])
    shutil.rmtree(live_team.path / ".git")
    result = live_team.replay(RUN)
    assert result.ret == 4
    result.stdout.fnmatch_lines(["ERROR: --subagents-checks=run: * is not in a git repository"])
    assert printed(live_team) == before


def test_elsewhere_commands_run_in_a_checkout_there(live_team: LiveTeam) -> None:
    """And what they print is here."""
    places = TwoPlaces(live_team)
    recorded(live_team, "test -f src/new.py; echo seen; exit 3")
    shutil.rmtree(live_team.path / ".subagents")
    places.clone()
    assert places.run("replay", RUN).ret == 1
    assert live_team.messages("fix") == ["'test -f src/new.py; echo seen; exit 3' exited with 3: seen"]
    kept = live_team.path / live_team.reasons("fix")[0]["hint"].removeprefix("all that it printed: ")
    assert kept.read_text("utf-8") == "seen\n"
    places.nothing_is_left_there()
