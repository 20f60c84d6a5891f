"""`--subagents-shard`: every subagent and every test in one shard, and the report of all from their parts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from live_team import LiveTeam
from team import Team

from pytest_subagents.cli.main import commands

FAILED = {"status": "failed", "summary": "It could not be done.", "findings": []}
PARTIAL = {"status": "partial", "summary": "Half.", "findings": [{"title": "one", "severity": "low"}]}


def merge(team: Team, *arguments: str) -> Result:
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(team.path)
        return CliRunner().invoke(commands, ["merge-reports", "artifacts/subagents", *arguments])


def part(team: Team, number: int, count: int) -> dict[str, Any]:
    path = team.path / f"artifacts/subagents/shard-{number}-of-{count}.json"
    value: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return value


def mixed(team: Team) -> Team:
    """A chain, attempts, one that fails and one that waits for it, marks, transcripts, and ordinary tests of which one
    fails."""
    team.workflow(
        "id: first, instructions: Do.",
        "id: second, instructions: Do., depends_on: [first]",
        "id: third, instructions: Do., depends_on: [second]",
        "id: bad, instructions: Do.",
        "id: after, instructions: Do., depends_on: [bad]",
        "id: best, instructions: Do., attempts: 2",
        "id: alone, instructions: Do.",
        "id: unrecorded, instructions: Do.",
    )
    for number, id in enumerate(("first", "second", "third", "after", "alone")):
        team.record(f"team/{id}", PARTIAL if id == "alone" else {**PARTIAL, "status": "success"}, runtime_ms=number)
    team.record("team/bad", FAILED)
    team.record("team/best/1", PARTIAL)
    team.record("team/best/2")
    team.transcript("one")
    team.transcript("two", PARTIAL)
    team.write(
        "test_marks.py",
        "import pytest\n"
        "from pytest_subagents import Subagent\n"
        "@pytest.mark.subagents(Subagent(id='x', task='Do.'), Subagent(id='y', task='Do.'))\n"
        "def test_review(subagent_result):\n"
        "    assert subagent_result.planned.id != 'y'\n"
        "@pytest.mark.subagent(id='z', task='Do.')\n"
        "@pytest.mark.skip(reason='not today')\n"
        "def test_skipped(): ...\n"
        "def test_beside(): ...\n",
    )
    for id in ("x", "y"):
        team.record(f"test_marks/test_review[{id}]")
    team.record("test_marks/test_skipped[z]")
    team.write("test_plain.py", "def test_one(): ...\ndef test_two(): assert 1 == 2\n")
    team.write("test_more.py", "def test_three(): ...\n")
    return team


@pytest.mark.parametrize("how", [pytest.param([], id="alone"), pytest.param(["-n", "2"], id="n2")])
def test_the_parts_give_the_report_of_the_whole_and_its_exit_code(team: Team, how: list[str]) -> None:
    mixed(team)
    options = ["-k", "not third", "--subagents-gate=failed <= 1", "--subagents-report=out.md"]
    whole = team.run("-p", "no:xdist", *options)
    report, markdown = team.report_text(), (team.path / "out.md").read_text(encoding="utf-8")
    (team.path / "artifacts/subagents/report.json").unlink()
    counted = whole.parseoutcomes()
    found: dict[str, int] = {}
    for number in (1, 2, 3):
        ran = team.run(f"--subagents-shard={number}/3", *options, *(how if number != 3 else ["-p", "no:xdist"]))
        assert ran.ret in (0, 1)
        for outcome, count in ran.parseoutcomes().items():
            found[outcome] = found.get(outcome, 0) + count
    assert not (team.path / "artifacts/subagents/report.json").exists()
    assert {**found, "deselected": 0} == {**counted, "deselected": 0}
    done = merge(team, "--report=out.md")
    assert done.exit_code == whole.ret == 1, done.output
    assert team.report_text() == report
    assert (team.path / "out.md").read_text(encoding="utf-8") == markdown
    shards = {share["planned"]["nodeid"]: share["shard"] for share in part(team, 1, 3)["plan"]}
    assert set(shards.values()) == {1, 2, 3}
    assert shards["subagents.yaml::first"] == shards["subagents.yaml::second"]
    assert shards["subagents.yaml::best[1]"] == shards["subagents.yaml::best[2]"]


def test_the_terminal_says_what_ran_here_where_it_is_and_what_to_type_then(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    mixed(team)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    ran = team.run("--subagents-shard=2/3", "--subagents-gate=failed <= 1", "--subagents-report=out.md")
    ran.stdout.fnmatch_lines(
        [
            "subagents: *shard=2/3 (--subagents-shard)*",
            "collected 18 items / * deselected / * selected",
            " Shard      2 of 3: * of 13 subagents, * of 4 other tests",
            " Part       artifacts/subagents/shard-2-of-3.json",
            " Gates      judged when all parts are merged: failed <= 1",
            " Whole      subagents merge-reports --report out.md artifacts/subagents",
        ]
    )
    ran.stdout.no_fnmatch_line("*report.json*--report*")
    ran.stdout.no_fnmatch_line("::*")  # the job that merges the parts says it


def test_who_must_stay_together_does(team: Team) -> None:
    """Two writers of one path, two with one resource, a workflow that is given up as a whole."""
    scope = "scope: {write: [src/]}"
    team.workflow(
        f"id: a, instructions: Do., {scope}",
        f"id: b, instructions: Do., {scope}",
        "id: c, instructions: Do., resources: [port]",
        "id: d, instructions: Do., resources: [port]",
    )
    team.workflow(
        "id: e, instructions: Do.",
        "id: f, instructions: Do.",
        name="strict.subagents.yaml",
        head="workflow: {name: strict, execution: {abort_on_failure: true}}\n",
    )
    shown = [team.run("--collect-only", "-q", f"--subagents-shard={number}/3").stdout.lines for number in (1, 2, 3)]
    found = [sorted(line.partition("::")[2] for line in lines if ".yaml::" in line) for lines in shown]
    assert sorted(found) == [["a", "b"], ["c", "d"], ["e", "f"]]


def test_a_shard_without_anything_is_well_and_one_of_nothing_is_not(team: Team) -> None:
    team.workflow("id: a, instructions: Do.")
    team.record("team/a")
    assert team.run("--subagents-shard=1/2").ret == 0
    for how in (["-p", "no:xdist"], ["-n", "2"]):
        empty = team.run("--subagents-shard=2/2", *how)
        assert empty.ret == 0
        empty.stdout.fnmatch_lines([" Shard      2 of 2: none of 1 subagent"])
        assert part(team, 2, 2)["results"] == []
    assert merge(team).exit_code == 0
    nothing = team.run("--subagents-shard=1/2", "-k", "nobody")
    assert nothing.ret == 4
    nothing.stdout.fnmatch_lines(["ERROR: --subagents-shard: no subagent was selected*"])


def test_the_environment_says_it_too_and_a_snapshot_of_the_ini_file_is_not_compared(team: Team) -> None:
    team.write("pytest.ini", "[pytest]\nsubagents_snapshot = true\nsubagents_report_dir = out\n")
    team.workflow("id: a, instructions: Do.")
    team.record("team/a")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SUBAGENTS_SHARD", "1/1")
        ran = team.run()
    assert ran.ret == 0
    ran.stdout.fnmatch_lines([" Part       out/shard-1-of-1.json", " Snapshot   not compared:*"])


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--subagents-shard=3/2"], "*the shards of 2 are numbered from 1 to 2*"),
        (["--subagents-shard=1/2", "--lf", "-n", "2"], "*--lf is given too, and what failed last is known on*"),
        (["--subagents-shard=1/2", "--subagents-snapshot"], "*--subagents-snapshot is given too, and a snapshot*"),
        (["--subagents-shard=1/2", "--subagents-baseline=gone.json"], "*gone.json: there is no baseline*"),
        (["--subagents-shard=1/2", "--subagents-baseline=../b.json"], "*it is outside of the rootdir, and the parts*"),
        (["--subagents-shard=1/2", "--subagents-report=a.foo"], "*no report format has the suffix '.foo'*"),
    ],
)
def test_what_a_part_cannot_do_is_refused(team: Team, options: list[str], told: str) -> None:
    team.workflow("id: a, instructions: Do.")
    ran = team.run(*options)
    assert ran.ret == 4
    ran.stderr.fnmatch_lines([told])
    assert not (team.path / "artifacts").exists()


def test_what_shards_have_recorded_is_replayed_as_their_parts_said(live_team: LiveTeam) -> None:
    agent = live_team.agent()
    live_team.cast(agent, "a", "id: b, instructions: Do b., depends_on: [a]", "c")
    for number in (1, 2):
        assert live_team.live("record", "-n", "1", f"--subagents-shard={number}/2").ret == 0
    assert merge(live_team).exit_code == 0
    report = live_team.report_text()
    assert live_team.replay().ret == 0
    assert live_team.report_text() == report
    assert sorted(live_team.rows()) == ["a", "b", "c"]


def test_a_part_cannot_be_written_over_a_folder(team: Team) -> None:
    team.workflow("id: a, instructions: Do.")
    Path(team.path, "artifacts/subagents/shard-1-of-2.json").mkdir(parents=True)
    ran = team.run("--subagents-shard=1/2")
    assert ran.ret == 4
    ran.stderr.fnmatch_lines(["*shard-1-of-2.json: the report cannot be written: it is a folder*"])
