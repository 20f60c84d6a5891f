"""Every command that a message tells a person to type does what it says when it is typed."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator

import pytest
from team import Team

PROGRAMS = {"pytest": ["pytest"], "subagents": ["pytest_subagents.cli.main"]}


def told(text: str) -> Iterator[str]:
    """The commands in what pytest printed: behind a label, each on its own line."""
    for line in text.split("\n"):
        found = re.match(r"\s*(?:more:|More|accept with:|write it with:)\s+((?:subagents|pytest) .*)", line)
        if found:
            yield found[1].strip()


def typed(team: Team, command: str, folder: str = ".") -> pytest.RunResult:
    program, *words = shlex.split(command)
    line = shlex.join([sys.executable, "-m", *PROGRAMS[program], *words])
    return team.pytester.run("sh", "-c", f"cd {folder} && {line}")


def test_the_commands_of_failures_and_of_the_summary_show_the_row(team: Team) -> None:
    team.transcript("it's a/b c", "prose")
    team.transcript("good")
    team.workflow("id: deep/one, instructions: Do.")
    team.record("team/deep/one", {"status": "failed", "summary": "s", "findings": [{"title": "t" * 5000}]})
    commands = list(told(team.run().stdout.str()))
    assert len(commands) == 3
    for command in commands:
        shown = typed(team, command)
        assert shown.ret == 0, command
        shown.stdout.fnmatch_lines(["*: failed", "Reasons*"])


def test_they_work_from_the_folder_of_the_run_wherever_the_report_is(team: Team) -> None:
    team.write("pytest.ini", "[pytest]\nsubagents_report_dir = build/out\n")
    team.transcript("a", "prose")
    (team.path / "sub").mkdir()
    done = team.pytester.run("sh", "-c", f"cd sub && {sys.executable} -m pytest --subagents ..")
    commands = list(told(done.stdout.str()))
    assert len(commands) == 2
    for command in commands:
        assert typed(team, command, "sub").ret == 0, command


def test_the_commands_of_the_snapshot(team: Team) -> None:
    team.with_plugins("syrupy")
    team.transcript("a")
    (write,) = [command for command in told(team.run("--subagents-snapshot").stdout.str()) if "snapshot" in command]
    assert typed(team, write).ret == 0
    assert team.run("--subagents-snapshot").ret == 0
    team.transcript("a", {"status": "partial", "summary": "s", "findings": []})
    (accept,) = [command for command in told(team.run("--subagents-snapshot").stdout.str()) if "snapshot" in command]
    assert typed(team, accept).ret == 0
    assert team.run("--subagents-snapshot").ret == 0


@pytest.mark.parametrize("hint", ["pytest --subagents"])
def test_the_hint_of_a_skipped_test(team: Team, hint: str) -> None:
    team.write("test_it.py", "import pytest\n@pytest.mark.subagent(id='a', task='x')\ndef test_it(): pass\n")
    team.record("test_it/test_it[a]")
    assert f"({hint})" in team.run("-rs", on=False).stdout.str()
    assert typed(team, hint).ret == 0
