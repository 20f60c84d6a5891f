"""One budget for the whole run, across its workers, and the other limits on who may start."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from live_team import GOOD, SPREAD, LiveTeam, told

from pytest_subagents.testing.scripts import Script
from pytest_subagents.testing.steps import Answer, Run, Spend, Step, WaitFor

EACH = Spend(500, 100, usd=0.40)


@pytest.mark.parametrize("how", SPREAD)
@pytest.mark.parametrize(
    ("budget", "words"),
    [
        ("tokens=1000", "the budget of 1,000 tokens is spent (1,200)"),
        ("usd=0.5", "the budget of 0.5 USD is spent (0.8000)"),
    ],
)
def test_when_it_is_spent_nothing_more_starts_in_any_worker(
    live_team: LiveTeam, how: list[str], budget: str, words: str
) -> None:
    agent = live_team.agent(EACH, GOOD)
    live_team.cast(agent, "a", "b", "c", "d", "e", more=", model: gpt-5-mini", max_concurrent_agents=1)
    result = live_team.live("record", f"--subagents-budget={budget}", *how)
    assert result.ret == 1
    assert len(agent.calls()) == 2
    rows = live_team.rows()
    stopped = [row for row in rows.values() if row["status"] == "not_run"]
    assert sorted(row["status"] for row in rows.values()) == ["not_run"] * 3 + ["success"] * 2
    assert [row["reasons"] for row in stopped] == [[{"kind": "stopped", "message": words}]] * 3
    assert live_team.report()["complete"] is False
    result.assert_outcomes(passed=2, skipped=3)
    result.stdout.fnmatch_lines(["* NOT RUN  *", f"*stopped: {words}*", "*The run was cut short*", " Again *-resume"])


@pytest.mark.parametrize("how", SPREAD)
def test_the_last_one_may_spend_the_rest(live_team: LiveTeam, how: list[str]) -> None:
    """Nothing was left out, so the report is whole, and a replay's is the same."""
    live_team.cast(live_team.agent(EACH, GOOD), "a", "b")
    assert live_team.live("record", "--subagents-budget=tokens=1200", *how).ret == 0
    recorded = live_team.report_text()
    assert live_team.report()["complete"] is True
    live_team.replay()
    assert live_team.report_text() == recorded


def test_time_counts_from_the_first_start_and_lets_the_running_ones_end(live_team: LiveTeam) -> None:
    agent = live_team.agent(Run("sleep 0.3", really=True), GOOD)
    live_team.cast(agent, "a", "b")
    assert live_team.live("live", "--subagents-budget=time=0.1s").ret == 1
    assert live_team.statuses() == {"a": "success", "b": "not_run"}
    assert live_team.reasons("b")[0]["message"] == "the budget of 0.1 s is over"


def test_what_is_only_replayed_costs_nothing(live_team: LiveTeam) -> None:
    agent = live_team.agent(EACH, GOOD)
    live_team.cast(agent, "a", "b", "c")
    live_team.live("record")
    (live_team.path / "recordings/team/c.jsonl").unlink()
    assert live_team.live("once", "--subagents-budget=tokens=10").ret == 0
    assert told(agent) == ["a", "b", "c", "c"]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--subagents-budget=5"], "--subagents-budget: *"),
        (["--subagents-budget=usd=lots"], "--subagents-budget: *"),
        (["--subagents-budget=euros=5"], "--subagents-budget: *"),
        (["--subagents-max-concurrency=0"], "--subagents-max-concurrency: '0' is no whole number above 0"),
        (["--subagents-budget=usd=5"], "subagents.yaml:3 (agent 'a'): the budget in USD cannot hold: *"),
        (["--subagents-budget=usd=5", "-n", "2"], "subagents.yaml:3 (agent 'a'): the budget in USD cannot hold: *"),
    ],
)
def test_limits_that_cannot_hold_are_refused_before_anything_starts(
    live_team: LiveTeam, args: list[str], words: str
) -> None:
    agent = live_team.agent()
    live_team.cast(agent, "a")
    result = live_team.live("live", *args)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    pytest.LineMatcher(result.outlines + result.errlines).fnmatch_lines([f"ERROR: {words}", "  hint: *"])
    assert agent.calls() == ()
    assert live_team.runs() == []


def _diary(folder: Path, *between: Step) -> tuple[Step, ...]:
    """Writes down when it comes and when it goes, for all to see how many were there."""
    path = folder / "diary"
    return (Run(f"echo in >> {path}", really=True), *between, Run(f"echo out >> {path}", really=True), GOOD)


def _most_at_once(folder: Path) -> int:
    there, most = 0, 0
    for line in (folder / "diary").read_text(encoding="utf-8").split():
        there += 1 if line == "in" else -1
        most = max(most, there)
    return most


def test_no_more_run_at_a_time_than_the_option_says(live_team: LiveTeam) -> None:
    live_team.cast(live_team.agent(*_diary(live_team.outside, Run("sleep 0.1", really=True))), *"abcdef")
    assert live_team.live("live", "-n", "3", "--subagents-max-concurrency=1").ret == 0
    assert _most_at_once(live_team.outside) == 1


def test_each_workflow_has_its_own_limit(live_team: LiveTeam) -> None:
    """One of each waits for one of the other: they do run beside each other."""
    here, there = live_team.outside / "here", live_team.outside / "there"
    for mine, other in ((here, there), (there, here)):
        mine.mkdir()
        meet = (Run(f"touch {mine}/came", really=True), WaitFor(f"{other}/came"))
        head = live_team.head(live_team.agent(*_diary(mine, *meet)), max_concurrent_agents=1)
        ids = [f"{mine.name}{number}" for number in range(3)]
        live_team.workflow(
            *(f"id: {id}, instructions: Do {id}." for id in ids),
            name=f"{mine.name}.subagents.yaml",
            head=head.replace("name: team", f"name: {mine.name}"),
        )
    assert live_team.live("live", "-n", "3").ret == 0
    assert (_most_at_once(here), _most_at_once(there)) == (1, 1)


def test_as_many_run_at_a_time_as_may(live_team: LiveTeam) -> None:
    """Each waits for the other two."""
    meet = [Run(f"touch {live_team.outside}/$(echo {id})", really=True) for id in "abc"]
    wait = [WaitFor(str(live_team.outside / id)) for id in "abc"]
    scripts = [Script(prompt_has=f"Do {id}.", steps=(mine, *wait, GOOD)) for id, mine in zip("abc", meet, strict=True)]
    live_team.cast(live_team.agent(scripts=scripts), "a", "b", "c")
    assert live_team.live("live", "-n", "3").ret == 0


def test_starts_of_a_workflow_are_staggered(live_team: LiveTeam) -> None:
    """By the clock of the controller, which gives the word: never sooner."""
    live_team.cast(live_team.agent(), "a", "b", "c", stagger="0.3s")
    assert live_team.live("live", "-n", "3").ret == 0
    (run,) = live_team.runs()
    status = json.loads((run / "status.json").read_text(encoding="utf-8"))
    starts = sorted(agent["started"] for agent in status["agents"])
    # `started` is told by the workers, a moment after the word.
    assert starts[1] - starts[0] > 0.1
    assert starts[2] - starts[0] > 0.4


@pytest.mark.parametrize("how", SPREAD)
def test_with_abort_on_failure_nothing_more_of_its_workflow_starts(live_team: LiveTeam, how: list[str]) -> None:
    agent = live_team.agent(scripts=[Script(prompt_has="Do a.", steps=(Answer("prose"),)), Script(steps=(GOOD,))])
    live_team.cast(agent, "a", "b", "c", abort_on_failure=True, max_concurrent_agents=1)
    other = live_team.head(agent).replace("name: team", "name: other")
    live_team.workflow("id: z, instructions: Do z.", name="z.subagents.yaml", head=other)
    assert live_team.live("live", *how).ret == 1
    statuses = live_team.statuses()
    assert statuses.pop("z") == "success"
    assert statuses["a"] == "failed"
    started = set(told(agent)) - {"z"}
    assert {id for id, status in statuses.items() if status == "not_run"} == {"a", "b", "c"} - started
    if not how:
        assert started == {"a"}
        assert live_team.reasons("b")[0]["message"] == "a failed, and execution.abort_on_failure is set"
    assert live_team.report()["complete"] is (started == {"a", "b", "c"})


def test_an_expected_failure_aborts_nothing(live_team: LiveTeam) -> None:
    agent = live_team.agent(scripts=[Script(prompt_has="Do a.", steps=(Answer("prose"),)), Script(steps=(GOOD,))])
    live_team.cast(agent, "id: a, instructions: Do a., expect: failed", "b", abort_on_failure=True)
    assert live_team.live("live").ret == 0
    assert told(agent) == ["a", "b"]
