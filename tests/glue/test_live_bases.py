"""Who needs a writer starts from what that has written, and so does the merge of what came of it."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from live_team import GOOD, SPREAD, LiveTeam
from repositories import digest_of, plain_git
from two_places import TwoPlaces

from pytest_subagents.testing.scripts import Script
from pytest_subagents.testing.steps import Answer, Change, Run, Step


def act(id: str, *steps: Step) -> Script:
    return Script(prompt_has=f"Do {id}.", steps=(*steps, GOOD))


def chain(team: LiveTeam) -> None:
    """`types` writes a file, `api` goes on with it, and `look` reads it, which nobody said."""
    team.write("src/old.py", "old\n")
    given = team.outside / "types.txt"
    given.write_text("one\n", encoding="utf-8")
    agent = team.agent(
        scripts=[
            act("types", Run(f"cp {given} src/types.py", really=True)),
            act("api", Run("cat src/types.py && echo two >> src/types.py && git log --format=%s", really=True)),
            act("look", Run("cat src/types.py", really=True)),
        ]
    )
    team.cast(
        agent,
        "id: look, instructions: Do look., scope: {read: [src/types.py]}",
        "id: api, instructions: Do api., scope: {write: [src/]}, depends_on: [types]",
        "id: types, instructions: Do types., scope: {write: [src/types.py]}",
    )
    team.repository()


def heard(team: LiveTeam, id: str) -> str:
    """What the transcript of a subagent holds."""
    return (team.path / f"recordings/team/{id}.jsonl").read_text("utf-8")


def meta(team: LiveTeam, id: str) -> dict[str, object]:
    found: dict[str, object] = json.loads((team.path / f"recordings/team/{id}.meta.json").read_text("utf-8"))
    return found


@pytest.mark.parametrize("how", SPREAD)
def test_the_work_of_those_that_it_needs_is_there(live_team: LiveTeam, how: Sequence[str]) -> None:
    chain(live_team)
    before = digest_of(live_team.path / ".git")
    live_team.live("record", *how).assert_outcomes(passed=3)
    assert digest_of(live_team.path / ".git") == before
    assert "one" in heard(live_team, "api")
    assert "one\\ntwo" in heard(live_team, "look")
    assert [row["changes"] for _, row in sorted(live_team.rows().items())] == [
        [{"path": "src/types.py", "kind": "update"}],
        [],
        [{"path": "src/types.py", "kind": "add"}],
    ]
    head = plain_git(live_team.path, "rev-parse", "HEAD^{tree}").strip()
    parts = meta(live_team, "look")["base_of"]
    assert isinstance(parts, dict)
    assert parts["start"] == head
    assert [work["agent"] for work in parts["works"]] == ["types", "api"]
    assert meta(live_team, "types")["base"] == head
    assert "base_of" not in meta(live_team, "types")
    live_team.nothing_left()
    recorded = live_team.report_text()
    live_team.replay().assert_outcomes(passed=3)
    assert live_team.report_text() == recorded
    found = live_team.merge("--json")
    assert found.returncode == 0, found.stdout + found.stderr
    assert [(row["id"], row["state"]) for row in json.loads(found.stdout)["agents"]] == [
        ("types", "merged"),
        ("api", "merged"),
        ("look", "nothing"),
    ]


def test_what_was_recorded_anew_makes_the_merge_of_others_stale_and_no_replay(live_team: LiveTeam) -> None:
    chain(live_team)
    live_team.live("record").assert_outcomes(passed=3)
    (live_team.outside / "types.txt").write_text("other\n", encoding="utf-8")
    live_team.live("record", "-k", "types").assert_outcomes(passed=1)
    live_team.replay().assert_outcomes(passed=3)
    found = live_team.merge()
    assert found.returncode == 1
    assert "it is built on other work of types than what is recorded of that now" in found.stdout


@pytest.mark.parametrize("mode", ["live", "record"])
def test_work_that_does_not_go_together_starts_nobody(live_team: LiveTeam, mode: str) -> None:
    live_team.write("src/old.py", "old\n")
    agent = live_team.agent(
        scripts=[act("one", Change("src/old.py", "one\n")), act("two", Change("src/old.py", "two\n"))]
    )
    scope = "scope: {write: [src/]}"
    live_team.cast(
        agent,
        f"id: one, instructions: Do one., {scope}",
        f"id: two, instructions: Do two., {scope}",
        "id: both, instructions: Do both., depends_on: [one, two]",
        "id: after, instructions: Do after., depends_on: [both]",
    )
    live_team.repository()
    result = live_team.live(mode)
    assert result.ret == 1
    assert live_team.statuses() == {"one": "success", "two": "success", "both": "not_run", "after": "not_run"}
    assert live_team.kinds("both") == ["conflict"]
    assert live_team.messages("both") == ["it needs 'one' and 'two', whose changes conflict: src/old.py"]
    assert live_team.kinds("after") == ["dependency"]
    assert list((live_team.path / ".subagents/work").glob("1/*")) == []
    live_team.nothing_left()


def test_a_resumed_run_is_built_on_what_was_finished(live_team: LiveTeam) -> None:
    """And what was finished is run again where what it is built on is another one."""
    live_team.write("src/old.py", "old\n")
    prose = Script(prompt_has="Do api.", steps=(Run("cat src/types.py", really=True), Answer("prose")))
    agent = live_team.agent(scripts=[act("types", Change("src/types.py", "one\n")), prose])
    live_team.cast(
        agent,
        "id: types, instructions: Do types., scope: {write: [src/]}",
        "id: api, instructions: Do api., scope: {write: [src/]}, depends_on: [types]",
    )
    live_team.repository()
    assert live_team.live("live").ret == 1
    (run,) = live_team.runs()
    (end,) = run.glob("*api*/finished.json")
    end.unlink()
    live_team.live("live", "--subagents-resume")
    again = live_team.runs()[-1]
    assert not list(again.glob("*types*/stream.jsonl"))
    (stream,) = again.glob("*api*/recording.jsonl")
    assert "one" in stream.read_text("utf-8")


def test_a_worker_elsewhere_is_brought_what_it_needs(live_team: LiveTeam) -> None:
    """Two workers, each with a run directory of its own."""
    places = TwoPlaces(live_team)
    chain(live_team)
    places.clone()
    places.run("live").assert_outcomes(passed=3)
    (stream,) = (live_team.path / ".subagents/latest").glob("*look*/recording.jsonl")
    assert "one\\ntwo" in stream.read_text("utf-8")
    places.nothing_is_left_there()


def test_what_was_recorded_on_the_work_of_others_is_checked_with_it(live_team: LiveTeam) -> None:
    """Whose own work is recorded anew, by which that of the other one becomes stale."""
    chain(live_team)
    text = (live_team.path / "subagents.yaml").read_text("utf-8")
    check = "depends_on: [types], success_criteria: [{run: 'grep -q one src/types.py && grep -q two src/types.py'}]"
    (live_team.path / "subagents.yaml").write_text(text.replace("depends_on: [types]", check), "utf-8")
    live_team.repository()
    live_team.live("record").assert_outcomes(passed=3)
    live_team.run("--subagents-checks=run").assert_outcomes(passed=3)
    (live_team.outside / "types.txt").write_text("one, differently\n", encoding="utf-8")
    live_team.live("record", "-k", "types").assert_outcomes(passed=1)
    live_team.run("--subagents-checks=run")
    assert live_team.messages("api") == [
        "its work cannot be checked: it is built on other work of types than what is recorded of that now"
    ]
