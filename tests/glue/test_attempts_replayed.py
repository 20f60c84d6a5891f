"""Best of N and repetitions from recordings: items, rows, exit codes, selections, what is missing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from team import ANSWER, Team

WAYS = [pytest.param([], id="alone"), pytest.param(["-n", "2"], id="n2")]


def found(number: int, summary: str = "Notes.") -> dict[str, Any]:
    return {**ANSWER, "summary": summary, "findings": ["one"] * number}


def attempts(team: Team, id: str = "math") -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = team.rows()[id]["attempts"]
    return listed


@pytest.mark.parametrize("how", WAYS)
def test_the_best_attempt_is_the_row_and_who_lost_is_nobodys_failure(team: Team, how: list[str]) -> None:
    team.workflow(
        "id: math, vendor: codex, attempts: {count: 4, select: [fewest findings]}",
        "id: fix, vendor: codex, depends_on: [math]",
    )
    for number, answer in enumerate([found(2), found(1, "Best."), "prose", found(1)], start=1):
        team.record(f"team/math/{number}", answer)
    team.record("team/fix")
    result = team.run("-rx", *how)
    result.assert_outcomes(passed=4, xfailed=1)
    result.stdout.fnmatch_lines_random(
        [
            "XFAIL subagents.yaml::math?3? - failed (not_json); its row decides",
            "*attempt 2 of 4 selected; others: 2 success, 1 failed (not_json)",
        ]
    )
    assert result.ret == 0
    row = team.rows()["math"]
    assert (row["nodeid"], row["status"], row["summary"]) == ("subagents.yaml::math", "success", "Best.")
    assert row["transcript"] == "recordings/team/math/2.jsonl"
    assert row["usage"]["input_tokens"] == 4 * 1200
    assert [each["selected"] for each in row["attempts"]] == [False, True, False, False]
    assert row["attempts"][0]["reasons"][-1]["message"] == "fewest findings: attempt 2 has 1, this one 2"
    report = team.report()
    assert report["counts"]["planned"] == 2
    assert report["totals"]["usage"]["output_tokens"] == 5 * 90
    text = team.report_text()
    team.run("-n", "3", "--dist", "worksteal")
    assert team.report_text() == text


def test_a_row_without_a_good_attempt_fails_and_lf_runs_all_of_it_again(team: Team) -> None:
    team.workflow("id: a, vendor: codex, attempts: 2", "id: b, vendor: codex, attempts: 2")
    for name in ("a/1", "a/2", "b/1"):
        team.record(f"team/{name}", "prose")
    team.record("team/b/2")
    result = team.run()
    result.assert_outcomes(passed=1, xfailed=3)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*FAILED*a *", "*none of 2 attempts ended well: 2 failed (not_json)"])
    again = team.run("--lf", "-v")
    again.assert_outcomes(xfailed=2)
    assert again.ret == 1
    assert [row["id"] for row in team.report()["agents"]] == ["a"]


def test_a_part_of_the_attempts_is_selected_of_those_and_is_no_snapshot(team: Team) -> None:
    team.workflow("id: a, vendor: codex, attempts: 3", "id: b, vendor: codex, depends_on: [a]")
    for number in (1, 2, 3):
        team.record(f"team/a/{number}", found(0, f"Number {number}."))
    team.record("team/b")
    team.run("subagents.yaml::a[2]", "subagents.yaml::a[3]", "--subagents-snapshot").assert_outcomes(passed=2)
    assert team.rows()["a"]["summary"] == "Number 2."
    assert [each["number"] for each in attempts(team, "a")] == [2, 3]
    result = team.run("-k", "not a[1]", "--subagents-snapshot")
    result.assert_outcomes(passed=3, deselected=1)
    assert (result.ret, team.report()["counts"]["deselected"]) == (4, 1)
    result.stdout.fnmatch_lines(["*a snapshot is of all subagents, and 1 subagents are deselected"])
    team.run("subagents.yaml::a").assert_outcomes(passed=3)
    assert team.run("subagents.yaml::b").ret == 0


def test_a_lost_recording_fails_its_row_and_one_that_was_left_out_does_not(team: Team) -> None:
    team.workflow("id: a, vendor: codex, attempts: 3")
    team.record("team/a/1")
    team.write("recordings/team/a/2.meta.json", json.dumps({"format": 1, "left_out": True}))
    team.record("team/a/3")
    assert team.run().ret == 0
    assert [each["status"] for each in attempts(team, "a")] == ["success", "not_run", "success"]
    assert team.report()["complete"] is True
    (team.path / "recordings/team/a/3.jsonl").unlink()
    result = team.run()
    assert result.ret == 1
    assert team.kinds("a") == ["missing_recording"]
    said = "*missing_recording at recordings/team/a/3.jsonl: attempt 3: there is no"
    result.stdout.fnmatch_lines([said, " Record *mode=once*"])
    team.workflow("id: a, vendor: codex, attempts: {count: 3, stop_early: false}")
    team.record("team/a/3")
    team.run()
    assert team.kinds("a") == ["missing_recording"], "who never stops early leaves nothing out"


@pytest.mark.parametrize("how", WAYS)
def test_repetitions_are_items_of_their_own_and_a_rate(team: Team, how: list[str]) -> None:
    team.workflow("id: a, vendor: codex, repeat: 3", "id: b, vendor: codex, depends_on: [a]")
    for name, answer in (("a/1", "prose"), ("a/2", ANSWER), ("a/3", ANSWER), ("b", ANSWER)):
        team.record(f"team/{name}", answer)
    result = team.run("--subagents-gate=pass_rate >= 0.6", *how)
    result.assert_outcomes(passed=3, failed=1)
    row = team.rows()["a"]
    assert row["pass_rate"] == {"passed": 2, "of": 3, "rate": 0.6667, "low": 0.2077, "high": 0.9385}
    assert (row["status"], row["reasons"][0]["message"][:13]) == ("partial", "repetition 1:")
    assert "pass_rate" not in team.rows()["b"]
    result = team.run("--subagents-verdict=gates", "--subagents-gate=pass_rate >= 0.6", *how)
    result.assert_outcomes(passed=3, xfailed=1)
    assert result.ret == 0
    assert team.run("--subagents-verdict=gates", "--subagents-gate=pass_rate >= 0.9", *how).ret == 1


def test_a_function_of_the_repository_may_choose(team: Team) -> None:
    team.write(
        "choosing.py",
        "def longest(answer, result):\n    if answer['summary'] == 'Odd.':\n        raise ValueError('odd')\n"
        "    return len(answer['summary'])\n",
    )
    team.workflow("id: a, vendor: codex, attempts: {count: 4, select: ['choosing:longest']}")
    for number, summary in enumerate(["Short.", "The longest of all.", "Odd.", "Longer."], start=1):
        team.record(f"team/a/{number}", found(0, summary))
    assert team.run().ret == 0
    listed = attempts(team, "a")
    assert [each["selected"] for each in listed] == [False, True, False, False]
    assert listed[0]["reasons"][0]["message"] == "choosing:longest: attempt 2 has 19, this one 6"
    assert listed[2]["reasons"][0]["message"] == "choosing:longest raised ValueError: odd"
    team.workflow("id: a, vendor: codex, attempts: {count: 4, select: ['choosing:nothing']}")
    result = team.run()
    assert result.ret == 4
    result.stdout.fnmatch_lines(["*attempts.select: 'choosing:nothing' is not defined in 'choosing'*"])


def test_one_cannot_be_selected_and_repeated(team: Team) -> None:
    team.workflow("id: a, vendor: codex, attempts: 2, repeat: 2")
    result = team.run()
    assert result.ret == 4
    result.stdout.fnmatch_lines(["ERROR: subagents.yaml:3: 'a' has 'attempts' and 'repeat',*"])


def test_marked_tests_run_their_body_for_each_attempt(team: Team) -> None:
    team.write(
        "test_it.py",
        "import pytest\nfrom pytest_subagents import Subagent\nfrom pytest_subagents.model.spec import Attempts\n\n"
        "@pytest.mark.parametrize('where', ['here'])\n"
        "@pytest.mark.subagents(\n"
        "    Subagent(id='math', vendor='codex', task='Do.', attempts=Attempts(count=2)),\n"
        "    Subagent(id='fix', vendor='codex', task='Fix.'),\n"
        ")\n"
        "def test_all(subagent, subagent_result, where):\n"
        "    assert subagent.id in ('math', 'fix')\n"
        "    assert subagent_result.summary != 'Wrong.'\n",
    )
    names = ["test_all[math[1]-here]", "test_all[math[2]-here]", "test_all[fix-here]"]
    collected = team.run("--collect-only", "-q").stdout.str()
    assert all(f"test_it.py::{name}" in collected for name in names)
    folder = "test_it/test_all[math-here]"
    team.record(f"{folder}/1", found(0, "Wrong."))
    team.record(f"{folder}/2", found(0, "Right."))
    team.record("test_it/test_all[fix-here]")
    result = team.run("-v")
    result.assert_outcomes(passed=2, xfailed=1)
    assert result.ret == 0
    row = team.rows()["math"]
    assert (row["nodeid"], row["summary"]) == ("test_it.py::test_all[math-here]", "Right.")
    assert [reason["kind"] for reason in row["attempts"][0]["reasons"]] == ["assertion", "lost"]
    team.run(f"test_it.py::{names[1]}").assert_outcomes(passed=1)
    team.record(f"{folder}/2", found(0, "Wrong."))
    result = team.run("--subagents-verdict=gates")
    result.assert_outcomes(passed=1, xfailed=2)
    assert result.ret == 1, "no gate excuses an assert that failed the best of them"
    team.run(on=False).assert_outcomes(skipped=3)
