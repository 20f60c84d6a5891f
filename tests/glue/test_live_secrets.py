"""Secrets that an agent sees, says and fails with: none is left in anything that a run writes or shows."""

from __future__ import annotations

from pathlib import Path

import pytest
from live_team import SPREAD, LiveTeam
from team import ANSWER

from pytest_subagents.testing.scripted_agent import ScriptedAgent
from pytest_subagents.testing.scripts import Script
from pytest_subagents.testing.steps import Answer, Change, Exit, Fail, Raw, Run, Say, Step

KEY = "zx81-Spectrum+48k/quicksilver"
"""The value of a variable that the allow-list lets through."""
TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" * 2
"""What a form tells, wherever it comes from."""


def _team(live_team: LiveTeam, *steps: Step) -> ScriptedAgent:
    agent = live_team.agent(*steps)
    head = live_team.head(agent).replace("name: team", "name: team, vendors: {command: {env: [MY_API_KEY]}}")
    live_team.workflow("id: a, instructions: Do a.", head=head)
    return agent


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("MY_API_KEY", KEY)
    return KEY


def _left(folder: Path, *, but: tuple[str, ...] = ()) -> list[str]:
    """Files in which one of the secrets stands."""
    found = []
    for path in folder.rglob("*"):
        if path.is_file() and path.name not in but and not path.name.startswith("std"):
            data = path.read_bytes()
            if KEY.encode() in data or TOKEN.encode() in data:
                found.append(path.relative_to(folder).as_posix())
    return found


RAW = ("stream.jsonl", "stderr.log", "final-message")
"""What an agent wrote, byte for byte, in the run directory that nobody else may read."""


@pytest.mark.parametrize("how", SPREAD)
def test_they_are_cut_out_of_recording_report_and_terminal(live_team: LiveTeam, how: list[str], key: str) -> None:
    agent = _team(
        live_team,
        Say(f"The key is {KEY}."),
        Run(f"curl -H 'Authorization: Bearer {KEY}'", output=f"token={TOKEN}"),
        Raw(f"warning: {KEY} and {TOKEN}\n", to="stderr"),
        Answer({**ANSWER, "summary": f"I used {KEY} and {TOKEN}", "status": "partial"}),
        Exit(3),
    )
    reports = ("--subagents-report=out/r.md", "--subagents-report=out/r.html")
    result = live_team.live("record", "-rA", "-v", *reports, *how)
    assert agent.calls()[0].environment["MY_API_KEY"] == KEY
    assert live_team.statuses() == {"a": "partial"}
    assert KEY not in result.stdout.str() + result.stderr.str()
    assert TOKEN not in result.stdout.str() + result.stderr.str()
    assert _left(live_team.path, but=RAW) == []
    assert "I used " in live_team.report_text()
    for run in live_team.runs():
        assert all(path.stat().st_mode & 0o077 == 0 for path in run.rglob("*"))
    recorded = live_team.report_text()
    live_team.replay(*reports)
    assert live_team.report_text() == recorded


def test_they_are_cut_out_of_what_a_program_fails_with(live_team: LiveTeam, key: str) -> None:
    for steps in (
        (Fail("auth", message=f"401 invalid key {KEY}"),),
        (Raw(f"cannot log in with {KEY}\n", to="stderr"), Exit(2)),
        (Raw(f"no protocol, but {TOKEN} and {KEY}\n"), Raw(f"{KEY}\n", to="stderr"), Exit(1)),
    ):
        _team(live_team, *steps)
        result = live_team.live("record")
        assert result.ret == 1
        assert KEY not in result.stdout.str()
        assert TOKEN not in result.stdout.str()
        assert _left(live_team.path, but=RAW) == []


def test_what_still_looks_like_one_is_not_recorded(live_team: LiveTeam, key: str) -> None:
    """A patch cannot be redacted: it would not apply any more."""
    good = _team(live_team, Answer(ANSWER))
    writer = "id: a, instructions: Do a., scope: {write: [src/**]}"
    live_team.cast(good, writer)
    live_team.repository()
    live_team.live("record").assert_outcomes(passed=1)
    before = live_team.recorded()
    leaks = live_team.agent(scripts=[Script(steps=(Change("src/a.py", f"TOKEN = '{TOKEN}'\n"), Answer(ANSWER)))])
    live_team.cast(leaks, writer)
    result = live_team.live("record")
    assert result.ret == 1
    (reason,) = live_team.reasons("a")
    assert reason["kind"] == "missing_recording"
    assert "still looks like it holds a secret: recording.patch" in reason["message"]
    assert "subagents_redact" in reason["hint"]
    assert live_team.recorded() == before
    assert TOKEN not in result.stdout.str() + live_team.report_text()
    assert " Record " not in result.stdout.str()


def test_a_value_too_short_to_be_cut_out_is_told(live_team: LiveTeam, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_API_KEY", "abc")
    _team(live_team, Answer(ANSWER))
    live_team.live("record").stdout.fnmatch_lines(["warning: MY_API_KEY is not redacted: its value *"])


def test_an_agent_sees_nothing_but_what_is_let_through(live_team: LiveTeam, key: str) -> None:
    agent = _team(live_team, Answer(ANSWER))
    live_team.environ["OTHER_SECRET"] = "not for you"
    live_team.live("live").assert_outcomes(passed=1)
    seen = agent.calls()[0].environment
    assert seen["MY_API_KEY"] == KEY
    assert "OTHER_SECRET" not in seen
    assert "PYTEST_CURRENT_TEST" not in seen
    assert seen["HOME"] != str(Path.home())
