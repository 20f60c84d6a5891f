"""`runner: function`: a Python callable of the repository as a subagent."""

from __future__ import annotations

import pytest
from live_team import SPREAD, LiveTeam

FUNCTIONS = """
import asyncio, os, sys

GOOD = {"status": "success", "summary": "Two notes.", "findings": []}

def plain(call):
    print("this goes to standard error")
    call.emit.notice("I look around")
    return GOOD | {"summary": f"{call.agent}: {len(call.prompt) > 100} {sorted(call.results)}"}

async def later(call):
    await asyncio.sleep(0)
    return GOOD

def text(call):
    return "no JSON at all"

def raises(call):
    raise ValueError("no idea what to do")

def exits(call):
    sys.exit(3)

def limited(call):
    class RateLimitError(Exception):
        status_code = 429
    raise RateLimitError("slow down")

def hangs(call):
    import time
    time.sleep(600)

def nothing(call):
    return None

def where(call):
    assert os.getcwd() == str(call.workspace)
    return GOOD | {"summary": os.environ.get("MY_SECRET_TOKEN", "no token") + " " + str("PATH" in os.environ)}
"""

AGENTS = (
    "plain",
    "later",
    "text",
    "raises",
    "exits",
    "limited",
    "nothing",
    "where",
)


def _workflow(team: LiveTeam, *agents: str) -> None:
    team.write("team.py", FUNCTIONS)
    head = "workflow: {name: team, defaults: {runner: function, retries: {rate_limit: 0}}}\n"
    team.workflow(*agents, head=head)


def _agent(name: str, more: str = "") -> str:
    return f"id: {name}, instructions: Do {name}., function: 'team:{name}'{more}"


@pytest.mark.parametrize("how", SPREAD)
def test_whatever_a_function_does_is_a_row_and_a_replay_says_the_same(
    live_team: LiveTeam, how: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_SECRET_TOKEN", "s3cr3t-t0ken-0f-mine")
    hangs = _agent("hangs", ", limits: {timeout: 0.5s}, expect: {status: failed, kind: timeout}")
    _workflow(live_team, *(_agent(name) for name in AGENTS), hangs)
    assert live_team.live("record", *how).ret == 1
    rows = live_team.rows()
    assert live_team.statuses() == {
        "plain": "success", "later": "success", "where": "success", "hangs": "failed", "text": "failed",
        "raises": "failed", "exits": "failed", "limited": "failed", "nothing": "failed",
    }  # fmt: skip
    assert rows["plain"]["summary"] == "plain: True []"
    assert rows["where"]["summary"] == "no token True"
    kinds = {id: live_team.kinds(id)[0] for id in ("hangs", "text", "limited")}
    assert kinds == {"hangs": "timeout", "text": "not_json", "limited": "rate_limit"}
    assert "no idea what to do" in live_team.reasons("raises")[0]["message"]
    assert "3" in live_team.reasons("exits")[0]["message"]
    recorded = live_team.report_text()
    kept = {name.split("/")[1].partition(".")[0] for name in live_team.recorded()}
    live_team.replay(*how)
    again = live_team.rows()
    assert {id: again[id] for id in kept} == {id: rows[id] for id in kept}
    assert kept >= {"plain", "later", "text", "where", "hangs"}
    assert str(live_team.path) not in recorded
    live_team.nothing_left()


def test_functions_hear_of_each_other(live_team: LiveTeam) -> None:
    _workflow(live_team, _agent("later"), _agent("plain", ", depends_on: [later]"))
    live_team.live("live").assert_outcomes(passed=2)
    assert live_team.rows()["plain"]["summary"] == "plain: True ['later']"


@pytest.mark.parametrize("how", SPREAD)
def test_a_function_that_is_not_there_is_said_before_anything_starts(live_team: LiveTeam, how: list[str]) -> None:
    wrong = {
        "team:plian": "function: team.py has no 'plian'",
        "nowhere:plain": "function: 'nowhere:plain' is not code of this repository: there is no nowhere.py",
        "os:getcwd": "function: 'os:getcwd' is not code of this repository: there is no os.py",
    }
    _workflow(
        live_team, *(_agent(f"a{n}").replace(f"team:a{n}", each) for n, each in enumerate(wrong)), _agent("plain")
    )
    result = live_team.live("live", *how)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(
        [f"ERROR: subagents.yaml:{n} (agent *): {words}" for n, words in enumerate(wrong.values(), 3)]
    )
    assert live_team.runs() == []


def test_what_cannot_be_called_is_said_by_its_run(live_team: LiveTeam) -> None:
    _workflow(live_team, "id: a, instructions: Do a., function: 'team:GOOD'")
    assert live_team.live("live").ret == 1
    assert live_team.kinds("a") == ["launch"]
    assert "'GOOD' is no function" in live_team.reasons("a")[0]["message"]
