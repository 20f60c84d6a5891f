"""The report against a committed snapshot."""

from __future__ import annotations

import json

import pytest
from team import DISTRIBUTIONS, Team


@pytest.fixture(autouse=True)
def syrupy(team: Team) -> None:
    team.with_plugins("syrupy")


@pytest.fixture
def two(team: Team) -> Team:
    team.workflow("id: a, instructions: Do.", "id: b, instructions: Do.")
    team.record("team/a")
    team.record("team/b", {"status": "partial", "summary": "half", "findings": [{"title": "one", "severity": "low"}]})
    assert team.run("--subagents-snapshot", "--snapshot-update").ret == 0
    return team


@pytest.mark.parametrize("how", DISTRIBUTIONS)
def test_it_is_written_compared_and_written_anew(team: Team, how: list[str]) -> None:
    team.workflow("id: a, instructions: Do.", "id: b, instructions: Do.")
    team.record("team/a")
    team.record("team/b")
    first = team.run("--subagents-snapshot", *how)
    assert first.ret == 1
    first.stdout.fnmatch_lines(["*there is none yet*", "*--snapshot-update*"])
    assert team.run("--subagents-snapshot", "--snapshot-update", *how).ret == 0
    stored = (team.path / "subagents.snapshot.json").read_text(encoding="utf-8")
    assert team.run("--subagents-snapshot", *how).ret == 0
    team.record("team/b", {"status": "partial", "summary": "Only half.", "findings": []})
    changed = team.run("--subagents-snapshot", *how)
    assert changed.ret == 1
    changed.stdout.fnmatch_lines(["*subagents.yaml::b: *status*summary*", '*+ *"summary": "Only half."*'])
    assert (team.path / "subagents.snapshot.json").read_text(encoding="utf-8") == stored
    assert team.run("--subagents-snapshot", "--snapshot-update", *how).ret == 0
    assert team.run("--subagents-snapshot", *how).ret == 0


def test_a_gate_is_not_part_of_it(two: Team) -> None:
    assert two.run("--subagents-snapshot", "--subagents-gate=failed <= 0").ret == 0


@pytest.mark.parametrize(
    "selection", [["subagents.yaml::a"], ["--deselect", "subagents.yaml::b"], ["other.subagents.yaml"]]
)
@pytest.mark.parametrize("update", [[], ["--snapshot-update"]])
def test_a_part_of_the_subagents_is_refused_and_changes_nothing(
    two: Team, selection: list[str], update: list[str]
) -> None:
    two.workflow("id: c, instructions: Do.", name="other.subagents.yaml", head="workflow: {name: other}\n")
    two.record("other/c")
    stored = (two.path / "subagents.snapshot.json").read_text(encoding="utf-8")
    result = two.run("--subagents-snapshot", *update, *selection)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["ERROR: --subagents-snapshot: a snapshot is of all subagents, and *"])
    assert (two.path / "subagents.snapshot.json").read_text(encoding="utf-8") == stored


def test_a_run_that_was_cut_short_is_refused(two: Team) -> None:
    two.record("team/a", "prose")
    assert two.run("--subagents-snapshot", "--snapshot-update", "-x").ret == pytest.ExitCode.USAGE_ERROR
    assert "prose" not in (two.path / "subagents.snapshot.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"agents": [1]}', "[" * 100_000])
def test_a_file_that_is_no_snapshot_is_a_usage_error(two: Team, text: str) -> None:
    two.write("subagents.snapshot.json", text)
    result = two.run("--subagents-snapshot")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["ERROR: subagents.snapshot.json: *"])
    assert (two.path / "subagents.snapshot.json").read_text(encoding="utf-8") == text


def test_a_plain_run_of_syrupy_leaves_it_alone(two: Team) -> None:
    stored = (two.path / "subagents.snapshot.json").read_text(encoding="utf-8")
    two.write("test_plain.py", "def test_plain(snapshot): assert 1 == snapshot\n")
    two.run("--snapshot-update", "test_plain.py", on=False)
    assert (two.path / "subagents.snapshot.json").read_text(encoding="utf-8") == stored


def test_the_fixture_compares_a_report_with_a_syrupy_snapshot(team: Team) -> None:
    team.transcript("a")
    team.write(
        "test_it.py",
        "def test_it(replay_transcript, aggregate_results, subagents_report_snapshot):\n"
        "    result = replay_transcript('transcripts/a.jsonl')\n"
        "    assert aggregate_results([result]) == subagents_report_snapshot\n",
    )
    assert team.run("test_it.py", on=False).ret == 1
    team.run("test_it.py", "--snapshot-update", on=False)
    assert team.run("test_it.py", on=False).ret == 0
    (file,) = team.path.glob("__snapshots__/test_it/*.json")
    assert json.loads(file.read_text(encoding="utf-8"))["counts"]["planned"] == 1
    team.transcript("a", "prose")
    assert team.run("test_it.py", on=False).ret == 1
