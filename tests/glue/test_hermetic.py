"""Replay starts nothing and reaches no one (promise 3), and an unused plugin does nothing (promise 5)."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from team import Team

# Audit events of everything that starts a process or a connection; `open` and `import` are replay's own business.
WATCH = """
import sys

WATCHED = ("subprocess.", "os.system", "os.posix_spawn", "os.exec", "os.fork", "os.spawn", "socket.", "pty.", "urllib.")

def hook(event, arguments):
    if event.startswith(WATCHED):
        with open("audit.txt", "a") as file:
            file.write(f"{event} {arguments!r}\\n")

sys.addaudithook(hook)
"""

COMMANDS = {
    "success_criteria": [{"run": "touch PWNED"}],
    "argv": ["sh", "-c", "touch PWNED"],
    "command": ["sh", "-c", "touch PWNED"],
    "runner": "function",
    "function": "os:system",
    "expect": "failed",
    "vendors": {"claude": {"home": "../../../root/.claude", "env": ["*"], "args": ["--mcp-config", "x"]}},
    "checks": [{"run": "touch PWNED", "exit_code": 0}],
}


@pytest.fixture
def watched(team: Team, monkeypatch: pytest.MonkeyPatch) -> Team:
    """A team whose pytest writes down what it starts, with programs on PATH that leave a mark when they run."""
    team.write("watch.py", WATCH)
    team.write("pytest.ini", "[pytest]\npythonpath = .\naddopts = -p watch -p no:rerunfailures\n")
    for name in ("codex", "claude", "gemini", "opencode", "sh", "git", "touch"):
        program = team.write(f"trap/{name}", "#!/bin/bash\necho ran > PWNED\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(team.path / "trap"), prepend=":")
    monkeypatch.setenv("PYTHONPATH", str(team.path))
    return team


def _quiet(team: Team) -> None:
    assert not (team.path / "audit.txt").exists(), (team.path / "audit.txt").read_text(encoding="utf-8")
    assert not list(Path(team.path).rglob("PWNED"))


def test_the_watch_itself_works(watched: Team) -> None:
    watched.write("test_it.py", "import os\ndef test_it(): os.system('true')\n")
    watched.run(on=False)
    assert "os.system" in (watched.path / "audit.txt").read_text(encoding="utf-8")


def test_replay_starts_nothing_whatever_the_metadata_says(watched: Team) -> None:
    watched.transcript("a")
    watched.write("transcripts/a.meta.json", json.dumps(COMMANDS))
    watched.workflow(
        "id: a, vendor: claude, instructions: Do., success_criteria: [{run: touch PWNED}]",
        "id: b, vendor: command, command: [touch, PWNED], instructions: Do.",
        "id: c, runner: function, function: 'os:system', instructions: Do.",
        head="workflow: {name: team, notify: {run: touch PWNED}}\n",
    )
    for name in "abc":
        watched.record(f"team/{name}", **COMMANDS)
    result = watched.run()
    assert result.ret == 0
    assert watched.report()["counts"]["success"] == 4
    assert watched.rows()["a"]["expected"] is False
    _quiet(watched)


def test_verify_is_code_of_the_repository_and_nothing_else(watched: Team) -> None:
    watched.write("checks.py", "import os\nsystem = os.system\ndef fine(answer, result): return None\n")
    for address in ("os:system", "subprocess:run", "checks:system", "checks:missing", "nowhere:at_all"):
        watched.workflow(f"id: a, instructions: Do., verify: ['{address}']")
        watched.record("team/a")
        result = watched.run()
        assert result.ret == pytest.ExitCode.USAGE_ERROR, address
        result.stdout.fnmatch_lines([f"ERROR: subagents.yaml:*{address}*"])
    watched.workflow("id: a, instructions: Do., verify: ['checks:fine']")
    assert watched.run().ret == 0
    _quiet(watched)


VERIFY = """
from pytest_subagents import Reason

def counts_agree(answer, result):
    if answer["count"] != len(result.findings):
        yield f"says {answer['count']}, lists {len(result.findings)}"

def only_partial(answer, result):
    return Reason(kind="verify", message="not quite", at="/count", at_most="partial")

def broken(answer, result):
    raise ValueError("no idea")

def wrong(answer, result):
    return 3
"""


@pytest.mark.parametrize(
    ("function", "status", "message"),
    [
        ("counts_agree", "failed", "says 2, lists 1"),
        ("only_partial", "partial", "not quite"),
        ("broken", "failed", "raised ValueError: no idea"),
        ("wrong", "failed", "gave int, not reasons"),
    ],
)
def test_verify_says_what_a_schema_cannot(team: Team, function: str, status: str, message: str) -> None:
    team.write("checks.py", VERIFY)
    team.workflow(f"id: a, instructions: Do., verify: ['checks:{function}']")
    team.record("team/a", {"status": "success", "summary": "s", "findings": ["one"], "count": 2})
    team.run()
    row = team.rows()["a"]
    assert row["status"] == status
    assert [reason["kind"] for reason in row["reasons"]] == ["verify"]
    assert message in row["reasons"][0]["message"]


def test_verify_runs_for_marks_alike(team: Team) -> None:
    team.write("checks.py", VERIFY)
    team.write(
        "test_it.py",
        "import pytest\n@pytest.mark.subagent(id='a', task='x', verify=['checks:counts_agree'])\ndef test_it(): pass\n",
    )
    team.record("test_it/test_it[a]", {"status": "success", "summary": "s", "findings": [], "count": 2})
    assert team.run().ret == 1
    assert team.kinds("a") == ["verify"]


def test_recorded_checks_are_judged_by_their_exit_codes(team: Team) -> None:
    team.workflow(
        "id: good, instructions: Do., success_criteria: [{run: make test}, Names stay.]",
        "id: bad, instructions: Do., success_criteria: [{run: make test}]",
        "id: none, instructions: Do., success_criteria: [{run: make test}]",
    )
    team.record("team/good", checks=[{"run": "make test", "exit_code": 0}])
    team.record("team/bad", checks=[{"run": "make test", "exit_code": 2}])
    team.record("team/none")
    assert team.run().ret == 1
    assert {id: row["status"] for id, row in team.rows().items()} == {
        "good": "success",
        "bad": "failed",
        "none": "failed",
    }
    assert team.kinds("bad") == team.kinds("none") == ["checks"]


def test_a_stale_recording_fails_or_is_told(team: Team) -> None:
    from pytest_subagents import Subagent
    from pytest_subagents.transcript.staleness import instructions_digest

    digest = instructions_digest(Subagent(id="a", instructions="Do."))
    team.workflow("id: a, instructions: Do., vendor: codex, model: m")
    team.record("team/a", digests={"instructions": digest}, vendor="codex", model="m")
    assert team.run().ret == 0
    for changed in ("instructions: Do more., vendor: codex, model: m", "instructions: Do., vendor: claude, model: m"):
        team.workflow(f"id: a, {changed}")
        assert team.run().ret == 1
        assert team.kinds("a") == ["stale"]
    team.write("pytest.ini", "[pytest]\nsubagents_stale = warn\n")
    assert team.run().ret == 0
    assert team.kinds("a") == ["stale"]
    assert team.rows()["a"]["status"] == "success"


def test_switched_off_nothing_happens(team: Team) -> None:
    team.workflow("id: a, instructions: Do.")
    team.transcript("a")
    team.write("test_plain.py", "def test_plain(): pass\n")
    result = team.run(on=False)
    result.assert_outcomes(passed=1)
    assert "subagents" not in result.stdout.str().replace("plugins: ", "").partition("\ncollected")[2]
    assert sorted(path.name for path in team.path.iterdir() if path.name in ("artifacts", ".subagents")) == []


def test_it_can_be_switched_on_by_ini_and_environment_and_off_again(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    team.workflow("id: a, instructions: Do.")
    team.record("team/a")
    assert team.run(on=False).ret == pytest.ExitCode.NO_TESTS_COLLECTED
    team.write("pytest.ini", "[pytest]\nsubagents = true\n")
    team.run(on=False).assert_outcomes(passed=1)
    monkeypatch.setenv("SUBAGENTS", "0")
    assert team.run(on=False).ret == pytest.ExitCode.NO_TESTS_COLLECTED
    monkeypatch.setenv("SUBAGENTS", "1")
    team.run("-o", "subagents=false", on=False).assert_outcomes(passed=1)
    assert team.run("--no-subagents", on=False).ret == pytest.ExitCode.NO_TESTS_COLLECTED
