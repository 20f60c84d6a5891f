"""Items that other plugins run again; as pytest-repeat and pytest-retry do it, of which a stand-in is here."""

from __future__ import annotations

from team import Team

REPEATS = """
import pytest

@pytest.fixture
def __pytest_repeat_step_number(request):
    return request.param

@pytest.hookimpl(trylast=True)
def pytest_generate_tests(metafunc):
    name = "__pytest_repeat_step_number"
    metafunc.fixturenames.append(name)
    metafunc.parametrize(name, range(2), indirect=True, ids=lambda step: f"{step + 1}-2")

def pytest_runtest_teardown(item):
    item._initrequest()
"""
TESTS = """
import pytest

@pytest.mark.subagent(id="math", task="Find gaps")
def test_review(subagent_result):
    assert subagent_result.status == "success"

@pytest.mark.subagent(id="best", task="Find gaps", attempts=2)
def test_best(subagent_result):
    pass
"""


def test_repetitions_are_rows_that_replay_one_recording(team: Team) -> None:
    team.write("conftest.py", REPEATS)
    team.write("test_it.py", TESTS)
    team.workflow("id: a, task: Look.")
    for name in ("test_it/test_review[math]", "test_it/test_best[best]/1", "test_it/test_best[best]/2", "team/a"):
        team.record(name)
    result = team.run()
    assert result.ret == 0
    assert [(row["nodeid"], row["status"], len(row["attempts"])) for row in team.report()["agents"]] == [
        ("subagents.yaml::a", "success", 0),
        ("test_it.py::test_best[best-1-2]", "success", 2),
        ("test_it.py::test_best[best-2-2]", "success", 2),
        ("test_it.py::test_review[math-1-2]", "success", 0),
        ("test_it.py::test_review[math-2-2]", "success", 0),
    ]
