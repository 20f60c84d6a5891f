"""What an agent really read and wrote is held against its scope: after its run, and in the next plan."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from live_team import GOOD, SPREAD, LiveTeam

from pytest_subagents.cli.main import commands
from pytest_subagents.testing.scripts import Script
from pytest_subagents.testing.steps import Change, Run, Use

SCOPED = "scope: {read: [src/, unused/], write: [out/]}"


def told(team: LiveTeam, *words: str) -> str:
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(team.path)
        result = CliRunner().invoke(commands, list(words), prog_name="subagents")
    assert result.exit_code == 0, result.stderr
    return result.stdout


def section(text: str) -> list[str]:
    return text.partition("\nScope, as of the live run ")[2].partition("\n\nDiagnostics")[0].splitlines()[1:]


def rummaged(team: LiveTeam, *args: str, mode: str = "live") -> pytest.RunResult:
    """A run of one that reads and writes what it should and what it should not, and of one that does as it is told."""
    for name in ("src/a.py", "docs/b.md", "docs/deep/c.md", "unused/d.md"):
        team.write(name, "x\n")
    rummage = (
        Use("Read", arguments={"file_path": "src/a.py"}),
        Use("Read", arguments={"file_path": "/etc/elsewhere"}),
        Use("Read", arguments={"file_path": "docs/gone.md"}, failed=True),
        Run("cd docs && cat b.md | head -n 3 && rg -n todo deep"),
        Change("out/good.txt", "good\n"),
        Change("stray/bad.txt", "bad\n", told=False),
        GOOD,
    )
    agent = team.agent(
        scripts=[
            Script(prompt_has="Do rummage.", steps=rummage),
            Script(steps=(Use("Read", arguments={"file_path": "src/a.py"}), GOOD)),
        ],
        dialect="claude_stream",
    )
    tidy = "id: tidy, instructions: Do tidy., scope: {read: [src/]}"
    team.cast(agent, f"id: rummage, instructions: Do rummage., {SCOPED}", tidy)
    team.repository()
    return team.live(mode, *args)


@pytest.mark.parametrize("args", SPREAD)
def test_what_goes_beyond_a_scope_is_told_when_the_run_is_over(live_team: LiveTeam, args: list[str]) -> None:
    done = rummaged(live_team, *args)
    done.stdout.fnmatch_lines([" Scopes     rummage read or wrote beyond its scope: subagents show rummage"])
    shown = section(told(live_team, "show", "rummage"))
    assert shown[:8] == [
        "  read beyond it      docs/b.md",
        "                      docs/deep",
        "  wrote beyond it     stray/bad.txt",
        "  made no use of      unused/ (read)",
        "  used elsewhere      /etc/elsewhere",
        "",
        "  to declare instead:",
        "    scope:",
    ]
    assert yaml.safe_load("\n".join(shown[7:])) == {
        "scope": {"read": ["src/", "docs/b.md", "docs/deep"], "write": ["out/", "stray/bad.txt"]}
    }
    assert section(told(live_team, "show", "tidy")) == [
        "  as far as known, it is what was used",
        "  not known           what it wrote and did not tell",
    ]


def test_the_next_plan_advises_it_until_the_corrected_scope_is_pasted(live_team: LiveTeam) -> None:
    rummaged(live_team)
    shown = json.loads(told(live_team, "show", "rummage", "--json"))
    assert (shown["id"], shown["answer"]["status"]) == ("rummage", "success")
    assert shown["scope_use"]["used"]["written"] == ["out/good.txt", "stray/bad.txt"]
    assert shown["scope_use"]["gaps"]["undeclared_searched"] == ["docs/deep"]
    assert advised(live_team) == {
        "under-declared": "in its last live run it read docs/b.md and 1 more and wrote stray/bad.txt, beyond its "
        "scope: declare that; `subagents show rummage` has the scope to paste",
        "over-declared": "in its last live run it made no use of unused/: leave that out, and fewer wait; "
        "`subagents show rummage` has the scope to paste",
    }
    done = live_team.run("--subagents-plan")
    done.stdout.fnmatch_lines(["*rummage: in its last live run it read docs/b.md and 1 more*"])
    file = live_team.path / "subagents.yaml"
    file.write_text(file.read_text("utf-8").replace(SCOPED, f"scope: {json.dumps(shown['scope_use']['corrected'])}"))
    assert advised(live_team) == {}


def test_a_report_says_nothing_of_it_and_a_replay_shows_the_last_live_run(live_team: LiveTeam) -> None:
    rummaged(live_team, mode="record")
    recorded = live_team.report_text()
    done = live_team.replay()
    assert live_team.report_text() == recorded
    assert "used" not in live_team.rows()["rummage"]
    done.stdout.no_fnmatch_line(" Scopes *")
    assert "stray/bad.txt" in told(live_team, "show", "rummage")
    assert "Scope, as of" not in told(live_team, "show", "rummage", "--run-dir", "nowhere")
    assert json.loads(told(live_team, "show", "rummage", "--json", "--run-dir", "nowhere"))["scope_use"] is None


def test_of_a_plain_program_it_is_said_that_nothing_is_known(live_team: LiveTeam) -> None:
    command = json.dumps(["sh", "-c", 'cat src/a.py > /dev/null; echo \'{"status": "success", "summary": "x"}\''])
    live_team.write("src/a.py", "x\n")
    live_team.workflow(f"id: plain, instructions: x, vendor: command, command: {command}, scope: {{read: [docs/]}}")
    live_team.live("live")
    assert "  not known           what 1 of its commands and tools read" in section(told(live_team, "show", "plain"))


def advised(team: LiveTeam) -> dict[str, Any]:
    plan = json.loads(told(team, "plan", "--json"))
    return {each["kind"]: each["text"] for each in plan["advice"] if each["kind"].endswith("-declared")}
