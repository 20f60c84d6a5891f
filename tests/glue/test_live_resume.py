"""--subagents-resume: after whatever ended a run, what is finished is not run again, and the report is the same."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable

import pytest
from live_team import GOOD, SPREAD, LiveTeam, begun, told, until
from team import ANSWER

from pytest_subagents.testing.scripted_agent import ScriptedAgent
from pytest_subagents.testing.scripts import Script
from pytest_subagents.testing.steps import Answer, Die, Fail, Say, Spend, Step, WaitFor

IDS = ("first", "second", "third")


def _gated(live_team: LiveTeam, id: str) -> ScriptedAgent:
    """An agent for a team in which one waits for the file `gate`; how long the others take, their scripts say."""
    wait = WaitFor(str(live_team.outside / "gate"))
    waits = Script(prompt_has=f"Do {id}.", steps=(Say("I wait."), wait, Spend(10, 1), GOOD))
    return live_team.agent(scripts=[waits, Script(steps=(Spend(10, 1), GOOD))])


def _cut(live_team: LiveTeam, mode: str, *how: str, stop: Callable[[int], None] | None = None) -> ScriptedAgent:
    """A run that is killed while its second agent is at work; the gate is open then."""
    agent = _gated(live_team, "second")
    live_team.cast(agent, *IDS)
    run = live_team.start(mode, *how)
    until(lambda: "second" in told(agent) and live_team.hanging(agent), "the one that waits")
    run.signal(signal.SIGKILL if stop is None else signal.SIGINT)
    run.end()
    live_team.nothing_alive()
    (live_team.outside / "gate").touch()
    return agent


def _same(report: str) -> str:
    """A report without its times: those of what ran twice differ."""
    import json

    found = json.loads(report)
    found["totals"]["runtime_ms"] = None
    for row in found["agents"]:
        row["runtime_ms"] = None
    return json.dumps(found)


@pytest.mark.parametrize(
    ("mode", "number"), [("once", signal.SIGKILL), ("record", signal.SIGINT), ("live", signal.SIGKILL)]
)
def test_after_a_kill_only_what_was_not_finished_runs(live_team: LiveTeam, mode: str, number: signal.Signals) -> None:
    agent = _cut(live_team, mode, stop=None if number == signal.SIGKILL else lambda _: None)
    assert told(agent) == ["first", "second"]
    result = live_team.live(mode, "--subagents-resume")
    result.assert_outcomes(passed=3)
    assert told(agent) == ["first", "second", "second", "third"]
    resumed = live_team.report_text()
    live_team.nothing_left()
    shutil.rmtree(live_team.path / "recordings", ignore_errors=True)
    live_team.live("record")
    if mode != "live":
        assert _same(live_team.report_text()) == _same(resumed)
    else:
        live_team.live("live")
        assert _same(live_team.report_text()) == _same(resumed)


def test_what_resumed_is_resumed_again(live_team: LiveTeam) -> None:
    """The second run does not come to what the first had finished."""
    agent = live_team.agent(
        scripts=[
            Script(prompt_has="Do a.", times=2, steps=(Say("I wait."), WaitFor(str(live_team.outside / "gate")))),
            Script(steps=(GOOD,)),
        ]
    )
    live_team.cast(agent, "a", "b")
    live_team.live("live", "subagents.yaml::b").assert_outcomes(passed=1)
    for _ in range(2):
        before = len(agent.calls())
        run = live_team.start("live", "--subagents-resume")
        begun(agent, before + 1)
        until(lambda: live_team.hanging(agent), "the one that waits")
        run.signal(signal.SIGKILL)
        run.end()
        live_team.nothing_alive()
    live_team.live("live", "--subagents-resume").assert_outcomes(passed=2)
    assert told(agent) == ["b", "a", "a", "a"]


@pytest.mark.parametrize("how", SPREAD)
def test_what_ended_by_its_own_fault_is_finished_and_what_a_bad_day_ended_is_not(
    live_team: LiveTeam, how: list[str]
) -> None:
    bad: dict[str, tuple[Step, ...]] = {
        "limited": (Fail("rate_limit"),),
        "auth": (Fail("auth"),),
        "killed": (Say("I begin."), Die()),
    }
    scripts = [Script(prompt_has=f"Do {id}.", times=1, steps=steps) for id, steps in bad.items()]
    prose = Script(prompt_has="Do prose.", steps=(Answer("prose"),))
    agent = live_team.agent(scripts=[*scripts, prose, Script(steps=(GOOD,))])
    live_team.cast(agent, *bad, "prose", "good", more=", retries: {rate_limit: 0}")
    assert live_team.live("record", *how).ret == 1
    assert live_team.live("record", "--subagents-resume", *how).ret == 1
    assert live_team.statuses() == dict.fromkeys(bad, "success") | {"prose": "failed", "good": "success"}
    starts = told(agent)
    assert {id: starts.count(id) for id in set(starts)} == dict.fromkeys(bad, 2) | {"prose": 1, "good": 1}
    recorded = live_team.report_text()
    live_team.replay()
    assert live_team.report_text() == recorded


def test_a_changed_specification_runs_again_and_an_expectation_is_judged_anew(live_team: LiveTeam) -> None:
    agent = live_team.agent(scripts=[Script(prompt_has="Do prose.", steps=(Answer("prose"),)), Script(steps=(GOOD,))])
    live_team.write("strict.json", '{"type": "object", "required": ["status", "summary", "findings"]}')
    same = "id: same, instructions: Do same."
    live_team.cast(agent, same, "told", "id: bound, instructions: Do bound., contract: strict.json", "prose")
    live_team.live("live")
    assert len(agent.calls()) == 4
    live_team.write("strict.json", '{"type": "object", "required": ["status", "summary"]}')
    live_team.cast(
        agent,
        same,
        "id: told, instructions: Do told. Do it well.",
        "id: bound, instructions: Do bound., contract: strict.json",
        "id: prose, instructions: Do prose., expect: {status: failed, kind: not_json}",
    )
    assert live_team.live("live", "--subagents-resume").ret == 0
    assert sorted(told(agent)[4:]) == ["bound", "told"]
    assert live_team.rows()["prose"]["expected"] is True
    assert live_team.report()["counts"]["expected"] == 1


def test_who_needs_an_answer_that_has_changed_runs_again(live_team: LiveTeam) -> None:
    one, two = (Answer({**ANSWER, "summary": summary}) for summary in ("one", "two"))
    scripts = [
        Script(prompt_has="Do a.", times=1, steps=(one,)),
        Script(prompt_has="Do a.", steps=(two,)),
        Script(steps=(GOOD,)),
    ]
    agent = live_team.agent(scripts=scripts)
    ends = "id: b, instructions: 'Do b. {{ results.a.summary }}', depends_on: [a]"
    live_team.cast(agent, "a", ends, "id: c, instructions: Do c.")
    live_team.live("live")
    live_team.cast(agent, "id: a, instructions: Do a. Again.", ends, "id: c, instructions: Do c.")
    live_team.live("live", "--subagents-resume").assert_outcomes(passed=3)
    assert told(agent) == ["a", "b", "c", "a", "b"]


def test_a_recording_that_went_missing_is_put_there_again(live_team: LiveTeam) -> None:
    agent = live_team.agent()
    live_team.cast(agent, "a")
    live_team.live("record")
    before = live_team.recorded()
    shutil.rmtree(live_team.path / "recordings")
    live_team.live("record", "--subagents-resume").assert_outcomes(passed=1)
    assert told(agent) == ["a"]
    assert live_team.recorded() == before


def test_what_a_live_run_finished_is_no_recording(live_team: LiveTeam) -> None:
    agent = live_team.agent()
    live_team.cast(agent, "a")
    live_team.live("live")
    live_team.live("record", "--subagents-resume").assert_outcomes(passed=1)
    assert told(agent) == ["a", "a"]
    assert set(live_team.recorded()) == {"team/a.jsonl", "team/a.meta.json"}


def test_a_damaged_run_directory_is_not_believed(live_team: LiveTeam) -> None:
    agent = live_team.agent()
    live_team.cast(agent, *IDS)
    live_team.live("live")
    (run,) = live_team.runs()
    folders = {id: next(run.glob(f"*{id}")) for id in IDS}
    (folders["first"] / "finished.json").write_text("{")
    (folders["second"] / "recording.jsonl").unlink()
    (folders["third"] / "finished.json").write_text(
        (folders["third"] / "finished.json").read_text().replace('"."', '"../../../.."')
    )
    live_team.live("live", "--subagents-resume").assert_outcomes(passed=3)
    assert told(agent) == [*IDS, *IDS]


def test_a_run_that_came_to_nothing_is_none_to_go_on_with(live_team: LiveTeam) -> None:
    agent = live_team.agent()
    live_team.cast(agent, "a")
    live_team.live("live")
    live_team.cast(agent, "id: a, instructions: '{{ nonsense }}'")
    assert live_team.live("live", "--subagents-resume").ret == pytest.ExitCode.INTERRUPTED
    live_team.cast(agent, "a")
    live_team.live("live", "--subagents-resume").assert_outcomes(passed=1)
    assert told(agent) == ["a"]


def test_there_must_be_a_run_to_go_on_with_and_it_must_be_over(live_team: LiveTeam) -> None:
    agent = _gated(live_team, "a")
    live_team.cast(agent, "a")
    for args, words in (
        ((), "--subagents-resume: there is no run in *"),
        (("--subagents-mode=replay",), "--subagents-resume: a replay starts nothing*"),
    ):
        result = live_team.live("live", "--subagents-resume", *args)
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines([f"ERROR: {words}", "  hint: *"])
    run = live_team.start("live")
    begun(agent, 1)
    result = live_team.live("live", "--subagents-resume")
    result.stderr.fnmatch_lines(["ERROR: --subagents-resume: the last run goes on still", "  hint: *"])
    (live_team.outside / "gate").touch()
    assert run.end() == 0
