"""`subagent_workspace`: what an agent left, for the test around it, live and in replay, and nothing of it behind it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from live_team import GOOD, SPREAD, LiveTeam
from repositories import digest_of

from pytest_subagents.testing.scripts import Script
from pytest_subagents.testing.steps import Answer, Change, Run

TEST = """
    import subprocess
    from pathlib import Path
    import pytest
    from pytest_subagents import Scope, Subagent

    COMMAND = {command}

    def agent(id, **keys):
        return Subagent(id=id, instructions=f"Do {{id}}.", vendor="command", command=COMMAND, **keys)

    @pytest.mark.subagents(
        agent("types", scope=Scope(write=("src/",))),
        agent("api", scope=Scope(read=("src/",), write=("src/",))),
        agent("look"),
        agent("bad", scope=Scope(write=("docs/",))),
    )
    def test_team(subagent, subagent_workspace):
        Path({seen!r}, subagent.id).write_text(str(subagent_workspace))
        here = subagent_workspace
        if subagent.id == "look":
            assert here == Path.cwd()
            return
        assert (here / "src/types.py").read_text() == ("one\\n" if subagent.id == "types" else "one\\ntwo\\n")
        assert (here / "src/old.py").read_text() == "old\\n"
        assert subprocess.run(["git", "log", "--format=%s"], cwd=here, capture_output=True, check=True).stdout
"""


@pytest.mark.parametrize("how", SPREAD)
def test_it_is_what_the_agent_left(live_team: LiveTeam, how: list[str]) -> None:
    seen = live_team.outside / "seen"
    seen.mkdir()
    agent = live_team.agent(
        scripts=[
            Script(prompt_has="Do types.", steps=(Change("src/types.py", "one\n"), GOOD)),
            Script(prompt_has="Do api.", steps=(Run("echo two >> src/types.py", really=True), GOOD)),
            Script(prompt_has="Do bad.", steps=(Change("docs/x.md", "x"), Answer("prose"))),
            Script(steps=(GOOD,)),
        ]
    )
    live_team.pytester.makepyfile(
        test_team=TEST.format(command=tuple(json.loads(json.dumps(agent.command))), seen=str(seen))
    )
    live_team.write("src/old.py", "old\n")
    live_team.repository()
    before = digest_of(live_team.path / ".git", times=False)
    result = live_team.live("record", *how)
    result.assert_outcomes(passed=3, failed=1)
    places = {path.name: Path(path.read_text("utf-8")) for path in seen.iterdir()}
    assert sorted(places) == ["api", "look", "types"]
    assert all(".subagents/work" in str(places[id]) for id in ("api", "types"))
    assert not places["api"].exists()
    live_team.nothing_left()
    recorded = live_team.report_text()
    live_team.replay().assert_outcomes(passed=3, failed=1)
    again = Path((seen / "api").read_text("utf-8"))
    assert again != places["api"]
    assert not again.exists()
    assert live_team.report_text() == recorded
    assert digest_of(live_team.path / ".git", times=False) == before
    patch = next((live_team.path / "recordings").rglob("*types*.patch"))
    patch.write_text(patch.read_text("utf-8").replace("+one", "+two"), encoding="utf-8")
    live_team.replay().assert_outcomes(passed=1, failed=1, errors=2)
