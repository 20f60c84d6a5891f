"""Dependencies, distribution and the channel between xdist's controller and its workers, with live agents."""

from __future__ import annotations

import signal

import psutil
import pytest
from live_team import GOOD, LiveTeam, begun, told, until
from team import ANSWER

from pytest_subagents.testing.scripted_agent import ScriptedAgent
from pytest_subagents.testing.scripts import Script
from pytest_subagents.testing.steps import Answer, Hang, IgnoreTerm, Say, Start, WaitFor

CHAIN = (
    "id: write, instructions: 'Do write. They said: {{ results.read.summary }}', depends_on: [read, look]",
    "id: read, instructions: Do read.",
    "id: look, instructions: Do look., depends_on: [read]",
)


def test_dependents_run_after_what_they_need_and_read_its_results(live_team: LiveTeam) -> None:
    agent = live_team.agent(
        scripts=[
            Script(prompt_has="Do read.", steps=(Answer({**ANSWER, "summary": "three bugs"}),)),
            Script(steps=(GOOD,)),
        ]
    )
    live_team.cast(agent, *CHAIN)
    live_team.live("record").assert_outcomes(passed=3)
    assert told(agent) == ["read", "look", "write"]
    assert "They said: three bugs" in agent.calls()[2].prompt
    assert {id: row["wave"] for id, row in live_team.rows().items()} == {"read": 1, "look": 2, "write": 3}


def test_who_needs_what_failed_is_not_started(live_team: LiveTeam) -> None:
    agent = live_team.agent(scripts=[Script(prompt_has="Do read.", steps=(Answer("prose"),)), Script(steps=(GOOD,))])
    live_team.cast(agent, *CHAIN, "other")
    assert live_team.live("record").ret == 1
    assert sorted(told(agent)) == ["other", "read"]
    assert live_team.statuses() == {"read": "failed", "look": "not_run", "write": "not_run", "other": "success"}
    assert live_team.reasons("look")[0]["message"] == "needs 'read', which failed (not_json)"
    recorded = live_team.report_text()
    live_team.replay()
    assert live_team.report_text() == recorded


def test_with_workers_what_is_fresh_is_replayed_and_the_rest_runs(live_team: LiveTeam) -> None:
    agent = live_team.agent()
    live_team.cast(agent, *CHAIN)
    live_team.live("once").assert_outcomes(passed=3)
    live_team.live("once", "-n", "2").assert_outcomes(passed=3)
    (live_team.path / "recordings/team/write.jsonl").unlink()
    live_team.live("once", "-n", "2").assert_outcomes(passed=3)
    assert told(agent) == ["read", "look", "write", "write"]
    (live_team.path / "recordings/team/look.jsonl").unlink()
    (live_team.path / "recordings/team/write.jsonl").unlink()
    live_team.live("once", "-n", "2").assert_outcomes(passed=3)
    assert told(agent)[4:] == ["look", "write"]


def test_what_is_not_selected_speaks_through_its_recording_and_never_runs(live_team: LiveTeam) -> None:
    agent = live_team.agent()
    live_team.cast(agent, *CHAIN)
    only = "subagents.yaml::look"
    result = live_team.live("live", only)
    assert result.ret == 1
    assert live_team.reasons("look")[0]["message"] == "needs 'read', which failed (missing_recording)"
    assert agent.calls() == ()
    live_team.live("record")
    live_team.live("live", only).assert_outcomes(passed=1)
    assert told(agent) == ["read", "look", "write", "look"]


def test_the_death_of_the_controller_ends_every_agent(live_team: LiveTeam) -> None:
    agent = live_team.agent(IgnoreTerm(), Say("I stay."), Hang())
    live_team.cast(agent, "a", "b", "c", "d")
    run = live_team.start("live", "-n", "2")
    until(lambda: len(live_team.hanging(agent)) == 2, "two agents at work")
    run.signal(signal.SIGKILL)
    run.end()
    live_team.nothing_alive()
    assert len(agent.calls()) == 2


def test_a_dead_worker_gives_its_place_back(live_team: LiveTeam) -> None:
    """With one agent at a time, those that come after it only start if the controller forgets the one that died."""
    scripts = [Script(prompt_has="Do a.", steps=(Start(), Say("I stay."), Hang())), Script(steps=(GOOD,))]
    agent = live_team.agent(scripts=scripts)
    live_team.cast(agent, "a", "b", "c", "d")
    run = live_team.start("live", "-n", "2", "--subagents-max-concurrency=1")
    until(lambda: "a" in told(agent) and live_team.hanging(agent), "the first")
    _worker_of(agent, run.pid).kill()
    assert run.end() == pytest.ExitCode.TESTS_FAILED
    live_team.nothing_left()
    assert live_team.statuses() == {"a": "failed", "b": "success", "c": "success", "d": "success"}
    assert live_team.kinds("a") == ["crashed"]
    assert sorted(told(agent)) == list("abcd")
    assert live_team.report()["complete"] is True


def test_a_failing_body_does_not_undo_what_the_channel_told(live_team: LiveTeam) -> None:
    """A result travels at once, and again with its test's report, which may have lowered it."""
    agent = live_team.agent()
    live_team.write(
        "test_it.py",
        f"import pytest\nCOMMAND = {list(agent.command)!r}\n"
        "@pytest.mark.subagent(id='m', task='Do m.', vendor='command', command=COMMAND, expect='success')\n"
        "def test_it(subagent_result): assert subagent_result.status == 'failed'\n",
    )
    for how in ([], ["-n", "2"]):
        assert live_team.live("live", *how).ret == 1
        assert live_team.kinds("m") == ["assertion"]
        assert live_team.statuses() == {"m": "failed"}


def test_agents_of_several_workers_do_not_wait_for_each_other(live_team: LiveTeam) -> None:
    gate = live_team.outside / "gate"
    scripts = [
        Script(prompt_has="Do a.", steps=(WaitFor(str(gate)), GOOD)),
        Script(prompt_has="Do z.", steps=(Answer(ANSWER),)),
        Script(steps=(GOOD,)),
    ]
    agent = live_team.agent(scripts=scripts)
    live_team.cast(agent, *"abcz")
    run = live_team.start("live", "-n", "2")
    begun(agent, 3)
    gate.touch()
    assert run.end() == 0


def _worker_of(agent: ScriptedAgent, controller: int) -> psutil.Process:
    """The worker that runs an agent: above it stands its warden, and then the worker."""
    above = psutil.Process(agent.calls()[-1].pid).parents()
    return next(process for process in above if process.ppid() == controller)
