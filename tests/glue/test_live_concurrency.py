"""Two live runs at once in one repository."""

from __future__ import annotations

import json
import os

import pytest
from live_team import GOOD, LiveTeam, begun, until

from pytest_subagents.testing.scripts import Script
from pytest_subagents.testing.steps import Change, Say, WaitFor

WRITER = "id: fix, instructions: Do fix., scope: {write: [src/**]}"


@pytest.mark.parametrize("how", [[], ["-n", "2"]], ids=["alone", "n2"])
def test_each_has_its_own_run_its_own_checkouts_and_ends_well(live_team: LiveTeam, how: list[str]) -> None:
    gate = live_team.outside / "gate"
    meets = (Say("I wait for the other."), Change("src/a.py", "a = 1\n"), WaitFor(str(gate)), GOOD)
    agent = live_team.agent(scripts=[Script(prompt_has="Do fix.", steps=meets), Script(steps=(GOOD,))])
    live_team.cast(agent, WRITER, "reader")
    live_team.repository()
    runs = []
    for number in range(2):
        folder = f"subagents_report_dir=artifacts/run{number}"
        runs.append(live_team.start("record", "-o", folder, *how))
        until(lambda: len(_fixing(live_team)) == number + 1, f"writer {number}")  # noqa: B023
    begun(agent, 2)
    folders = {call.cwd for call in agent.calls() if "Do fix." in call.prompt}
    assert len(folders) == 2
    gate.touch()
    assert [run.end() for run in runs] == [0, 0]
    live_team.nothing_left()
    reports = [(live_team.path / f"artifacts/run{number}/report.json").read_text("utf-8") for number in range(2)]
    rows = [json.loads(report)["agents"] for report in reports]
    assert all(row["status"] == "success" for each in rows for row in each)
    assert len(live_team.runs()) == 2
    live_team.replay().assert_outcomes(passed=2)
    newest = sorted(live_team.runs())[-1]
    assert os.readlink(live_team.path / ".subagents/latest") == f"runs/{newest.name}"


def _fixing(live_team: LiveTeam) -> list[object]:
    """The checkouts in which somebody has written by now."""
    return list((live_team.path / ".subagents/work").glob("*/*/src/a.py"))
