"""Live subagents over the workers of xdist: nothing before what it needs, nobody idle who could work."""

from __future__ import annotations

import pytest
from live_team import EVERY_WAY, GOOD, MODES, WAYS, LiveTeam, told, touch
from team import ANSWER

from pytest_subagents.testing.scripts import Script
from pytest_subagents.testing.steps import Answer, Change, Fail, Run, Say, Start, Step, WaitFor


def check_apart(live_team: LiveTeam, keys: str, *args: str) -> None:
    """`a` and `b`, which have these keys, do not run at once, though a worker is free: it is `c` that lets `a` end."""
    gate = live_team.outside / "gate"
    agent = live_team.played(a=(WaitFor(str(gate)), GOOD), c=touch(gate))
    ids = [f"id: {id}, instructions: Do {id}., {keys}" for id in "ab"]
    live_team.cast(agent, *ids, "c")
    live_team.repository()
    live_team.live("live", "-n", "3", *args).assert_outcomes(passed=3)
    assert told(agent)[-1] == "b"


# --- what waits for what


@pytest.mark.parametrize("how", EVERY_WAY.values(), ids=EVERY_WAY)
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
    agent = live_team.played(bad=(Answer("prose"),))
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
    agent = live_team.played(a=(WaitFor(str(gate)), GOOD), c=touch(gate))
    live_team.workflow(
        "id: a, instructions: Do a., resources: [db]", name="1.subagents.yaml", head=live_team.head(agent)
    )
    live_team.workflow(
        "id: b, instructions: Do b., resources: [db]", "id: c, instructions: Do c.",
        name="2.subagents.yaml", head=live_team.head(agent).replace("name: team", "name: other"),
    )  # fmt: skip
    live_team.live("live", "-n", "3").assert_outcomes(passed=3)
    assert told(agent)[-1] == "b"


def test_two_writers_of_one_path_never_run_at_once(live_team: LiveTeam) -> None:
    check_apart(live_team, "scope: {write: [out/]}")


def test_a_writer_goes_on_where_the_one_before_failed(live_team: LiveTeam) -> None:
    agent = live_team.played(a=(Answer("prose"),))
    live_team.cast(agent, *(f"id: {id}, instructions: Do {id}., scope: {{write: [out/]}}" for id in "ab"))
    live_team.repository()
    live_team.live("live", "-n", "2").assert_outcomes(passed=1, failed=1)
    assert told(agent) == ["a", "b"]


def test_where_reading_goes_in_a_circle_they_run_at_once_from_the_same_base(live_team: LiveTeam) -> None:
    gate = live_team.outside / "gate"
    agent = live_team.played(a=(WaitFor(str(gate)), GOOD), b=touch(gate))
    live_team.cast(
        agent, *(f"id: {id}, instructions: Do {id}., scope: {{read: [src/], write: [src/{id}/]}}" for id in "ab")
    )
    live_team.repository()
    live_team.live("live", "-n", "2").assert_outcomes(passed=2)
    assert sorted(told(agent)) == ["a", "b"]


def test_with_an_interface_nobody_waits_for_what_he_reads(live_team: LiveTeam) -> None:
    gate = live_team.outside / "gate"
    agent = live_team.played(writes=(WaitFor(str(gate)), GOOD), reads=touch(gate))
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
    modes = {"": (*MODES, "replay"), "-n 2": ("record", "replay")}.get(" ".join(how), ("record",))
    for mode in modes:
        result = live_team.live(mode, *how)
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        (said,) = {line for line in result.outlines + result.errlines if line.startswith("ERROR: ")}
        assert said == "ERROR: subagents.yaml:3: 'depends_on' closes a circle: a -> b -> a"
        result.stdout.fnmatch_lines(["  a needs b: it reads src/x.py, which b writes", "  b needs a: it says so*"])
    live_team.cast(
        agent, *(f"id: {id}, instructions: Do {id}., scope: {{write: [out/]}}" for id in "ab"), on_overlap="error"
    )
    for mode in modes[-2:]:
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
    agent = live_team.played(slow=(Run("sleep 1", really=True), GOOD))
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
    agent = live_team.played(migrate=(step, WaitFor(str(gate)), GOOD), test=touch(gate))
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


@pytest.mark.parametrize("how", WAYS[:2])
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


@pytest.mark.parametrize("how", WAYS[:2])
def test_who_fails_behind_a_checkpoint_stops_nobody_who_needed_only_that(live_team: LiveTeam, how: list[str]) -> None:
    agent = live_team.played(migrate=(Say("migrations written"), Answer("prose")))
    live_team.cast(
        agent,
        "id: migrate, instructions: Do migrate., checkpoints: [{id: written, condition: {says: migrations written}}]",
        "id: test, instructions: Do test., depends_on: [{agent: migrate, checkpoint: written}]",
        "id: deploy, instructions: Do deploy., depends_on: [migrate]",
    )
    live_team.live("record", *how).assert_outcomes(passed=1, failed=1, skipped=1)
    assert sorted(told(agent)) == ["migrate", "test"]
