"""Live subagents over the workers of xdist: nothing before what it needs, nobody idle who could work."""

from __future__ import annotations

from pathlib import Path

import pytest
from live_team import GOOD, LiveTeam, told
from team import ANSWER

from pytest_subagents.testing.scripted_agent import ScriptedAgent
from pytest_subagents.testing.scripts import Script
from pytest_subagents.testing.steps import Answer, Change, Fail, Run, Say, Start, Step, WaitFor

WAYS = [
    pytest.param([], id="alone"),
    pytest.param(["-n", "1"], id="n1"),
    pytest.param(["-n", "3"], id="n3"),
    pytest.param(["-n", "2", "--dist", "worksteal"], id="worksteal"),
    pytest.param(["-p", "no:xdist"], id="no-xdist"),
]


def played(live_team: LiveTeam, **parts: tuple[Step, ...]) -> ScriptedAgent:
    """An agent that plays these parts, and gives a good answer as any other."""
    scripts = [Script(prompt_has=f"Do {id}.", steps=steps) for id, steps in parts.items()]
    return live_team.agent(scripts=[*scripts, Script(steps=(GOOD,))])


def touch(path: Path) -> tuple[Step, ...]:
    return (Run(f"touch '{path}'", really=True), GOOD)


def check_apart(live_team: LiveTeam, keys: str, *args: str) -> None:
    """`a` and `b`, which have these keys, do not run at once, though a worker is free: it is `c` that lets `a` end."""
    gate = live_team.outside / "gate"
    agent = played(live_team, a=(WaitFor(str(gate)), GOOD), c=touch(gate))
    ids = [f"id: {id}, instructions: Do {id}., {keys}" for id in "ab"]
    live_team.cast(agent, *ids, "c")
    live_team.repository()
    live_team.live("live", "-n", "3", *args).assert_outcomes(passed=3)
    assert told(agent)[-1] == "b"


# --- what waits for what


@pytest.mark.parametrize("how", WAYS)
def test_the_whole_order_of_a_workflow_is_kept(live_team: LiveTeam, how: list[str]) -> None:
    """Said, by reading, by writing the same, by way of others; what they came to reaches those that depend on it."""
    agent = live_team.agent(
        scripts=[
            Script(prompt_has="Do types.", steps=(Answer({**ANSWER, "summary": "twelve types"}),)),
            Script(steps=(GOOD,)),
        ]
    )
    live_team.cast(
        agent,
        "id: last, instructions: Do last., depends_on: [reads, overwrites]",
        "id: reads, instructions: Do reads., scope: {read: [src/types.py]}",
        "id: types, instructions: Do types., scope: {write: [src/types.py]}, depends_on: [first]",
        "id: overwrites, instructions: Do overwrites., scope: {write: ['src/*.py']}",
        "id: first, instructions: Do first.",
        "id: sums, instructions: 'Do sums. They said: {{ results.types.summary }}', depends_on: [types]",
    )
    live_team.repository()
    live_team.live("record", *how).assert_outcomes(passed=6)
    place = {id: number for number, id in enumerate(told(agent))}
    assert place["first"] < place["types"] < min(place["overwrites"], place["sums"])
    assert place["overwrites"] < place["reads"] < place["last"]
    assert "They said: twelve types" in agent.calls()[place["sums"]].prompt
    rows = live_team.rows()
    assert {id: row["wave"] for id, row in rows.items()} == {
        "first": 1, "types": 2, "overwrites": 3, "sums": 3, "reads": 4, "last": 5,
    }  # fmt: skip
    assert [need.rpartition(":")[2] for need in rows["reads"]["needs"]] == ["types", "overwrites"]
    recorded = live_team.report_text()
    for other in ([], ["-n", "2"]):
        live_team.replay(*other).assert_outcomes(passed=6)
        assert live_team.report_text() == recorded


@pytest.mark.parametrize("how", WAYS)
def test_dependents_of_what_failed_are_skipped_with_the_cause(live_team: LiveTeam, how: list[str]) -> None:
    agent = played(live_team, bad=(Answer("prose"),))
    live_team.cast(
        agent,
        "id: far, instructions: Do far., depends_on: [near]",
        "id: near, instructions: Do near., depends_on: [bad]",
        "bad",
        "id: behind, instructions: Do behind., scope: {write: [out/]}, depends_on: [near]",
        "id: beside, instructions: Do beside., scope: {write: [out/]}",
        "other",
    )
    live_team.repository()
    result = live_team.live("record", *how, "-rs")
    result.assert_outcomes(passed=2, failed=1, skipped=3)
    assert sorted(told(agent)) == ["bad", "beside", "other"]
    assert {id: reasons[0] for id in ("near", "far", "behind") if (reasons := live_team.messages(id))} == {
        "near": "needs 'bad', which failed (not_json)",
        "far": "needs 'near', which did not run because 'bad' failed (not_json)",
        "behind": "needs 'near', which did not run because 'bad' failed (not_json)",
    }
    result.stdout.fnmatch_lines_random(
        ["SKIPPED *needs 'bad', which failed (not_json)", "SKIPPED *'near', which did not run because 'bad' failed*"]
    )
    recorded = live_team.report_text()
    live_team.replay()
    assert live_team.report_text() == recorded


def test_two_that_share_a_resource_never_run_at_once(live_team: LiveTeam) -> None:
    check_apart(live_team, "resources: [db]")


def test_resources_are_shared_by_all_workflows_of_a_run(live_team: LiveTeam) -> None:
    gate = live_team.outside / "gate"
    agent = played(live_team, a=(WaitFor(str(gate)), GOOD), c=touch(gate))
    live_team.workflow(
        "id: a, instructions: Do a., resources: [db]", name="1.subagents.yaml", head=live_team.head(agent)
    )
    live_team.workflow(
        "id: b, instructions: Do b., resources: [db]", "id: c, instructions: Do c.",
        name="2.subagents.yaml", head=live_team.head(agent).replace("name: team", "name: other"),
    )  # fmt: skip
    live_team.live("live", "-n", "3").assert_outcomes(passed=3)
    assert told(agent) == ["a", "c", "b"]


def test_two_writers_of_one_path_never_run_at_once(live_team: LiveTeam) -> None:
    check_apart(live_team, "scope: {write: [out/]}")


def test_a_writer_goes_on_where_the_one_before_failed(live_team: LiveTeam) -> None:
    agent = played(live_team, a=(Answer("prose"),))
    live_team.cast(agent, *(f"id: {id}, instructions: Do {id}., scope: {{write: [out/]}}" for id in "ab"))
    live_team.repository()
    live_team.live("live", "-n", "2").assert_outcomes(passed=1, failed=1)
    assert told(agent) == ["a", "b"]


def test_where_reading_goes_in_a_circle_they_run_at_once_from_the_same_base(live_team: LiveTeam) -> None:
    gate = live_team.outside / "gate"
    agent = played(live_team, a=(WaitFor(str(gate)), GOOD), b=touch(gate))
    live_team.cast(
        agent, *(f"id: {id}, instructions: Do {id}., scope: {{read: [src/], write: [src/{id}/]}}" for id in "ab")
    )
    live_team.repository()
    live_team.live("live", "-n", "2").assert_outcomes(passed=2)
    assert sorted(told(agent)) == ["a", "b"]


def test_with_an_interface_nobody_waits_for_what_he_reads(live_team: LiveTeam) -> None:
    gate = live_team.outside / "gate"
    agent = played(live_team, writes=(WaitFor(str(gate)), GOOD), reads=touch(gate))
    head = live_team.head(agent).replace("name: team", "name: team, coordination: {strategy: interface-first}")
    live_team.workflow(
        "id: writes, instructions: Do writes., scope: {write: [src/]}",
        "id: reads, instructions: Do reads., scope: {read: [src/]}",
        head=head,
    )
    live_team.repository()
    live_team.live("live", "-n", "2").assert_outcomes(passed=2)


@pytest.mark.parametrize("how", WAYS)
def test_a_circle_and_a_forbidden_overlap_end_the_run_before_any_agent(live_team: LiveTeam, how: list[str]) -> None:
    agent = live_team.agent()
    live_team.cast(
        agent,
        "id: a, instructions: Do a., scope: {read: [src/x.py]}",
        "id: b, instructions: Do b., scope: {write: [src/]}, depends_on: [a]",
    )
    for mode in ("live", "record", "once", "replay"):
        result = live_team.live(mode, *how)
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        (said,) = {line for line in result.outlines + result.errlines if line.startswith("ERROR: ")}
        assert said == "ERROR: subagents.yaml:3: 'depends_on' closes a circle: a -> b -> a"
        result.stdout.fnmatch_lines(["  a needs b: it reads src/x.py, which b writes", "  b needs a: it says so*"])
    live_team.cast(
        agent, *(f"id: {id}, instructions: Do {id}., scope: {{write: [out/]}}" for id in "ab"), on_overlap="error"
    )
    for mode in ("live", "replay"):
        result = live_team.live(mode, *how)
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        assert "which 'on_overlap: error' forbids" in result.stdout.str()
    assert agent.calls() == ()
    assert not (live_team.path / "artifacts").exists()


# --- who comes first


@pytest.mark.parametrize("how", [[], ["-n", "1"]], ids=["alone", "n1"])
def test_the_higher_priority_starts_first(live_team: LiveTeam, how: list[str]) -> None:
    agent = live_team.agent()
    live_team.cast(
        agent, *(f"id: {id}, instructions: Do {id}., priority: {n}" for id, n in (("a", 0), ("b", -1), ("c", 5)))
    )
    live_team.live("live", *how).assert_outcomes(passed=3)
    assert told(agent) == ["c", "a", "b"]


def test_the_longest_chain_starts_first(live_team: LiveTeam) -> None:
    agent = live_team.agent()
    live_team.cast(
        agent,
        "short",
        "long",
        "id: chain, instructions: Do chain.",
        "id: end, instructions: Do end., depends_on: [chain]",
    )
    for id, seconds in (("short", 20), ("long", 70), ("chain", 30), ("end", 50)):
        live_team.record(f"team/{id}", runtime_ms=seconds * 1000)
    live_team.live("live", "-n", "1").assert_outcomes(passed=4)
    assert told(agent) == ["chain", "long", "end", "short"]


def test_runs_that_were_not_recorded_tell_how_long_it_takes_too(live_team: LiveTeam) -> None:
    agent = played(live_team, slow=(Run("sleep 1", really=True), GOOD))
    live_team.cast(agent, "a", "b", "slow")
    live_team.live("live", "-n", "1").assert_outcomes(passed=3)
    live_team.live("live", "-n", "1").assert_outcomes(passed=3)
    assert told(agent)[3] == "slow"


# --- how many at a time


def test_a_rate_limit_lets_fewer_run_and_a_success_more_again(live_team: LiveTeam) -> None:
    """Four start; one is limited, so that of those that come then only two at a time do, until some have ended well."""
    agent = live_team.agent(
        scripts=[
            Script(prompt_has="Do a.", times=1, steps=(Start(), Fail("rate_limit", message="retry after 0 s"))),
            Script(steps=(Run("sleep 0.2", really=True), GOOD)),
        ]
    )
    ids = "abcdefghij"
    live_team.cast(agent, *ids, more=", retries: {rate_limit: 1}")
    live_team.live("live", "-n", "4").assert_outcomes(passed=len(ids))
    spans = sorted((span["started"], span["ended"]) for span in live_team.run_file()["agents"].values())
    limited = spans[4][0]
    beside = [sum(start <= other[0] < end for start, end in spans) for other in spans if other[0] >= limited]
    assert beside[0] <= 3
    assert max(beside) <= 4


# --- checkpoints


@pytest.mark.parametrize(
    ("condition", "step"),
    [
        ("{writes: 'db/*.sql'}", Change("db/1.sql", "create table t;\n")),
        ("{says: migrations written}", Say("All migrations written.")),
    ],
    ids=["writes", "says"],
)
def test_dependents_start_when_the_running_agent_passes_a_checkpoint(
    live_team: LiveTeam, condition: str, step: Step
) -> None:
    """It ends only because they have started."""
    gate = live_team.outside / "gate"
    agent = played(live_team, migrate=(step, WaitFor(str(gate)), GOOD), test=touch(gate))
    live_team.cast(
        agent,
        "id: migrate, instructions: Do migrate., scope: {write: [db/]}, "
        f"checkpoints: [{{id: written, condition: {condition}}}]",
        "id: test, instructions: Do test., scope: {read: [db/]}, depends_on: [{agent: migrate, checkpoint: written}]",
    )
    live_team.repository()
    live_team.live("record", "-n", "2").assert_outcomes(passed=2)
    rows = live_team.rows()
    assert rows["migrate"]["checkpoints"] == ["written"]
    assert rows["test"]["needs_checkpoints"] == [{"nodeid": "subagents.yaml::migrate", "checkpoint": "written"}]
    recorded = live_team.report_text()
    live_team.replay()
    assert live_team.report_text() == recorded


@pytest.mark.parametrize("how", WAYS[:3])
def test_who_needs_a_checkpoint_that_is_not_passed_does_not_run(live_team: LiveTeam, how: list[str]) -> None:
    agent = live_team.agent()
    live_team.cast(
        agent,
        "id: migrate, instructions: Do migrate., checkpoints: [{id: written, condition: {writes: db/}}]",
        "id: test, instructions: Do test., depends_on: [{agent: migrate, checkpoint: written}]",
    )
    live_team.live("record", *how).assert_outcomes(passed=1, skipped=1)
    assert told(agent) == ["migrate"]
    assert live_team.messages("test") == ["needs the checkpoint 'written' of 'migrate', which did not pass it"]
    recorded = live_team.report_text()
    live_team.replay()
    assert live_team.report_text() == recorded


@pytest.mark.parametrize("how", WAYS[:3])
def test_who_fails_behind_a_checkpoint_stops_nobody_who_needed_only_that(live_team: LiveTeam, how: list[str]) -> None:
    agent = played(live_team, migrate=(Say("migrations written"), Answer("prose")))
    live_team.cast(
        agent,
        "id: migrate, instructions: Do migrate., checkpoints: [{id: written, condition: {says: migrations written}}]",
        "id: test, instructions: Do test., depends_on: [{agent: migrate, checkpoint: written}]",
        "id: deploy, instructions: Do deploy., depends_on: [migrate]",
    )
    live_team.live("record", *how).assert_outcomes(passed=1, failed=1, skipped=1)
    assert sorted(told(agent)) == ["migrate", "test"]


# --- beside ordinary tests

ORDINARY = """
import os, time
import pytest

@pytest.fixture(scope="module")
def module(request):
    with open("log", "a") as log: log.write(f"up {os.getpid()}\\n")
    yield
    with open("log", "a") as log: log.write(f"down {os.getpid()}\\n")

@pytest.mark.parametrize("number", range(30))
def test_ordinary(module, number):
    with open("log", "a") as log: log.write(f"{number} {os.getpid()}\\n")
"""


def test_ordinary_tests_go_on_beside_agents(live_team: LiveTeam) -> None:
    """Of two workers one has the agents, which end only when all else is done."""
    gate = live_team.outside / "gate"
    agent = played(live_team, a=(WaitFor(str(gate)), GOOD))
    live_team.cast(agent, "a", "b")
    live_team.write("test_z.py", ORDINARY + f"\ndef test_last(): open({str(gate)!r}, 'w').close()\n")
    live_team.live("live", "-n", "2").assert_outcomes(passed=33)


def test_what_is_set_up_for_a_module_is_set_up_once_by_each_worker_that_runs_it(live_team: LiveTeam) -> None:
    agent = live_team.agent()
    live_team.cast(agent, "a", "b", "c")
    live_team.write("test_it.py", ORDINARY)
    live_team.live("live", "-n", "2").assert_outcomes(passed=33)
    lines = (live_team.path / "log").read_text().split("\n")
    for worker in {line.split(" ")[1] for line in lines if line}:
        own = [line.split(" ")[0] for line in lines if line.endswith(f" {worker}")]
        assert (own[0], own[-1], own.count("up"), own.count("down")) == ("up", "down", 1, 1)


def test_what_fails_when_a_module_is_torn_down_is_an_error_of_its_last_test(live_team: LiveTeam) -> None:
    agent = live_team.agent()
    live_team.cast(agent, "a")
    live_team.write(
        "test_it.py",
        "import pytest\n@pytest.fixture(scope='module')\ndef module():\n    yield\n    raise ValueError('too late')\n"
        "def test_it(module): pass\n",
    )
    live_team.write("test_other.py", "def test_other(): pass\n")
    result = live_team.live("live", "-n", "1")
    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines(["*ERROR at teardown of test_it*", "*ValueError: too late*"])


# --- what goes wrong


def test_a_crashed_worker_is_reported_and_the_rest_goes_on(live_team: LiveTeam) -> None:
    agent = played(
        live_team, bad=(Run("kill -KILL $(ps -o ppid= -p $(ps -o ppid= -p $(ps -o ppid= -p $$)))", really=True), GOOD)
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
    agent = played(live_team, **{f"bad{n}": (Answer("prose"),) for n in range(2)})
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
    agent = played(live_team, a=(Answer("prose"),))
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
    if dist != "each":
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
