"""pytest on a platform that is not supported, or only for replay. The entrance is told which one that is."""

from __future__ import annotations

import pytest
from team import Team

CONFTEST = "from pytest_subagents.glue import entrance\n\nentrance.HERE = {platform!r}\n"
TESTS = """\
import pytest


@pytest.mark.subagent(id="a", task="x")
def test_marked(subagent_result):
    pass


def test_plain(replay_transcript):
    pass
"""


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
    one.write("conftest.py", CONFTEST.format(platform=platform))
    result = one.pytester.runpytest_subprocess("--subagents", "-p", "no:cacheprovider", *options)
    assert result.ret == code
    (result.stderr if code else result.stdout).fnmatch_lines([said])
    result.stderr.no_fnmatch_line("*Traceback*")


def test_where_nothing_runs_marked_tests_are_skipped_and_fixtures_say_why(team: Team) -> None:
    team.write("conftest.py", CONFTEST.format(platform="win32"))
    team.write("test_a.py", TESTS)
    result = team.pytester.runpytest_subprocess("-p", "no:cacheprovider", "-rs")
    result.assert_outcomes(skipped=1, errors=1)
    result.stdout.fnmatch_lines(["pytest-subagents: Windows is not supported", "  hint: run it on Linux*", "SKIPPED*"])
