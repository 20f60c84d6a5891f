"""Limits of one subagent while its stream comes, and retries: what its row says, and that a replay says the same."""

from __future__ import annotations

import json

import pytest
from live_team import GOOD, SPREAD, LiveTeam, told
from team import ANSWER

from pytest_subagents.testing.scripts import Script
from pytest_subagents.testing.steps import Answer, Fail, Hang, Raw, Run, Say, Spend, Start, Step

SOON = "0.3s"


def _usage(input_tokens: int, output_tokens: int = 0, **more: float) -> Raw:
    """Spent by now, as the neutral dialect tells it while it goes on."""
    told = {"type": "subagents.usage", "input_tokens": input_tokens, "output_tokens": output_tokens, **more}
    return Raw(json.dumps(told) + "\n")


LIMITED: dict[str, tuple[str, tuple[Step, ...], str, str]] = {
    "slow": (
        f"limits: {{timeout: {SOON}}}, expect: {{status: failed, kind: timeout}}",
        (Say("I begin."), Hang()),
        "timeout",
        "it ran for longer than 0.3 s; the stream ends after line 2*",
    ),
    "idle": (
        f"limits: {{idle_timeout: {SOON}}}, expect: {{status: failed, kind: idle_timeout}}",
        (Say("I begin."), Hang()),
        "idle_timeout",
        "it said nothing more for 0.3 s*",
    ),
    "turns": (
        "limits: {max_turns: 2}",
        (*(Run("ls", output="a") for _ in range(4)), Hang()),
        "turn_limit",
        "turn * began, and limits.max_turns is 2*",
    ),
    "tokens": (
        "limits: {max_tokens: 1k}",
        (Start(), _usage(900, 300), Hang()),
        "budget",
        "1,200 tokens are spent, and limits.max_tokens is 1,000*",
    ),
    "dollars": (
        "limits: {max_usd: 0.5}, model: gpt-5-mini",
        (Start(), _usage(900, usd=0.75), Hang()),
        "budget",
        "0.7500 USD are spent, and limits.max_usd is 0.5*",
    ),
}
"""By id: keys, what the agent does, the kind of the reason and its words. What only our clocks see is recorded where
somebody expects it: else it says something of a provider on one day."""


@pytest.mark.parametrize("how", SPREAD)
def test_each_limit_ends_its_agent_with_its_reason_and_is_recorded(live_team: LiveTeam, how: list[str]) -> None:
    scripts = [Script(prompt_has=f"Do {id}.", steps=steps) for id, (_, steps, _, _) in LIMITED.items()]
    agent = live_team.agent(scripts=[*scripts, Script(steps=(GOOD,))])
    agents = [f"id: {id}, instructions: Do {id}., {keys}" for id, (keys, *_) in LIMITED.items()]
    live_team.cast(agent, *agents, "well")
    assert live_team.live("record", *how).ret == 1
    assert live_team.statuses() == {"well": "success"} | dict.fromkeys(LIMITED, "failed")
    for id, (_, _, kind, words) in LIMITED.items():
        (reason,) = live_team.reasons(id)
        assert reason["kind"] == kind
        pytest.LineMatcher([reason["message"]]).fnmatch_lines([words])
    assert live_team.report()["complete"] is True
    recorded = live_team.report_text()
    assert live_team.replay().ret == 1
    assert live_team.report_text() == recorded
    live_team.nothing_left()


def test_who_said_nothing_at_all_leaves_the_recording_that_is_there(live_team: LiveTeam) -> None:
    live_team.cast(live_team.agent(), "a")
    live_team.live("record")
    before = live_team.recorded()
    live_team.cast(live_team.agent(Hang()), f"id: a, instructions: Do a., limits: {{timeout: {SOON}}}")
    result = live_team.live("record")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["timeout: it ran for longer than 0.3 s; nothing was on stdout"])
    assert live_team.recorded() == before


def test_what_had_ended_well_before_its_time_was_up_is_partial(live_team: LiveTeam) -> None:
    agent = live_team.agent(GOOD, Hang())
    live_team.cast(
        agent,
        f"id: a, instructions: Do a., limits: {{timeout: {SOON}}}",
        f"id: b, instructions: Do b., limits: {{idle_timeout: {SOON}}}",
    )
    result = live_team.live("record")
    assert result.ret == 0
    assert live_team.statuses() == {"a": "partial", "b": "partial"}
    assert (live_team.kinds("a"), live_team.kinds("b")) == (["timeout"], ["idle_timeout"])
    assert "although the stream ended well" in live_team.reasons("a")[0]["message"]
    assert live_team.rows()["a"]["answer"] == ANSWER
    recorded = live_team.report_text()
    live_team.replay()
    assert live_team.report_text() == recorded


def test_tokens_that_are_told_at_the_end_do_not_fail_a_run_that_is_over(live_team: LiveTeam) -> None:
    agent = live_team.agent(Spend(900, 300, usd=2), GOOD)
    live_team.cast(agent, "id: a, instructions: Do a., limits: {max_usd: 5, max_tokens: 10k}, model: gpt-5-mini")
    live_team.live("record").assert_outcomes(passed=1)


RETRIED = ", retries: {rate_limit: 2, provider_error: 1}"


def test_each_reason_has_its_own_retries_and_the_last_try_is_the_row(live_team: LiveTeam) -> None:
    limited = (Spend(100, 10), Fail("rate_limit", message="429, try again in 10 ms"))
    broken = (Spend(100, 10), Fail("provider_error", message="500, retry after 10 ms"))
    scripts = [
        Script(prompt_has="Do limited.", times=2, steps=limited),
        Script(prompt_has="Do limited.", steps=(Spend(7, 3), GOOD)),
        Script(prompt_has="Do never.", steps=limited),
        Script(prompt_has="Do broken.", times=1, steps=broken),
        Script(prompt_has="Do broken.", steps=(*limited[:1], Answer("no JSON"))),
        Script(prompt_has="Do auth.", steps=(Fail("auth"),)),
    ]
    agent = live_team.agent(scripts=scripts)
    live_team.cast(agent, "limited", "never", "broken", "auth", more=RETRIED)
    assert live_team.live("record").ret == 1
    starts = told(agent)
    assert {id: starts.count(id) for id in set(starts)} == {"limited": 3, "never": 3, "broken": 2, "auth": 1}
    assert live_team.statuses() == {"limited": "success", "never": "failed", "broken": "failed", "auth": "failed"}
    assert live_team.kinds("never") == ["rate_limit"]
    assert live_team.kinds("broken") == ["not_json"]
    assert live_team.rows()["limited"]["usage"]["input_tokens"] == 7
    assert set(live_team.recorded()) == {
        "team/limited.jsonl", "team/limited.meta.json", "team/broken.jsonl", "team/broken.meta.json",
    }  # fmt: skip


def test_what_retries_cost_counts_for_the_budget(live_team: LiveTeam) -> None:
    scripts = [
        Script(prompt_has="Do a.", times=1, steps=(Spend(600, 0), Fail("rate_limit", message="try again in 10 ms"))),
        Script(prompt_has="Do a.", steps=(Spend(600, 0), GOOD)),
        Script(steps=(GOOD,)),
    ]
    agent = live_team.agent(scripts=scripts)
    live_team.cast(agent, "a", "b", more=RETRIED)
    assert live_team.live("live", "--subagents-budget=tokens=1000").ret == 1
    assert live_team.statuses() == {"a": "success", "b": "not_run"}
    assert live_team.reasons("b")[0]["message"] == "the budget of 1,000 tokens is spent (1,200)"


def test_there_is_one_layer_of_retries(live_team: LiveTeam) -> None:
    """pytest's own reruns get the result that is there."""
    live_team.with_plugins("rerunfailures")
    agent = live_team.agent(Fail("rate_limit", message="try again in 10 ms"))
    live_team.cast(agent, "a", more=", retries: {rate_limit: 1}")
    live_team.write(
        "test_it.py",
        f"import pytest\nCOMMAND = {list(agent.command)!r}\n"
        "@pytest.mark.subagent(id='b', task='Do b.', vendor='command', command=COMMAND, retries={'rate_limit': 0})\n"
        "def test_it(): pass\n",
    )
    for how in ([], ["-n", "2"]):
        before = len(agent.calls())
        result = live_team.live("live", "--reruns", "2", *how)
        assert result.ret == 1
        assert sorted(told(agent)[before:]) == ["a", "a", "b"]
        result.stdout.fnmatch_lines(["*2 failed, 4 rerun*"])
