"""pytest on a platform that is not supported, or only for replay."""

from __future__ import annotations

import pytest
from team import Team

ENTERS = "def pytest_configure(config):\n    enter(config, platform={platform!r})\n"
"""In place of `--subagents`, which enters with the platform that this is."""


@pytest.fixture
def one(team: Team) -> Team:
    team.workflow("id: a, instructions: Do.")
    team.record("team/a", {"status": "success", "summary": "s", "findings": []})
    return team


@pytest.mark.parametrize(
    ("platform", "options", "code", "said"),
    [
        ("win32", [], 4, "ERROR: pytest-subagents: Windows is not supported"),
        ("darwin", [], 0, "* success  a *"),
        ("darwin", ["--subagents-mode=once"], 4, "ERROR: mode=once (--subagents-mode): agents and commands are*macOS"),
        ("darwin", ["--subagents-checks=run"], 4, "ERROR: checks=run (--subagents-checks): agents and commands are*"),
    ],
)
def test_a_message_in_place_of_a_traceback(one: Team, platform: str, options: list[str], code: int, said: str) -> None:
    imports = "from pytest_subagents.glue.entrance import enter\n\n\n"
    one.write("conftest.py", imports + ENTERS.format(platform=platform))
    result = one.pytester.runpytest_subprocess("--no-subagents", "-p", "no:cacheprovider", *options)
    assert result.ret == code
    (result.stderr if code else result.stdout).fnmatch_lines([said])
    result.stderr.no_fnmatch_line("*Traceback*")
