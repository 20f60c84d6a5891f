"""Ctrl-C, SIGTERM, -x and other plugins' ways to stop: no process is left, and nothing that is known is lost."""

from __future__ import annotations

import signal

import pytest
from live_team import GOOD, SPREAD, LiveTeam, begun, told, until

from pytest_subagents.testing.scripts import Script
from pytest_subagents.testing.steps import Answer, Daemonise, Hang, IgnoreTerm, Run, Say, Spend, Start, WaitFor

STUCK = (Spend(700, 70), Say("I think about it."), Daemonise(), Hang())


@pytest.mark.parametrize("group", [True, False], ids=["group", "pytest-alone"])
@pytest.mark.parametrize("how", SPREAD)
def test_ctrl_c_ends_agents_and_writes_the_report(live_team: LiveTeam, how: list[str], group: bool) -> None:
    stuck = ["one", "two"] if how else ["one"]
    scripts = [*(Script(prompt_has=f"Do {id}.", steps=STUCK) for id in stuck), Script(steps=(GOOD,))]
    agent = live_team.agent(scripts=scripts)
    live_team.cast(agent, "first", *stuck, "last")
    run = live_team.start("record", *how)
    until(lambda: set(stuck) <= set(told(agent)), "those that hang")
    until(lambda: len(live_team.hanging(agent)) == len(stuck), "what they say before they hang")
    run.signal(signal.SIGINT, group=group)
    assert run.end() == pytest.ExitCode.INTERRUPTED
    live_team.nothing_left()
    rows = live_team.rows()
    for id in stuck:
        (reason,) = rows[id]["reasons"]
        assert (rows[id]["status"], reason["kind"]) == ("failed", "killed")
        assert reason["message"].startswith("the run was interrupted")
    done = {id for id, row in rows.items() if row["status"] == "success"}
    assert {id for id, row in rows.items() if row["status"] == "not_run"} == {"first", "last"} - done
    assert done >= {"first"} or how
    assert {name.split("/")[1].partition(".")[0] for name in live_team.recorded()} == done
    report = live_team.report()
    assert report["complete"] is False
    assert "The run was cut short" in run.output
    assert "Traceback" not in run.output


def test_sigterm_is_as_good_as_ctrl_c(live_team: LiveTeam) -> None:
    agent = live_team.agent(*STUCK)
    live_team.cast(agent, "a", "b")
    run = live_team.start("live")
    begun(agent, 1)
    run.signal(signal.SIGTERM)
    assert run.end() == pytest.ExitCode.INTERRUPTED
    live_team.nothing_left()
    assert live_team.kinds("a") == ["killed"]
    assert "SIGTERM" in live_team.reasons("a")[0]["message"]
    assert live_team.statuses()["b"] == "not_run"


def test_what_an_interrupted_agent_said_and_spent_is_in_its_row(live_team: LiveTeam) -> None:
    agent = live_team.agent(Start(), Run("ls", output="a"), Spend(700, 70), Say("Let me see."), Answer("half"), Hang())
    live_team.cast(agent, "a")
    run = live_team.start("live")
    until(lambda: live_team.hanging(agent), "what it says")
    run.signal(signal.SIGINT)
    run.end()
    row = live_team.rows()["a"]
    assert row["usage"]["input_tokens"] == 700
    assert row["exit_code"] == -signal.SIGTERM


def test_a_second_interrupt_does_not_wait_for_an_agent_that_does_not_go(live_team: LiveTeam) -> None:
    """Of another kind than the first: a system may deliver two of one kind as one."""
    agent = live_team.agent(IgnoreTerm(), Say("I stay."), Hang())
    live_team.cast(agent, "a")
    run = live_team.start("live")
    until(lambda: live_team.hanging(agent), "what it says")
    run.signal(signal.SIGINT)
    run.signal(signal.SIGTERM)
    assert run.end() == pytest.ExitCode.INTERRUPTED
    live_team.nothing_left()
    assert live_team.reasons("a")[0]["message"] == "the run was interrupted while it worked"


@pytest.mark.parametrize("how", SPREAD)
def test_with_x_nothing_more_starts(live_team: LiveTeam, how: list[str]) -> None:
    """With workers, the other one is in the middle of its work: it may end it, but not begin what waits behind it."""
    gate = live_team.outside / "gate"
    scripts = [
        Script(prompt_has="Do bad.", steps=(Answer("prose"),)),
        Script(prompt_has="Do long.", steps=(WaitFor(str(gate)), GOOD)),
        Script(steps=(GOOD,)),
    ]
    agent = live_team.agent(scripts=scripts)
    rest = [f"more{number}" for number in range(6)]
    live_team.cast(agent, *(["long"] if how else []), "bad", "behind", *rest)
    run = live_team.start("live", "-x", *how)
    begun(agent, 2 if how else 1)
    until(lambda: "FAILED" in run.output or "F" in run.output.rpartition("]")[2], "the failure")
    gate.touch()
    assert run.end() == pytest.ExitCode.TESTS_FAILED
    live_team.nothing_left()
    statuses = live_team.statuses()
    assert statuses["bad"] == "failed"
    if how:
        assert (statuses["long"], sorted(told(agent))) == ("success", ["bad", "long"])
    assert {statuses[id] for id in ("behind", *rest)} == {"not_run"}
    assert live_team.messages("behind") == ["the run ended before it was started or had a result"]
    assert live_team.report()["complete"] is False
    if not how:
        assert told(agent) == ["bad"]


def test_maxfail_stops_what_the_workers_have_not_begun(live_team: LiveTeam) -> None:
    agent = live_team.agent(Answer("prose"))
    live_team.cast(agent, *(f"bad{number}" for number in range(12)))
    result = live_team.live("live", "-n", "2", "--maxfail=2")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert len(agent.calls()) <= 4
    stopped = [id for id, status in live_team.statuses().items() if status == "not_run"]
    assert len(stopped) == 12 - len(agent.calls())


@pytest.mark.parametrize("method", ["signal", "thread"])
@pytest.mark.parametrize("how", SPREAD)
def test_pytest_timeout_cannot_kill_an_item(live_team: LiveTeam, how: list[str], method: str) -> None:
    live_team.with_plugins("timeout")
    live_team.ini("timeout = 0.1", f"timeout_method = {method}")
    agent = live_team.agent(Run("sleep 0.4", really=True), GOOD)
    live_team.cast(agent, "a")
    live_team.write("test_it.py", MARKED.format(command=list(agent.command), body="pass"))
    live_team.live("live", *how).assert_outcomes(passed=2)
    live_team.nothing_left()


MARKED = """
import pytest
@pytest.mark.subagent(id='m', task='Do m.', vendor='command', command={command!r})
def test_it(subagent_result): {body}
"""


def test_a_debugger_is_no_reason_to_start_twice(live_team: LiveTeam) -> None:
    agent = live_team.agent(Answer("prose"))
    live_team.cast(agent, "a")
    result = live_team.live("live", "--pdb")
    assert result.ret != 0
    assert told(agent) == ["a"]
    live_team.nothing_left()
