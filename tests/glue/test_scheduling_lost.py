"""What a worker must not start: what others have run, what died, what a person skipped."""

from __future__ import annotations

import pytest
from live_team import SPREAD, LiveTeam, told
from team import ANSWER

from pytest_subagents.testing.scripted_agent import ScriptedAgent
from pytest_subagents.testing.steps import Answer, Say

_LATE = """
import os, signal
import pytest

@pytest.hookimpl(trylast=True)
def pytest_runtest_logreport(report):
    if report.when == "call" and report.nodeid.endswith("::first") and "PYTEST_XDIST_WORKER" in os.environ:
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_worker_that_skips_one_starts_nothing_that_it_needs(live_team: LiveTeam) -> None:
    """What it needs has been run by two workers, and neither knows of both."""
    agent = live_team.played(bad=(Answer("prose"),))
    live_team.cast(agent, "bad", "good", "id: last, instructions: Do last., depends_on: [bad, good]")
    live_team.live("live", "-n", "2")
    assert live_team.statuses() == {"bad": "failed", "good": "success", "last": "not_run"}
    assert sorted(told(agent)) == ["bad", "good"]


def test_who_needs_one_whose_worker_died_after_its_result_is_not_started(live_team: LiveTeam) -> None:
    agent = live_team.played()
    live_team.cast(agent, "first", "id: last, instructions: Do last., depends_on: [first]")
    live_team.write("conftest.py", _LATE)
    live_team.live("live", "-n", "2")
    assert live_team.statuses() == {"first": "failed", "last": "not_run"}
    assert told(agent) == ["first"]


_SKIPPED = """
import pytest
from pytest_subagents import Subagent

COMMAND = {{"vendor": "command", "command": {command!r}}}

@pytest.fixture(autouse=True)
def not_now(request):
    if "[first]" in request.node.name and {skips}:
        pytest.skip("not now")

@pytest.mark.subagents(
    Subagent(id="first", task="Do first.", {more}**COMMAND),
    Subagent(id="other", task="Do other.", priority=1, **COMMAND),
    Subagent(id="last", task="Do last.", depends_on=({need}, "other"), **COMMAND),
)
def test_team(subagent_result):
    pass
"""
_WHOLE = {"need": "'first'", "more": ""}
_POINT = {
    "need": "{'agent': 'first', 'checkpoint': 'half'}",
    "more": "checkpoints=({'id': 'half', 'condition': {'says': 'Half of it'}},), ",
}


def _team(live_team: LiveTeam, agent: ScriptedAgent, what: dict[str, str], *, skips: bool = True) -> None:
    live_team.write("test_team.py", _SKIPPED.format(command=tuple(agent.command), skips=skips, **what))


@pytest.mark.parametrize("what", [_WHOLE, _POINT], ids=["end", "checkpoint"])
@pytest.mark.parametrize("how", SPREAD[1:])
def test_of_who_was_skipped_the_recording_is_asked(live_team: LiveTeam, how: list[str], what: dict[str, str]) -> None:
    agent = live_team.played(first=(Say("Half of it is done."), Answer("prose" if what is _POINT else ANSWER)))
    _team(live_team, agent, what, skips=False)
    live_team.live("record")
    _team(live_team, agent, what)
    live_team.live("live", *how)
    assert live_team.statuses() == {"other": "success", "last": "success"}
    assert told(agent).count("first") == 1


@pytest.mark.parametrize("what", [_WHOLE, _POINT], ids=["end", "checkpoint"])
@pytest.mark.parametrize("how", SPREAD[1:])
def test_who_was_skipped_is_started_for_nobody(live_team: LiveTeam, how: list[str], what: dict[str, str]) -> None:
    agent = live_team.played()
    _team(live_team, agent, what)
    live_team.live("live", *how)
    assert live_team.statuses() == {"other": "success", "last": "not_run"}
    assert told(agent) == ["other"]


@pytest.mark.parametrize("what", [_WHOLE, _POINT], ids=["end", "checkpoint"])
@pytest.mark.parametrize("how", SPREAD[1:])
def test_who_was_skipped_is_not_what_another_one_failed_for(
    live_team: LiveTeam, how: list[str], what: dict[str, str]
) -> None:
    agent = live_team.played(other=(Answer("prose"),))
    _team(live_team, agent, what)
    live_team.live("live", *how).assert_outcomes(failed=1, skipped=2)
    assert live_team.statuses() == {"other": "failed", "last": "not_run"}
    assert told(agent) == ["other"]
