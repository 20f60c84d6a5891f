"""once, record, live and replay: what runs, what is written, and that the report is the same."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable

import pytest
from live_team import GOOD, MODES, SPREAD, LiveTeam, told
from team import ANSWER

from pytest_subagents.glue.terminal import which_limit
from pytest_subagents.testing.scripts import Script
from pytest_subagents.testing.steps import Answer, Exit, Fail, Raw, Run, Spend, Step

ALL = {"a.jsonl", "a.meta.json", "b.jsonl", "b.meta.json"}


@pytest.mark.parametrize("how", SPREAD)
@pytest.mark.parametrize("mode", MODES)
def test_every_live_mode_runs_all_and_only_two_of_them_record(live_team: LiveTeam, mode: str, how: list[str]) -> None:
    agent = live_team.agent(Spend(1200, 90), Run("ls", output="a"), GOOD)
    live_team.cast(agent, "a", "b")
    result = live_team.live(mode, *how)
    result.assert_outcomes(passed=2)
    assert sorted(told(agent)) == ["a", "b"]
    assert live_team.rows()["a"]["usage"]["input_tokens"] == 1200
    assert {name.removeprefix("team/") for name in live_team.recorded()} == (set() if mode == "live" else ALL)
    live_team.nothing_left()


@pytest.mark.parametrize("how", SPREAD)
def test_a_replay_gives_the_bytes_of_the_run_that_was_recorded(live_team: LiveTeam, how: list[str]) -> None:
    scripts = [
        Script(prompt_has="Do good.", steps=(Spend(10, 2, usd=0.25), GOOD)),
        Script(prompt_has="Do prose.", steps=(Spend(10, 2), Answer("no JSON"))),
        Script(prompt_has="Do half.", steps=(Answer({**ANSWER, "status": "partial", "findings": ["one"]}),)),
        Script(prompt_has="Do exit.", steps=(GOOD, Raw("last words\n", to="stderr"), Exit(3))),
        Script(prompt_has="Do stop.", steps=(Raw("not a word of protocol\n"), Exit(0))),
        Script(prompt_has="Do need.", steps=(GOOD,)),
    ]
    agent = live_team.agent(scripts=scripts)
    ids = ["good", "prose", "half", "exit", "stop"]
    ids += ["id: need, instructions: Do need., depends_on: [prose]"] if not how else []
    live_team.cast(agent, *ids)
    assert live_team.live("record", *how).ret == 1
    recorded, run = live_team.recorded(), live_team.report_text()
    shutil.rmtree(live_team.path / "artifacts")
    calls = len(agent.calls())
    assert calls == 5
    for again in ([], ["-n", "2"]):
        assert live_team.replay(*again).ret == 1
        assert live_team.report_text() == run
    assert live_team.recorded() == recorded
    assert len(agent.calls()) == calls
    assert str(live_team.path) not in run
    assert json.loads(run)["complete"] is True


@pytest.mark.parametrize("how", SPREAD)
def test_once_replays_what_is_fresh_and_runs_the_rest(live_team: LiveTeam, how: list[str]) -> None:
    agent = live_team.agent()
    live_team.cast(agent, "a", "b")
    live_team.live("once", *how)
    before = live_team.recorded()
    result = live_team.live("once", *how)
    result.assert_outcomes(passed=2)
    assert sorted(told(agent)) == ["a", "b"]
    assert live_team.recorded() == before


def _edit(team: LiveTeam) -> None:
    text = (team.path / "subagents.yaml").read_text(encoding="utf-8")
    team.write("subagents.yaml", text.replace("Do b.", "Do b. Do it well."))


def _damage(team: LiveTeam) -> None:
    team.write("recordings/team/b.meta.json", '{"format": 1, "digests": {"instr')


def _unfinished(team: LiveTeam) -> None:
    team.write("recordings/team/b.meta.json", '{"format": 1, "unfinished": true}')


def _delete(team: LiveTeam) -> None:
    (team.path / "recordings/team/b.jsonl").unlink()


@pytest.mark.parametrize("change", [_edit, _damage, _unfinished, _delete], ids=lambda change: change.__name__[1:])
def test_once_records_again_what_is_not_fresh(live_team: LiveTeam, change: Callable[[LiveTeam], None]) -> None:
    agent = live_team.agent()
    live_team.cast(agent, "a", "b")
    live_team.live("record")
    change(live_team)
    assert live_team.replay().ret == 1
    assert live_team.statuses() == {"a": "success", "b": "failed"}
    live_team.live("once").assert_outcomes(passed=2)
    assert told(agent) == ["a", "b", "b"]
    live_team.replay().assert_outcomes(passed=2)


def test_once_replays_old_answers_against_a_new_contract(live_team: LiveTeam) -> None:
    agent = live_team.agent()
    live_team.cast(agent, "a")
    live_team.live("record")
    live_team.write("strict.json", '{"type": "object", "required": ["verdict"]}')
    live_team.cast(agent, "id: a, instructions: Do a., contract: strict.json")
    assert live_team.live("once").ret == 1
    assert live_team.kinds("a") == ["contract"]
    assert told(agent) == ["a"]


def test_record_rewrites_and_live_leaves_everything_as_it_is(live_team: LiveTeam) -> None:
    first, second = Answer({**ANSWER, "summary": "first"}), Answer({**ANSWER, "summary": "second"})
    agent = live_team.agent(scripts=[Script(times=1, steps=(first,)), Script(steps=(second,))])
    live_team.cast(agent, "a")
    live_team.live("record")
    before = live_team.files()
    live_team.live("live").assert_outcomes(passed=1)
    assert live_team.rows()["a"]["summary"] == "second"
    after = live_team.files()
    del before["artifacts/subagents/report.json"], after["artifacts/subagents/report.json"]
    assert after == before
    live_team.replay()
    assert live_team.rows()["a"]["summary"] == "first"
    live_team.live("record")
    live_team.replay()
    assert live_team.rows()["a"]["summary"] == "second"


BAD_DAYS: dict[str, tuple[Step, ...]] = {
    "launch": (Raw("cannot open the model\n", to="stderr"), Exit(2)),
    "auth": (Fail("auth", message="401 invalid key"),),
    "rate_limit": (Fail("rate_limit"),),
    "provider_error": (Fail("provider_error"),),
}


@pytest.mark.parametrize("mode", ["once", "record"])
def test_what_a_provider_did_on_a_bad_day_replaces_no_recording(live_team: LiveTeam, mode: str) -> None:
    live_team.cast(live_team.agent(), "good", *BAD_DAYS)
    live_team.live("record")
    bad = [Script(prompt_has=f"Do {kind}.", steps=steps) for kind, steps in BAD_DAYS.items()]
    at_once = ", retries: {rate_limit: 0, provider_error: 0}"
    live_team.cast(live_team.agent(scripts=[*bad, Script(steps=(GOOD,))]), "good", *BAD_DAYS, more=at_once)
    for kind in BAD_DAYS:
        live_team.write(f"recordings/team/{kind}.meta.json", "{" if mode == "once" else "{}")
    before = live_team.recorded()
    assert live_team.live(mode).ret == 1
    assert live_team.statuses() == {"good": "success"} | dict.fromkeys(BAD_DAYS, "failed")
    assert {kind: live_team.kinds(kind) for kind in BAD_DAYS} == {kind: [kind] for kind in BAD_DAYS}
    after = live_team.recorded()
    assert {name: data for name, data in after.items() if "/good." not in name} == {
        name: data for name, data in before.items() if "/good." not in name
    }


def test_a_program_that_is_not_there_replaces_no_recording(live_team: LiveTeam) -> None:
    live_team.cast(live_team.agent(), "a")
    live_team.live("record")
    before = live_team.recorded()
    live_team.workflow("id: a, instructions: Do a., vendor: command, command: [no-such-program, '{prompt_file}']")
    result = live_team.live("record")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["launch: the program 'no-such-program' is not in PATH", "  hint: *in PATH?"])
    assert live_team.recorded() == before


def test_the_mode_may_come_from_the_environment_and_the_header_says_so(
    live_team: LiveTeam, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUBAGENTS_MODE", "live")
    monkeypatch.setenv("SUBAGENTS_MAX_CONCURRENCY", "3")
    monkeypatch.setenv("SUBAGENTS_BUDGET", "tokens=1M")
    agent = live_team.agent()
    live_team.cast(agent, "a")
    result = live_team.live("")
    result.assert_outcomes(passed=1)
    told = ["mode=live (SUBAGENTS_MODE)", "budget=tokens=1M (SUBAGENTS_BUDGET)"]
    told += ["max_concurrency=3 (SUBAGENTS_MAX_CONCURRENCY)"]
    result.stdout.fnmatch_lines([f"subagents: {', '.join(told)}", "subagents: one agent at a time*"])


OR_FEWER = ", fewer where a workflow says so"


@pytest.mark.parametrize(
    ("most", "workers", "words"),
    [
        (None, 0, "one agent at a time (no -n)"),
        (3, 0, "one agent at a time (no -n)"),
        (None, 1, "one agent at a time (-n)"),
        (3, 1, "one agent at a time (-n)"),
        (1, 2, "one agent at a time (--subagents-max-concurrency)"),
        (None, 3, "at most 3 agents at a time (-n)" + OR_FEWER),
        (3, 3, "at most 3 agents at a time (-n)" + OR_FEWER),
        (2, 3, "at most 2 agents at a time (--subagents-max-concurrency)" + OR_FEWER),
    ],
)
def test_which_limit_holds(most: int | None, workers: int, words: str) -> None:
    assert which_limit(most, workers) == words


@pytest.mark.parametrize(("option", "args"), [("-n", ["2"]), ("--tx", ["2*popen", "--dist", "load"])])
def test_the_header_says_which_limit_holds(live_team: LiveTeam, option: str, args: list[str]) -> None:
    live_team.cast(live_team.agent(), "a")
    result = live_team.live("once", option, *args)
    result.stdout.fnmatch_lines([f"subagents: at most 2 agents at a time ({option}), *"])


def test_a_replay_says_nothing_of_limits(live_team: LiveTeam) -> None:
    live_team.cast(live_team.agent(), "a")
    assert "at a time" not in live_team.replay().stdout.str()


def test_missing_recordings_come_with_the_command_that_makes_them(live_team: LiveTeam) -> None:
    live_team.cast(live_team.agent(), "a", "b", "c")
    result = live_team.replay()
    result.stdout.fnmatch_lines([" Record     pytest --subagents --subagents-mode=once -n 3"])
    live_team.cast(live_team.agent(), "a", "id: b, instructions: Do b., depends_on: [a]")
    result = live_team.replay()
    result.stdout.fnmatch_lines([" Record     pytest --subagents --subagents-mode=once -n 2"])


def test_a_single_subagent_is_recorded_by_its_node_id(live_team: LiveTeam) -> None:
    agent = live_team.agent()
    live_team.cast(agent, "a", "b")
    live_team.live("record", "subagents.yaml::b").assert_outcomes(passed=1)
    assert told(agent) == ["b"]
    assert set(live_team.recorded()) == {"team/b.jsonl", "team/b.meta.json"}


@pytest.mark.parametrize(
    "args", [["--setup-plan"], ["--collect-only", "-n", "2"], ["-k", "not a"], ["--help"], ["--markers"]]
)
def test_what_runs_no_item_starts_nothing_and_leaves_no_trace(live_team: LiveTeam, args: list[str]) -> None:
    agent = live_team.agent()
    live_team.cast(agent, "a")
    before = live_team.files()
    result = live_team.live("record", *args)
    assert result.ret in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
    assert agent.calls() == ()
    assert live_team.files() == before
    assert live_team.runs() == []
    live_team.nothing_left()
