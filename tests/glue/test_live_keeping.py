"""--subagents-keep: whose private checkouts a person finds after a run, and until when."""

from __future__ import annotations

from pathlib import Path

import pytest
from live_team import GOOD, SPREAD, LiveTeam
from repositories import plain_git

from pytest_subagents.testing.scripts import Script
from pytest_subagents.testing.steps import Answer, Change


def team(live_team: LiveTeam, *, more: str = "") -> None:
    """Two writers, of which `bad` fails and `good` does not, and a reader that fails."""
    steps = (Change("src/a.py", "changed\n"), Answer("prose"))
    agent = live_team.agent(
        scripts=[
            Script(prompt_has="Do bad.", steps=steps),
            Script(prompt_has="Do reads.", steps=(Answer("prose"),)),
            Script(steps=(Change("src/b.py", "changed\n"), GOOD)),
        ]
    )
    scope = "scope: {write: [src/]}"
    live_team.cast(
        agent,
        f"id: bad, instructions: Do bad., {scope}{more}",
        f"id: good, instructions: Do good., {scope}",
        "id: reads, instructions: Do reads.",
    )
    live_team.write("src/a.py", "as it was\n")
    live_team.repository()


def checkouts(live_team: LiveTeam) -> dict[str, Path]:
    """Those that are there, by the subagent."""
    work = live_team.path / ".subagents/work"
    return {path.name.rpartition("-")[0]: path for path in sorted(work.glob("*/*")) if path.is_dir()}


@pytest.mark.parametrize("how", SPREAD[1:])
@pytest.mark.parametrize(
    ("option", "kept"), [("", ["bad"]), ("failed", ["bad"]), ("all", ["bad", "good"]), ("none", [])]
)
def test_what_stays(live_team: LiveTeam, option: str, kept: list[str], how: list[str]) -> None:
    team(live_team)
    result = live_team.live("live", *how, *([f"--subagents-keep={option}"] if option else []))
    found = checkouts(live_team)
    assert list(found) == kept
    for id, path in found.items():
        assert (path / f"src/{'a' if id == 'bad' else 'b'}.py").read_text("utf-8") == "changed\n"
        assert plain_git(path, "status", "--porcelain", "--untracked-files=all").strip() == (
            "M src/a.py" if id == "bad" else "?? src/b.py"
        )
    text = result.stdout.str()
    assert [line.split()[-1] for line in text.splitlines() if ".subagents/work" in line] == [
        str(path.relative_to(live_team.path)) for path in found.values()
    ]
    assert ("until the next live run" in text) is bool(kept)
    live_team.nothing_left()


def test_the_next_live_run_removes_them(live_team: LiveTeam) -> None:
    team(live_team)
    live_team.live("live")
    assert list(checkouts(live_team)) == ["bad"]
    live_team.replay()
    assert list(checkouts(live_team)) == ["bad"]
    live_team.live("live", "-k", "good")
    assert checkouts(live_team) == {}


def test_what_failed_as_expected_does_not_stay(live_team: LiveTeam) -> None:
    team(live_team, more=", expect: failed")
    live_team.live("live")
    assert checkouts(live_team) == {}


def test_where_it_says_which(live_team: LiveTeam) -> None:
    team(live_team)
    live_team.ini("subagents_keep = all")
    live_team.live("live").stdout.fnmatch_lines(["subagents: mode=live *, keep=all (ini subagents_keep)"])
    assert list(checkouts(live_team)) == ["bad", "good"]
    result = live_team.live("live", "--subagents-keep=some")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --subagents-keep: 'some' is not a choice", "  hint: *all, failed, none"])
