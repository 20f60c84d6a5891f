"""Live runs of marked tests, and of subagents that write."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path

import pytest
from live_team import GOOD, SPREAD, LiveTeam, told
from repositories import plain_git
from team import ANSWER

from pytest_subagents.testing.scripted_agent import ScriptedAgent
from pytest_subagents.testing.scripts import Script
from pytest_subagents.testing.steps import Answer, Change, Step

MARKED = """
import pytest
from pytest_subagents import Subagent

def an_agent(id, **keys):
    return Subagent(id=id, instructions=f"Do {{id}}.", vendor="command", command={command!r}, **keys)

@pytest.mark.subagents(*(an_agent(id) for id in {ids!r}))
{test}
"""
PASSING = (
    "def test_it(subagent, subagent_result): assert subagent_result.status == 'success' and subagent.id in {ids!r}"
)


def _module(team: LiveTeam, agent: ScriptedAgent, *ids: str, test: str = PASSING, before: str = "") -> None:
    text = MARKED.format(command=agent.command, ids=ids, test=test.format(ids=ids))
    team.write("test_it.py", before + text)


@pytest.mark.parametrize("how", SPREAD)
def test_a_marked_test_runs_its_agent_and_records_it(live_team: LiveTeam, how: list[str]) -> None:
    agent = live_team.agent()
    _module(live_team, agent, "a", "b")
    live_team.live("record", *how).assert_outcomes(passed=2)
    assert sorted(told(agent)) == ["a", "b"]
    assert "test_it/test_it[a].jsonl" in live_team.recorded()
    recorded = live_team.report_text()
    live_team.replay(*how).assert_outcomes(passed=2)
    assert live_team.report_text() == recorded


def test_the_agent_of_a_failing_body_ran_and_is_recorded(live_team: LiveTeam) -> None:
    agent = live_team.agent()
    _module(live_team, agent, "a", test="def test_it(subagent_result): assert subagent_result.summary == 'else'")
    assert live_team.live("record").ret == 1
    assert live_team.kinds("a") == ["assertion"]
    assert "test_it/test_it[a].jsonl" in live_team.recorded()


@pytest.mark.parametrize("how", SPREAD)
def test_a_fixture_that_fails_before_it_starts_no_agent(live_team: LiveTeam, how: list[str]) -> None:
    agent = live_team.agent()
    broken = "@pytest.fixture\ndef broken(): raise OSError('no database')\n"
    _module(live_team, agent, "a", before="import pytest\n" + broken, test="def test_it(broken): pass")
    result = live_team.live("record", *how)
    result.assert_outcomes(errors=1)
    assert result.ret == 1
    assert agent.calls() == ()
    (reason,) = live_team.reasons("a")
    assert reason["kind"] == "assertion"
    assert "no database" in reason["message"]
    assert live_team.recorded() == {}


def test_a_skipped_test_starts_no_agent(live_team: LiveTeam) -> None:
    agent = live_team.agent()
    _module(live_team, agent, "a", test="@pytest.mark.skip\ndef test_it(): pass")
    live_team.live("record").assert_outcomes(skipped=1)
    assert agent.calls() == ()


def test_every_parameter_has_its_own_run_and_recording(live_team: LiveTeam) -> None:
    agent = live_team.agent()
    test = "@pytest.mark.parametrize('n', [1, 2])\ndef test_it(subagent_result, n): pass"
    _module(live_team, agent, "a", test=test)
    live_team.live("record").assert_outcomes(passed=2)
    assert told(agent) == ["a", "a"]
    assert len([name for name in live_team.recorded() if name.endswith(".jsonl")]) == 2


def test_a_class_and_a_fixture_with_the_result_run_it_once(live_team: LiveTeam) -> None:
    agent = live_team.agent()
    test = (
        "class TestReview:\n"
        "    @pytest.fixture\n"
        "    def summary(self, subagent_result): return subagent_result.summary\n"
        "    def test_it(self, summary, subagent_result): assert summary == subagent_result.summary == 'Two notes.'"
    )
    _module(live_team, agent, "a", test=test)
    live_team.live("record").assert_outcomes(passed=1)
    assert told(agent) == ["a"]
    assert "test_it/TestReview.test_it[a].jsonl" in live_team.recorded()


def test_a_command_line_vendor_runs_every_subagent(live_team: LiveTeam, monkeypatch: pytest.MonkeyPatch) -> None:
    agent = live_team.agent()
    agent.install_as("codex", live_team.outside / "bin")
    monkeypatch.setenv("PATH", str(live_team.outside / "bin"), prepend=":")
    live_team.workflow(
        "id: a, task: Do a., vendor: claude, model: sonnet", "id: b, task: Do b.", head="workflow: {name: team}\n"
    )
    args = ("--subagents-vendor=codex", "--subagents-model=gpt-5-mini")
    live_team.live("record", *args).assert_outcomes(passed=2)
    assert [call.name for call in agent.calls()] == ["codex", "codex"]
    assert all("gpt-5-mini" in " ".join(call.arguments) for call in agent.calls())
    recorded = live_team.report_text()
    live_team.replay(*args).assert_outcomes(passed=2)
    assert live_team.report_text() == recorded
    assert live_team.replay().ret == 1
    assert live_team.kinds("a")[0] == "stale"
    live_team.live("live", "--subagents-vendor=codex").assert_outcomes(passed=2)
    assert not any("sonnet" in " ".join(call.arguments) for call in agent.calls())


WRITER = "id: fix, instructions: Do fix., scope: {write: [src/**]}"


def _written(path: Path) -> dict[str, str]:
    """Every file of a repository, its git directory too; what git notes for itself of looking is left out."""
    return {
        name.relative_to(path).as_posix(): hashlib.sha256(name.read_bytes()).hexdigest()
        for name in sorted(path.rglob("*"))
        if name.is_file() and not {".subagents", ".pytest_cache", "artifacts", "recordings"} & set(name.parts)
        if name.name not in ("stdout", "stderr")
    }


@pytest.mark.parametrize("how", SPREAD)
def test_a_writer_leaves_a_patch_and_nothing_in_the_checkout(live_team: LiveTeam, how: list[str]) -> None:
    steps: tuple[Step, ...] = (
        Change("src/new.py", "x = 1\n"),
        Change("src/old.py", "y = 2\n"),
        Change("src/gone.py", None),
    )
    agent = live_team.agent(scripts=[Script(prompt_has="Do fix.", steps=(*steps, GOOD)), Script(steps=(GOOD,))])
    live_team.write("src/old.py", "y = 1\n")
    live_team.write("src/gone.py", "z = 1\n")
    check = "success_criteria: [{run: test -f src/new.py}, {run: 'grep -q \"y = 1\" src/old.py'}]"
    live_team.cast(agent, f"{WRITER}, {check}", "reader")
    repository = live_team.repository()
    before = _written(repository)
    assert live_team.live("record", *how).ret == 1
    assert _written(repository) == before
    assert live_team.kinds("fix") == ["checks"]
    assert '"y = 1"' in live_team.reasons("fix")[0]["message"]
    meta = json.loads((repository / "recordings/team/fix.meta.json").read_text(encoding="utf-8"))
    assert [check["exit_code"] for check in meta["checks"]] == [0, 1]
    clone = live_team.outside / "clone"
    plain_git(live_team.outside, "clone", "-q", str(repository), str(clone))
    plain_git(clone, "apply", "--index", str(repository / "recordings/team/fix.patch"))
    assert plain_git(clone, "write-tree") == meta["patch"]["tree"]
    assert (clone / "src/old.py").read_text(encoding="utf-8") == "y = 2\n"
    assert not (clone / "src/gone.py").exists()
    recorded = live_team.report_text()
    live_team.replay(*how)
    assert live_team.report_text() == recorded
    assert "warning" not in live_team.live("live", *how).stdout.str()
    live_team.nothing_left()


def test_what_is_not_committed_is_not_seen_and_that_is_said(live_team: LiveTeam) -> None:
    agent = live_team.agent(GOOD)
    live_team.cast(agent, WRITER, "reader")
    live_team.write("src/old.py", "y = 1\n")
    live_team.repository()
    live_team.write("src/old.py", "y = 2\n")
    live_team.write("new.txt", "new\n")
    words = "warning: fix starts from HEAD and does not see 2 uncommitted changes: new.txt, src/old.py"
    for how in ([], ["-n", "2"]):
        result = live_team.live("record", *how)
        assert [line for line in result.outlines if line.startswith("warning")] == [words]
    (live_team.path / "new.txt").unlink()
    words = "warning: fix starts from HEAD and does not see 1 uncommitted change: src/old.py"
    live_team.live("live").stdout.fnmatch_lines([words])
    assert "warning" not in live_team.live("live", "subagents.yaml::reader").stdout.str()


def test_writers_need_a_repository_with_a_commit(live_team: LiveTeam) -> None:
    agent = live_team.agent()
    live_team.cast(agent, WRITER)
    for prepare in (lambda: None, lambda: subprocess.run(["git", "init", "-q", "."], cwd=live_team.path, check=True)):
        prepare()
        for how in ([], ["-n", "2"]):
            result = live_team.live("record", *how)
            assert result.ret == pytest.ExitCode.USAGE_ERROR
            result.stdout.fnmatch_lines(["ERROR: subagents.yaml:3 (agent 'fix'): writes, and *", "  hint: *"])
    assert agent.calls() == ()


def test_a_reader_works_in_the_checkout_with_what_is_not_committed(live_team: LiveTeam) -> None:
    agent = live_team.agent()
    live_team.cast(agent, "a")
    live_team.live("live").assert_outcomes(passed=1)
    assert agent.calls()[0].cwd == live_team.path


def test_each_writer_of_two_starts_from_the_same_files(live_team: LiveTeam) -> None:
    scripts = [
        Script(prompt_has="Do fix.", steps=(Change("src/a.py", "a\n"), GOOD)),
        Script(prompt_has="Do tidy.", steps=(Change("src/b.py", "b\n"), Answer(ANSWER))),
    ]
    live_team.cast(live_team.agent(scripts=scripts), WRITER, WRITER.replace("fix", "tidy"))
    live_team.repository()
    live_team.live("record", "-n", "2").assert_outcomes(passed=2)
    rows = live_team.rows()
    assert [[change["path"] for change in rows[id]["changes"]] for id in ("fix", "tidy")] == [
        ["src/a.py"],
        ["src/b.py"],
    ]
    live_team.nothing_left()
