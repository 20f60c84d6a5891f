"""Live subagents over the workers of xdist, where something goes wrong, or where not all of them are to run."""

from __future__ import annotations

import pytest
from live_team import GOOD, LiveTeam, told

from pytest_subagents.testing.scripts import Script
from pytest_subagents.testing.steps import Answer, Run


def test_a_crashed_worker_is_reported_and_the_rest_goes_on(live_team: LiveTeam) -> None:
    agent = live_team.played(
        bad=(Run("kill -KILL $(ps -o ppid= -p $(ps -o ppid= -p $(ps -o ppid= -p $$)))", really=True), GOOD)
    )
    live_team.cast(agent, "bad", "id: needs, instructions: Do needs., depends_on: [bad]", *"abcd")
    result = live_team.live("record", "-n", "2")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert live_team.statuses() == {"bad": "failed", "needs": "not_run", **dict.fromkeys("abcd", "success")}
    assert live_team.kinds("bad")[0] == "crashed"
    assert live_team.messages("needs") == ["needs 'bad', which failed (crashed)"]
    assert live_team.report()["complete"] is True


@pytest.mark.parametrize("how", [["-n", "2"], ["-n", "1"], []], ids=["n2", "n1", "alone"])
def test_maxfail_leaves_what_has_not_begun(live_team: LiveTeam, how: list[str]) -> None:
    agent = live_team.played(**{f"bad{n}": (Answer("prose"),) for n in range(2)})
    live_team.cast(
        agent, "bad0", "bad1", *(f"id: x{n}, instructions: Do x{n}., depends_on: [ok]" for n in range(5)), "ok"
    )
    result = live_team.live("live", *how, "--maxfail=2")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    statuses = live_team.statuses()
    assert len(statuses) == 8
    assert [statuses["bad0"], statuses["bad1"]] == ["failed", "failed"]
    assert {statuses[f"x{n}"] for n in range(5)} <= {"success", "not_run"}
    assert live_team.report()["complete"] is False


@pytest.mark.parametrize("how", [["-n", "2"], []], ids=["n2", "alone"])
def test_lf_brings_back_what_failed_and_what_it_kept_from_running(live_team: LiveTeam, how: list[str]) -> None:
    agent = live_team.agent(
        scripts=[Script(prompt_has="Do a.", times=1, steps=(Answer("prose"),)), Script(steps=(GOOD,))]
    )
    live_team.cast(agent, "a", "id: b, instructions: Do b., depends_on: [a]", "c")
    live_team.live("record", *how)
    assert sorted(told(agent)) == ["a", "c"]
    live_team.live("record", *how, "--lf").assert_outcomes(passed=2)
    assert sorted(told(agent)) == ["a", "a", "b", "c"]


@pytest.mark.parametrize("how", [["-n", "2"], []], ids=["n2", "alone"])
def test_who_only_reads_what_one_writes_that_is_not_selected_runs(live_team: LiveTeam, how: list[str]) -> None:
    agent = live_team.agent()
    live_team.cast(
        agent,
        "id: writes, instructions: Do writes., scope: {write: [src/]}",
        "id: reads, instructions: Do reads., scope: {read: [src/]}",
    )
    live_team.live("live", *how, "-k", "reads").assert_outcomes(passed=1, **({} if how else {"deselected": 1}))
    assert told(agent) == ["reads"]


@pytest.mark.parametrize("how", [["-n", "2"], []], ids=["n2", "alone"])
def test_reruns_get_the_result_that_is_there(live_team: LiveTeam, how: list[str]) -> None:
    live_team.with_plugins("rerunfailures")
    agent = live_team.played(a=(Answer("prose"),))
    live_team.cast(agent, "a", "id: b, instructions: Do b., depends_on: [a]", "c")
    live_team.live("live", "--reruns", "2", *how)
    assert sorted(told(agent)) == ["a", "c"]
    assert live_team.statuses() == {"a": "failed", "b": "not_run", "c": "success"}


@pytest.mark.parametrize("dist", ["loadscope", "loadfile", "loadgroup", "each"])
def test_other_ways_to_distribute_are_refused_where_an_agent_would_be_started(live_team: LiveTeam, dist: str) -> None:
    agent = live_team.agent()
    live_team.cast(agent, "a", "b")
    result = live_team.live("once", "-n", "2", "--dist", dist)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines([f"ERROR: --dist {dist}: *", "  hint: use -n alone, or --dist load or worksteal*"])
    assert agent.calls() == ()
    if dist == "loadscope":
        live_team.live("once").assert_outcomes(passed=2)
        live_team.live("once", "-n", "2", "--dist", dist).assert_outcomes(passed=2)


def test_only_what_is_not_fresh_waits_and_what_is_fresh_waits_for_it(live_team: LiveTeam) -> None:
    """`sums` has a fresh recording, and cannot be judged before what it depends on has run again."""
    agent = live_team.agent(
        scripts=[
            Script(prompt_has="Do a.", times=1, steps=(GOOD,)),
            Script(prompt_has="Do a.", steps=(Answer("prose"),)),
            Script(steps=(GOOD,)),
        ]
    )
    live_team.cast(agent, "id: sums, instructions: Do sums., depends_on: [a]", "a", "b")
    live_team.live("once", "-n", "2").assert_outcomes(passed=3)
    (live_team.path / "recordings/team/a.jsonl").unlink()
    live_team.live("once", "-n", "2").assert_outcomes(failed=1, passed=1, skipped=1)
    assert sorted(told(agent)) == ["a", "a", "b", "sums"]
    assert live_team.messages("sums") == ["needs 'a', which failed (not_json)"]
