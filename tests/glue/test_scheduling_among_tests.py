"""Live subagents over the workers of xdist, among ordinary tests: those go on beside them, and lose nothing by it."""

from __future__ import annotations

from live_team import GOOD, LiveTeam

from pytest_subagents.testing.steps import WaitFor

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
    agent = live_team.played(a=(WaitFor(str(gate)), GOOD))
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
