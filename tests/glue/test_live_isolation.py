"""`isolation` and `--subagents-uncommitted` in a whole run: who works where, and what it starts from."""

from __future__ import annotations

import pytest
from live_team import GOOD, SPREAD, LiveTeam
from repositories import digest_of

from pytest_subagents.testing.scripts import Script
from pytest_subagents.testing.steps import Change, Run


def say(id: str, path: str) -> Script:
    steps = (Run("cat src/a.py", really=True), Change(path, f"by {id}\n"), GOOD)
    return Script(prompt_has=f"Do {id}.", steps=steps)


@pytest.mark.parametrize("how", SPREAD)
def test_each_works_where_it_says(live_team: LiveTeam, how: list[str]) -> None:
    """Two of them in the person's files, one after the other; each is told by what it changed alone."""
    agent = live_team.agent(
        scripts=[say("copied", "src/copied.py"), say("here", "src/here.py"), say("too", "src/x.py")]
    )
    scope = "scope: {write: ['src/*.py']}"
    live_team.cast(
        agent,
        f"id: copied, instructions: Do copied., {scope}, isolation: copy",
        f"id: here, instructions: Do here., {scope}, isolation: none",
        f"id: too, instructions: Do too., {scope}, isolation: none",
    )
    live_team.write("src/a.py", "committed\n")
    live_team.repository()
    live_team.write("src/a.py", "not committed\n")
    before = digest_of(live_team.path / ".git")
    live_team.live("record", *how).assert_outcomes(passed=3)
    assert digest_of(live_team.path / ".git") == before
    changes = {id: [change["path"] for change in row["changes"]] for id, row in live_team.rows().items()}
    assert changes == {"copied": ["src/copied.py"], "here": ["src/here.py"], "too": ["src/x.py"]}
    assert sorted(path.name for path in (live_team.path / "src").iterdir()) == ["a.py", "here.py", "x.py"]
    assert all(b"not committed" in data for name, data in live_team.recorded().items() if name.endswith(".jsonl"))
    live_team.nothing_left()
    recorded = live_team.report_text()
    live_team.replay().assert_outcomes(passed=3)
    assert live_team.report_text() == recorded


@pytest.mark.parametrize("how", SPREAD)
def test_what_is_not_committed(live_team: LiveTeam, how: list[str]) -> None:
    agent = live_team.agent(scripts=[say("fix", "src/new.py")])
    live_team.cast(agent, "id: fix, instructions: Do fix., scope: {write: [src/]}")
    live_team.write("src/a.py", "committed\n")
    live_team.repository()
    live_team.write("src/a.py", "not committed\n")
    before = {name: digest_of(live_team.path / name) for name in (".git", "src")}
    told = "1 uncommitted change: src/a.py"
    seen = {}
    for what in ("refuse", "carry", "ignore"):
        result = live_team.live("record", f"--subagents-uncommitted={what}", *how)
        if what == "refuse":
            assert result.ret == 4
            assert f"--subagents-uncommitted=refuse: there is {told}" in result.stdout.str() + result.stderr.str()
            assert live_team.recorded() == {}
            continue
        result.assert_outcomes(passed=1)
        seen[what] = b"not committed" in live_team.recorded()["team/fix.jsonl"]
        words = "with" if what == "carry" else "and does not see"
        result.stdout.fnmatch_lines(f"*fix starts from HEAD {words} {told}*")
    assert seen == {"carry": True, "ignore": False}
    assert {name: digest_of(live_team.path / name) for name in before} == before
    live_team.nothing_left()
