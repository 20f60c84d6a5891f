"""What an agent has no business with: the checkout of the person, its git, their home, and what they have listed."""

from __future__ import annotations

from pathlib import Path

import pytest
from live_team import GOOD, LiveTeam
from repositories import plain_git

from pytest_subagents.testing.scripts import Script
from pytest_subagents.testing.steps import Change, Run, Step

WRITES = "id: a, instructions: Do a., scope: {write: [src/]}"


def stage(team: LiveTeam, *ids: str) -> Path:
    """An agent `a` that changes everything, in a run whose person has another home, and others that do not."""
    home, listed = team.outside / "home", team.outside / "listed"
    home.mkdir()
    listed.mkdir()
    (home / ".bashrc").write_text("old\n", encoding="utf-8")
    (listed / "x").write_text("old\n", encoding="utf-8")
    team.environ["HOME"] = str(home)
    root = team.path
    deeds = (
        f"echo new >> {root}/src/a.py; echo new > {root}/untracked.txt; rm {root}/gone.py",
        f"git -C {root} tag mine; git -C {root} config x.y z; echo x > {root}/.git/hooks/pre-commit",
        f"git -C {root} update-index --skip-worktree keep.py",
        f"echo new >> {home}/.bashrc; echo new > {home}/.gitconfig; echo new > {listed}/y",
    )
    steps: list[Step] = [*(Run(deed, really=True) for deed in deeds), Change("src/mine.py", "x\n"), GOOD]
    agent = team.agent(scripts=[Script(prompt_has="Do a.", steps=tuple(steps)), Script(steps=(GOOD,))])
    team.ini(f"subagents_sentinels = {listed}")
    team.cast(agent, *ids)
    for name in ("src/a.py", "gone.py", "keep.py"):
        team.write(name, "old\n")
    team.repository()
    return listed


def changed(listed: Path) -> list[str]:
    git = (".git/config", ".git/hooks/pre-commit", ".git/index", ".git/refs/tags/mine")
    return sorted([*git, f"{listed}/y", "gone.py", "src/a.py", "~/.bashrc", "~/.gitconfig"])


@pytest.mark.parametrize("how", [pytest.param([], id="alone"), pytest.param(["-n", "1"], id="n1")])
def test_who_alone_can_have_changed_the_checkout_fails(live_team: LiveTeam, how: list[str]) -> None:
    listed = stage(live_team, WRITES)
    assert live_team.live("record", *how).ret == 1
    assert set(live_team.kinds("a")) == {"scope"}
    places = [reason["at"] for reason in live_team.reasons("a")]
    assert len(places) == len(changed(listed))
    assert [place for place in places if "listed" not in place] == [
        place for place in changed(listed) if "listed" not in place
    ]
    (first, *_) = live_team.messages("a")
    assert first == "while it worked, .git/config was changed, which is not where it works"
    assert live_team.rows()["a"]["changes"] == [{"path": "src/mine.py", "kind": "add"}]
    recorded = live_team.report_text()
    live_team.replay()
    assert live_team.report_text() == recorded


def test_where_it_may_have_been_another_one_it_is_told_and_lowers_nothing(live_team: LiveTeam) -> None:
    stage(live_team, WRITES, "b")
    live_team.live("record", "-n", "2").assert_outcomes(passed=2)
    assert set(live_team.kinds("a")) == {"scope"}
    assert all(message.endswith("whose doing that was is not known") for message in live_team.messages("a"))
    recorded = live_team.report_text()
    live_team.replay().assert_outcomes(passed=2)
    assert live_team.report_text() == recorded


def test_what_nobody_changed_is_not_told(live_team: LiveTeam) -> None:
    """A look at the index that git itself refreshes is no change."""
    agent = live_team.agent(
        Run(f"touch -c {live_team.path}/untracked; git -C {live_team.path} status", really=True), GOOD
    )
    live_team.cast(agent, "id: a, instructions: Do a.")
    live_team.write("a.py", "old\n")
    live_team.repository()
    (live_team.path / "a.py").touch()
    plain_git(live_team.path, "update-index", "--refresh")
    (live_team.path / "a.py").touch()
    live_team.live("record").assert_outcomes(passed=1)
    assert live_team.kinds("a") == []
