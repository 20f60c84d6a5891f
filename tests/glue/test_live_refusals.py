"""A person's mistakes: all are said, before anything is started, the same with and without workers."""

from __future__ import annotations

import os

import pytest
from live_team import LiveTeam
from team import ANSWER

from pytest_subagents.testing.steps import Answer

WAYS = [
    pytest.param([], id="alone"),
    pytest.param(["-n", "2"], id="n2"),
    pytest.param(["-p", "no:xdist"], id="no-xdist"),
]


def _errors(result: pytest.RunResult) -> list[str]:
    return [line for line in result.outlines + result.errlines if line.startswith("ERROR: ")]


@pytest.mark.parametrize("how", WAYS)
def test_all_that_is_wrong_is_said_at_once(live_team: LiveTeam, how: list[str]) -> None:
    live_team.ini("subagents_redact =", "    ACME-[0-9]+")
    live_team.workflow(
        "id: a, instructions: Do.",
        "id: b, instructions: Do., vendor: cursor",
        "id: c, vendor: codex",
        "id: d, instructions: Do., runner: function, function: 'nowhere:at_all'",
        "id: e, instructions: Do., vendor: command, command: [x, '{prompt}']",
        "id: f, instructions: Do., vendor: command, command: [x], scope: {write: [src/]}",
        "id: g, instructions: Do., vendor: codex, limits: {max_usd: 1}",
    )
    result = live_team.live("once", *how)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    errors = _errors(result)
    starts = [
        "subagents.yaml:3 (agent 'a'): has no vendor",
        "subagents.yaml:4 (agent 'b'): recordings of 'cursor' can be read, but nothing of it started",
        "subagents.yaml:5 (agent 'c'): has neither 'instructions' nor 'task'",
        "subagents.yaml:6 (agent 'd'): function: 'nowhere:at_all' is not code of this repository",
        "subagents.yaml:7 (agent 'e'): 'command' has {prompt}, which is none of",
        "subagents.yaml:9 (agent 'g'): limits.max_usd cannot hold",
        "subagents.yaml:8 (agent 'f'): writes, and",
    ]
    assert [error for error, start in zip(errors, starts, strict=True) if not error.startswith(f"ERROR: {start}")] == []
    assert "Traceback" not in result.stdout.str() + result.stderr.str()
    assert live_team.runs() == []
    assert not (live_team.path / "artifacts").exists()


@pytest.mark.parametrize("how", WAYS[:2])
def test_a_template_with_an_unknown_name_is_a_bad_file(live_team: LiveTeam, how: list[str]) -> None:
    live_team.write(
        "subagents.yaml",
        "workflow: {name: team}\nagents:\n  - id: a\n    vendor: codex\n    instructions: |\n"
        "      Look well.\n      {{ scoep.read }}\n",
    )
    result = live_team.live("once", *how)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    (error,) = _errors(result)
    assert error == "ERROR: subagents.yaml:3 (agent 'a', instructions, line 2): 'scoep' is undefined"


@pytest.mark.parametrize("how", WAYS[:2])
def test_context_files_must_be_there(live_team: LiveTeam, how: list[str]) -> None:
    agent = live_team.agent()
    head = live_team.head(agent).replace("name: team", "name: team, context: {files: [docs/missing.md]}")
    live_team.workflow("id: a, instructions: Do a.", head=head)
    result = live_team.live("once", *how)
    assert result.ret in (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.USAGE_ERROR)
    (error,) = _errors(result)
    assert "docs/missing.md" in error
    assert agent.calls() == ()


def test_in_a_replay_nothing_of_that_is_asked_for(live_team: LiveTeam) -> None:
    live_team.workflow("id: a, instructions: Do.", "id: b, instructions: Do., vendor: cursor")
    live_team.record("team/a")
    live_team.record("team/b")
    live_team.replay().assert_outcomes(passed=2)


def test_what_is_fresh_is_not_asked_either(live_team: LiveTeam) -> None:
    live_team.workflow("id: a, instructions: Do.", "id: b, instructions: Do., vendor: cursor")
    live_team.record("team/a")
    live_team.record("team/b")
    live_team.live("once").assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("args", "words", "hint"),
    [
        (["--subagents-vendor=codec"], "--subagents-vendor: 'codec' is not a choice", "*did you mean 'codex'?*claude*"),
        (["--subagents-mode=recrod"], "--subagents-mode: 'recrod' is not a choice", "*did you mean 'record'?*live*"),
        (["-o", "subagents_redact=("], "ini subagents_redact: the pattern '(' is no regular expression*", None),
    ],
)
@pytest.mark.parametrize("how", WAYS[:2])
def test_bad_options_are_said_with_what_is_near(
    live_team: LiveTeam, args: list[str], words: str, hint: str | None, how: list[str]
) -> None:
    live_team.cast(live_team.agent(), "a")
    result = live_team.live("live", *how, *args)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {words}", *([f"  hint: {hint}"] if hint else [])])
    assert live_team.runs() == []


def test_patterns_of_the_environment_stand_on_lines_of_their_own(
    live_team: LiveTeam, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A comma belongs to a pattern."""
    monkeypatch.setenv("SUBAGENTS_REDACT", "ACME-[0-9]{2,4}\nother")
    live_team.cast(live_team.agent(Answer({**ANSWER, "summary": "of ACME-1234 and others"})), "a")
    live_team.live("record").assert_outcomes(passed=1)
    assert "ACME" not in live_team.report_text()
    assert "ACME" not in str(live_team.recorded())


@pytest.mark.parametrize("how", WAYS[:2])
def test_where_private_homes_cannot_be_made_is_said_once(live_team: LiveTeam, how: list[str]) -> None:
    """By the controller too: a worker that raised it would be restarted for ever."""
    live_team.cast(live_team.agent(), "a")
    (live_team.temporary / f"pytest-subagents-{os.getuid()}").write_text("in the way")
    result = live_team.live("live", *how)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: *cannot hold private homes*", "  hint: *TMPDIR*"])


def test_a_run_directory_that_cannot_be_one_is_said(live_team: LiveTeam) -> None:
    live_team.cast(live_team.agent(), "a")
    live_team.write("state/precious.txt", "mine")
    for folder in ("state", "pytest.ini"):
        result = live_team.live("live", f"--subagents-run-dir={folder}")
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        result.stderr.fnmatch_lines(["ERROR: *cannot be the run directory*", "  hint: *"])
