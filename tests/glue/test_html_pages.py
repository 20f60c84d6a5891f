"""The HTML report as pytest and the command write it."""

from __future__ import annotations

import sys

import pytest
from live_team import GOOD, LiveTeam
from team import ANSWER, Team

from pytest_subagents.testing.steps import Say

COMMAND = ("-c", "from pytest_subagents.cli.main import main; main()")


def test_a_replay_gives_one_page_however_it_is_made(team: Team) -> None:
    team.workflow(
        "id: a, instructions: Look at a.", "id: b, instructions: 'Sum up {{ results.a.status }}.', depends_on: [a]"
    )
    team.record("team/a", runtime_ms=1000)
    team.record("team/b", {**ANSWER, "findings": [{"title": "<b>"}]}, runtime_ms=2000)
    team.run("--subagents-report=out/one.html").assert_outcomes(passed=2)
    team.run("--subagents-report=out/two.html", "-n", "2").assert_outcomes(passed=2)
    assert team.pytester.run(sys.executable, *COMMAND, "report", "-o", "out/three.html").ret == 0
    pages = [(team.path / f"out/{name}.html").read_bytes() for name in ("one", "two", "three")]
    assert pages[0] == pages[1] == pages[2]
    for words in (b"Look at a.", b"Sum up success.", b"Critical path", b"4 steps", b"3.0s", b"&lt;b&gt;"):
        assert words in pages[0]


def test_a_live_run_has_its_times_and_what_it_did_not_record(
    live_team: LiveTeam, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_BASE", "what-only-the-agent-is-given")
    said = f"I think about it: what-only-the-agent-is-given, in {live_team.path}."
    live_team.cast(live_team.agent(Say(said), GOOD), "a", "b", more=", vendors: {command: {env: [SHOP_BASE]}}")
    live_team.live("live", "--subagents-report=r.html", "-n", "2").assert_outcomes(passed=2)
    page = (live_team.path / "r.html").read_text("utf-8")
    assert "As it was in the live run" in page
    assert "I think about it: " in page
    assert "what-only-the-agent-is-given" not in page
    assert "gw" in page
    run = [sys.executable, *COMMAND, "report", "-o"]
    assert live_team.pytester.run(*run, "again.html", "--run", "latest").ret == 0
    assert (live_team.path / "again.html").read_text("utf-8") == page
    assert live_team.pytester.run(*run, "other.html").ret == 0
    assert "The transcript was not kept." in (live_team.path / "other.html").read_text("utf-8")
