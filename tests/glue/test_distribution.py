"""xdist: the same report, whatever runs where, and nothing lost when a worker dies."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from team import DISTRIBUTIONS, Team

DATA = Path(__file__).parents[1] / "data" / "recordings"
RUNS = [
    [],
    ["-n", "2"],
    ["-n", "4"],
    ["-p", "no:xdist"],
    ["-n", "3", "--dist", "worksteal"],
    ["-n", "2", "--dist", "each"],
]


@pytest.fixture
def recordings(team: Team) -> Team:
    """A third of the real recordings of each vendor: what takes long is to start pytest, not to replay."""
    for folder in ("codex", "claude", "gemini", "opencode"):
        target = team.path / "transcripts" / folder
        target.mkdir(parents=True)
        for path in sorted((DATA / folder).glob("*.jsonl"))[::3]:
            for beside in (path, path.with_name(path.stem + ".meta.json")):
                if beside.exists():
                    shutil.copy(beside, target / beside.name)
    return team


def test_report_json_is_the_same_bytes_for_every_distribution_and_order(recordings: Team) -> None:
    team = recordings
    team.workflow("id: b, instructions: Do., depends_on: [a]", "id: a, instructions: Do.", "id: c, instructions: Do.")
    team.record("team/a", "prose")
    team.record("team/b")
    team.record("team/c", {"status": "partial", "summary": "half", "findings": ["one"]})
    reports = set()
    for how in RUNS:
        shutil.rmtree(team.path / "artifacts", ignore_errors=True)
        assert team.run("-q", *how).ret == 1
        reports.add(team.report_text())
    shutil.rmtree(team.path / "artifacts")
    assert team.run("-q", "transcripts/opencode", "subagents.yaml", "transcripts").ret == 1
    reports.add(team.report_text())
    assert len(reports) == 1
    assert team.report()["counts"]["planned"] > 60


CRASH = """
import os
import pytest
from pytest_subagents import Subagent

@pytest.mark.subagents(*(Subagent(id=f"a{number}", task="Do it.") for number in range(6)))
def test_it(subagent):
    if subagent.id == "a2":
        os._exit(3)
"""


@pytest.mark.parametrize("how", [["-n", "2"], ["-n", "1"], ["-n", "2", "--dist", "worksteal"]])
def test_a_killed_worker_loses_its_own_item_only(team: Team, how: list[str]) -> None:
    team.write("test_crash.py", CRASH)
    for number in range(6):
        team.record(f"test_crash/test_it[a{number}]")
    result = team.run(*how)
    assert result.ret == 1
    rows = team.rows()
    assert {id: row["status"] for id, row in rows.items()} == {
        "a0": "success", "a1": "success", "a2": "failed", "a3": "success", "a4": "success", "a5": "success",
    }  # fmt: skip
    assert team.kinds("a2") == ["crashed"]
    assert rows["a2"]["task"] == "Do it."
    assert team.report()["complete"] is True


def test_dependents_of_what_crashed_do_not_stand(team: Team) -> None:
    team.write(
        "test_crash.py",
        CRASH.replace('task="Do it.")', 'task="Do it.", depends_on=["a2"] if number == 4 else [])'),
    )
    for number in range(6):
        team.record(f"test_crash/test_it[a{number}]")
    assert team.run("-n", "2").ret == 1
    assert team.kinds("a4") == ["dependency"]
    assert team.rows()["a4"]["status"] == "not_run"


def test_when_no_worker_may_be_restarted_the_rest_is_not_run_and_not_lost(team: Team) -> None:
    team.write("test_crash.py", CRASH)
    for number in range(6):
        team.record(f"test_crash/test_it[a{number}]")
    result = team.run("-n", "1", "--max-worker-restart=0")
    assert result.ret != 0
    counts = team.report()["counts"]
    assert counts["planned"] == 6
    assert counts["failed"] + counts["not_run"] + counts["success"] == 6
    assert counts["failed"] == 1
    assert team.report()["complete"] is False


def test_with_the_verdict_of_the_gates_a_crash_is_theirs_to_judge(team: Team) -> None:
    team.write("test_crash.py", CRASH)
    for number in range(6):
        team.record(f"test_crash/test_it[a{number}]")
    args = ["-n", "2", "--subagents-verdict=gates"]
    assert team.run(*args, "--subagents-gate=failed <= 1").ret == 0
    assert team.run(*args, "--subagents-gate=failed <= 0").ret == 1


@pytest.mark.parametrize("how", DISTRIBUTIONS)
def test_reruns_do_not_make_rows(team: Team, how: list[str]) -> None:
    team.with_plugins("rerunfailures")
    team.workflow("id: a, instructions: Do.")
    team.record("team/a", "prose")
    result = team.run("--reruns", "2", *how)
    assert result.ret == 1
    assert team.report()["counts"]["planned"] == 1


def test_a_worker_that_sends_another_shape_is_not_believed(team: Team) -> None:
    team.workflow("id: a, instructions: Do.", "id: b, instructions: Do.")
    team.record("team/a")
    team.record("team/b")
    team.write(
        "conftest.py",
        "import pytest\n"
        "@pytest.hookimpl(tryfirst=True)\n"
        "def pytest_runtest_logreport(report):\n"
        "    if report.when == 'call' and report.nodeid.endswith('::a'):\n"
        "        report.subagents_result = {'status': 'success', 'expected': False, 'result': '{}'}\n",
    )
    result = team.run("-n", "2")
    assert result.ret == 1
    assert team.kinds("a") == ["crashed"]
    assert team.rows()["b"]["status"] == "success"
