"""Where it runs, and what a person is told where it does not. The platform is handed in, as at the edge."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from click.testing import CliRunner

from pytest_subagents.cli.main import commands
from pytest_subagents.errors import BadUsage
from pytest_subagents.model.platforms import must_run, must_start


@pytest.mark.parametrize(
    ("platform", "runs", "starts"),
    [("linux", True, True), ("darwin", True, False), ("freebsd14", True, False), ("win32", False, False)],
)
def test_linux_starts_agents_other_unixes_replay_and_windows_does_neither(
    platform: str, runs: bool, starts: bool
) -> None:
    refused = pytest.raises(BadUsage)
    with nullcontext() if runs else refused:
        must_run(platform)
    with nullcontext() if starts else refused:
        must_start(platform, "mode=live")


def test_the_message_says_where_what_and_what_to_do() -> None:
    with pytest.raises(BadUsage) as told:
        must_start("darwin", "mode=live (--subagents-mode)")
    assert str(told.value).startswith("mode=live (--subagents-mode): agents and commands are started on Linux only")
    assert "this is macOS\n  hint: replay works here" in str(told.value)


@pytest.mark.parametrize("words", [["--help"], ["show", "a"], ["nonsense"]])
def test_the_command_says_so_too_before_it_imports_anything(words: list[str]) -> None:
    done = CliRunner().invoke(commands, words, obj="win32")
    assert (done.exit_code, done.stdout) == (4, "")
    assert done.stderr.startswith("pytest-subagents: Windows is not supported\n  hint: run it on Linux")


def test_the_command_starts_nothing_where_it_could_not_end_it() -> None:
    done = CliRunner().invoke(commands, ["merge", "--checks=run"], obj="darwin")
    assert done.exit_code == 4
    assert done.stderr.startswith("--checks=run: agents and commands are started on Linux only, and this is macOS")
