"""Best of N and repetitions with agents that run: who starts, what is recorded, and that a replay says the same."""

from __future__ import annotations

import itertools
import shutil
import subprocess
import sys
from typing import Any

import pytest
from live_team import GOOD, SPREAD, LiveTeam, told
from repositories import plain_git
from team import ANSWER

from pytest_subagents.testing.scripted_agent import ScriptedAgent
from pytest_subagents.testing.scripts import Script
from pytest_subagents.testing.steps import Answer, Change, Fail, Spend, Step

BAD = Answer("no JSON")
ONE_BY_ONE = [pytest.param([], id="alone"), pytest.param(["-n", "1"], id="n1")]


def found(number: int, summary: str) -> Answer:
    return Answer({**ANSWER, "summary": summary, "findings": ["one"] * number})


def by_turns(team: LiveTeam, *turns: tuple[Step, ...], id: str = "math") -> ScriptedAgent:
    """An agent that does these one after the other when it is told `Do math.`, and gives a good answer as any other."""
    scripts = [Script(prompt_has=f"Do {id}.", steps=steps, times=1) for steps in turns]
    return team.agent(scripts=[*scripts, Script(steps=(GOOD,))])


def listed(team: LiveTeam, id: str = "math") -> list[dict[str, Any]]:
    attempts: list[dict[str, Any]] = team.rows()[id]["attempts"]
    return attempts


def same_when_replayed(team: LiveTeam, code: int = 0) -> None:
    recorded = team.report_text()
    for how in ([], ["-n", "2"]):
        shutil.rmtree(team.path / "artifacts")
        assert team.replay(*how).ret == code
        assert team.report_text() == recorded


@pytest.mark.parametrize("how", SPREAD)
def test_who_needs_a_row_gets_the_best_attempt_and_a_replay_says_the_same(live_team: LiveTeam, how: list[str]) -> None:
    agent = by_turns(live_team, (Spend(9, 1), found(2, "Two.")), (Spend(9, 1), found(1, "The best.")), (BAD,))
    live_team.cast(
        agent,
        "id: math, instructions: Do math., attempts: {count: 3, select: [fewest findings]}",
        "id: fix, instructions: 'Do fix. {{ results.math.summary }}', depends_on: [math]",
    )
    result = live_team.live("record", *how)
    result.assert_outcomes(passed=3, xfailed=1)
    assert result.ret == 0
    assert sorted(told(agent)) == ["fix", "math", "math", "math"]
    assert [call.prompt for call in agent.calls() if "The best." in call.prompt] != []
    assert live_team.rows()["math"]["summary"] == "The best."
    assert live_team.rows()["math"]["usage"]["input_tokens"] == 18
    names = {f"team/math/{number}.{suffix}" for number in (1, 2, 3) for suffix in ("jsonl", "meta.json")}
    assert set(live_team.recorded()) == names | {"team/fix.jsonl", "team/fix.meta.json"}
    assert live_team.run_file()["agents"].keys() >= {f"subagents.yaml::math[{number}]" for number in (1, 2, 3)}
    same_when_replayed(live_team)
    live_team.nothing_left()


@pytest.mark.parametrize("how", ONE_BY_ONE)
def test_what_is_decided_starts_no_more_attempts_and_is_no_fault_of_a_replay(
    live_team: LiveTeam, how: list[str]
) -> None:
    agent = by_turns(live_team, (BAD,), (GOOD,))
    live_team.cast(
        agent, "id: math, instructions: Do math., attempts: 4", "id: fix, instructions: Do fix., depends_on: [math]"
    )
    result = live_team.live("once", *how)
    result.assert_outcomes(passed=2, xfailed=1, skipped=2)
    assert result.ret == 0
    assert told(agent) == ["math", "math", "fix"]
    assert [each["status"] for each in listed(live_team)] == ["failed", "success", "not_run", "not_run"]
    assert listed(live_team)[3]["reasons"][0]["kind"] == "lost"
    assert live_team.report()["complete"] is True
    recorded = live_team.recorded()
    assert {name for name in recorded if "math/3" in name} == {"team/math/3.meta.json"}
    same_when_replayed(live_team)
    assert live_team.live("once", *how).ret == 0
    assert len(agent.calls()) == 3
    assert live_team.recorded() == recorded
    (live_team.path / "recordings/team/math/2.jsonl").unlink()
    assert live_team.replay().ret == 1
    assert live_team.kinds("math")[0] == "missing_recording"


@pytest.mark.parametrize("how", SPREAD)
def test_who_may_not_stop_early_runs_them_all_and_a_resume_runs_none_again(live_team: LiveTeam, how: list[str]) -> None:
    agent = live_team.agent()
    live_team.cast(agent, "id: math, instructions: Do math., attempts: {count: 2, stop_early: false}")
    live_team.live("live", *how).assert_outcomes(passed=2)
    assert len(agent.calls()) == 2
    text = live_team.report_text()
    live_team.live("live", "--subagents-resume", *how).assert_outcomes(passed=2)
    assert len(agent.calls()) == 2
    assert live_team.report_text() == text


def test_a_provider_that_failed_one_attempt_does_not_fail_the_replay_of_its_row(live_team: LiveTeam) -> None:
    agent = by_turns(live_team, (Fail("provider_error", message="overloaded"),), (GOOD,))
    more = "retries: {provider_error: 0}, attempts: {count: 2, stop_early: false}"
    live_team.cast(agent, f"id: math, instructions: Do math., {more}")
    assert live_team.live("record").ret == 0
    assert listed(live_team)[0]["reasons"][0]["kind"] == "provider_error"
    same_when_replayed(live_team)
    assert live_team.live("once").ret == 0
    assert [each["status"] for each in listed(live_team)] == ["success", "success"]
    assert len(agent.calls()) == 3, "it was run again, and the good one was not"
    assert live_team.live("once").ret == 0
    assert len(agent.calls()) == 3


@pytest.mark.parametrize("how", SPREAD)
def test_writers_have_a_checkout_each_and_the_winners_patch_is_merged(live_team: LiveTeam, how: list[str]) -> None:
    long = (Change("src/a.py", "one\ntwo\nthree\n"), GOOD)
    short = (Change("src/a.py", "short\n"), GOOD)
    stray = (Change("other.py", "x\n"), GOOD)
    agent = by_turns(live_team, long, short, stray)
    live_team.cast(
        agent,
        "id: math, instructions: Do math., scope: {write: [src/]}, attempts: {count: 3, select: [smallest diff]}",
    )
    live_team.repository()
    result = live_team.live("record", *how)
    result.assert_outcomes(passed=2, xfailed=1)
    assert result.ret == 0
    assert sorted((each["changed_lines"], each["selected"]) for each in listed(live_team)) == [
        (1, False),
        (1, True),
        (3, False),
    ]
    same_when_replayed(live_team)
    command = [sys.executable, "-m", "pytest_subagents.cli.main", "merge", "--apply"]
    done = subprocess.run(command, cwd=live_team.path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert plain_git(live_team.path, "show", "subagents/team:src/a.py").strip() in ("short", b"short")


@pytest.mark.parametrize("how", ONE_BY_ONE)
def test_not_an_attempt_but_its_row_gives_up_a_workflow(live_team: LiveTeam, how: list[str]) -> None:
    agent = by_turns(live_team, (BAD,), (GOOD,), (BAD,), (BAD,))
    live_team.cast(agent, "id: math, instructions: Do math., attempts: 2, priority: 1", "fix", abort_on_failure=True)
    result = live_team.live("live", *how)
    result.assert_outcomes(passed=2, xfailed=1)
    assert result.ret == 0
    result = live_team.live("live", *how)
    result.assert_outcomes(xfailed=2, skipped=1)
    assert result.ret == 1
    assert live_team.messages("fix") == ["math failed, and execution.abort_on_failure is set"]


@pytest.mark.parametrize("how", SPREAD)
def test_repetitions_run_all_and_their_rate_is_recorded(live_team: LiveTeam, how: list[str]) -> None:
    agent = by_turns(live_team, (BAD,), (GOOD,), (GOOD,))
    live_team.cast(agent, "id: math, instructions: Do math., repeat: 3")
    gate = ("--subagents-verdict=gates", "--subagents-gate=pass_rate >= 0.5")
    result = live_team.live("record", *gate, *how)
    result.assert_outcomes(passed=2, xfailed=1)
    assert result.ret == 0
    assert live_team.rows()["math"]["pass_rate"]["passed"] == 2
    recorded = live_team.report_text()
    assert live_team.replay(*gate).ret == 0
    assert live_team.report_text() == recorded


def test_attempts_share_the_limits_of_the_run_and_what_is_no_file(live_team: LiveTeam) -> None:
    """With three workers, one resource: never two at once."""
    agent = live_team.agent()
    live_team.cast(agent, "id: math, instructions: Do math., resources: [db], attempts: {count: 3, stop_early: false}")
    live_team.live("live", "-n", "3").assert_outcomes(passed=3)
    spans = sorted((each["started"], each["ended"]) for each in live_team.run_file()["agents"].values())
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))


_DIES = """
import os, signal
import pytest

@pytest.hookimpl(trylast=True)
def pytest_runtest_logreport(report):
    if report.when == "call" and report.nodeid.endswith("::math[1]") and "PYTEST_XDIST_WORKER" in os.environ:
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_worker_that_dies_under_an_attempt_loses_that_one_alone(live_team: LiveTeam) -> None:
    """Its row goes on with the next one, and so does what waits for it."""
    agent = live_team.agent()
    live_team.cast(
        agent, "id: math, instructions: Do math., attempts: 3", "id: fix, instructions: Do fix., depends_on: [math]"
    )
    live_team.write("conftest.py", _DIES)
    result = live_team.live("live", "-n", "1", "-rx")
    result.assert_outcomes(passed=3, xfailed=1, skipped=1)  # it had passed before
    result.stdout.fnmatch_lines(["XFAIL*subagents.yaml::math?1? - failed (crashed); its row decides"])
    assert result.ret == 0
    assert told(agent) == ["math", "math", "fix"]
    assert live_team.statuses() == {"math": "success", "fix": "success"}
    assert [each["status"] for each in listed(live_team)] == ["failed", "success", "not_run"]
    assert listed(live_team)[0]["reasons"][0]["kind"] == "crashed"


_SKIPPED = """
import pytest
from pytest_subagents import Subagent
from pytest_subagents.model.spec import Attempts

COMMAND = {{"vendor": "command", "command": {command!r}}}

@pytest.fixture(autouse=True)
def not_now(request):
    if "first[1]" in request.node.name:
        pytest.skip("not now")

@pytest.mark.subagents(
    Subagent(id="first", task="Do first.", attempts=Attempts(count=2), **COMMAND),
    Subagent(id="last", task="Do last.", depends_on=("first",), **COMMAND),
)
def test_team(subagent_result):
    assert subagent_result.status == "success"
"""


@pytest.mark.parametrize("how", SPREAD)
def test_an_attempt_that_a_person_skips_is_none(live_team: LiveTeam, how: list[str]) -> None:
    agent = live_team.agent()
    live_team.write("test_team.py", _SKIPPED.format(command=agent.command))
    result = live_team.live("live", *how)
    result.assert_outcomes(passed=2, skipped=1)
    assert result.ret == 0
    assert [each["number"] for each in listed(live_team, "first")] == [2]
    assert live_team.report()["counts"]["deselected"] == 1
