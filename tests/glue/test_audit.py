"""The audit log of a workflow: what each agent read, wrote and ran, what of that is true, and what is not known."""

from __future__ import annotations

import json
import zlib
from base64 import b64encode
from typing import Any

import pytest
from click.testing import CliRunner
from live_team import GOOD, MODES, SPREAD, LiveTeam, told
from team import Team
from two_places import TwoPlaces

from pytest_subagents.cli.main import commands
from pytest_subagents.testing.scripted_agent import ScriptedAgent
from pytest_subagents.testing.scripts import Script
from pytest_subagents.testing.steps import Change, Fail, Run, Step, Use

LOG = "logs/audit.jsonl"
COMMANDS = "what its commands wrote outside of its workspace is told by nothing"


def one(team: LiveTeam, *steps: Step, reader: tuple[Step, ...] = (), log: str = LOG) -> ScriptedAgent:
    """A writer `a` that does this and a reader `b`, in a repository."""
    agent = team.played(a=(*steps, GOOD), b=(*reader, GOOD))
    team.workflow(
        "id: a, instructions: Do a., scope: {write: [src/]}", "id: b, instructions: Do b.", head=head(team, agent, log)
    )
    team.write("src/old.py", "old\n")
    team.repository()
    return agent


def head(team: LiveTeam, agent: ScriptedAgent, log: str = LOG) -> str:
    return team.head(agent).replace("name: team", f"name: team, audit: {{log: {json.dumps(log)}}}")


def recorded(team: Team, *ids: str, log: str = LOG, more: str = "") -> None:
    """A workflow of which these have a recording."""
    for id in ids:
        team.record(f"team/{id}")
    agents = [f"id: {id}, scope: {{read: []}}" for id in ("a", "b")]
    team.workflow(*agents, head=f"workflow: {{name: team, audit: {{log: {json.dumps(log)}}}{more}}}\n")


def lines(team: Team, log: str = LOG) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (team.path / log).read_bytes().splitlines()]


def of(team: Team, id: str) -> list[dict[str, Any]]:
    """The lines of an agent, without its name in them."""
    return [
        {key: value for key, value in line.items() if key != "agent"} for line in lines(team) if line.get("agent") == id
    ]


def why(team: Team, id: str) -> list[str]:
    found: list[str] = of(team, id)[-1]["why"]
    return found


DOINGS = (
    Change("src/new.py", "x\n"),
    Change("src/stray.py", "x\n", told=False),
    Change("src/lie.py", "x\n", really=False),
    Run("cat src/old.py | make x", output="no rule\n", exit_code=2),
    Use("mcp__x__y", arguments={"a": 1}),
    Use("Read", arguments={"file_path": "/etc/hosts"}),
)
LINES = [
    {"action": "write", "kind": "add", "line": 2, "path": "src/new.py"},
    {"action": "write", "kind": "update", "line": 3, "path": "src/lie.py"},
    {
        "action": "command",
        "begun": 4,
        "command": "cat src/old.py | make x",
        "exit_code": 2,
        "failed": True,
        "line": 5,
        "understood": False,
    },
    {"action": "read", "by": "command", "failed": True, "line": 5, "path": "src/old.py"},
    {"action": "tool", "begun": 6, "line": 7, "tool": "mcp__x__y"},
    {"action": "read", "begun": 8, "line": 9, "outside": True, "path": "/etc/hosts", "tool": "Read"},
    {"action": "changed", "kind": "add", "path": "src/new.py", "told": True},
    {"action": "changed", "kind": "add", "path": "src/stray.py", "told": False},
    {"action": "not_changed", "path": "src/lie.py", "told": True},
    {
        "action": "unknown",
        "commands": 1,
        "tools": 1,
        "why": [
            "what 1 command read, or read besides, is not told by the text",
            COMMANDS,
            "what 1 call of tools did is not told",
        ],
    },
]


@pytest.mark.parametrize(("mode", "how"), [("once", []), ("record", ["-n", "2"]), ("live", ["-n", "2"])])
def test_what_was_done_and_told(live_team: LiveTeam, mode: str, how: list[str]) -> None:
    """In mode live, where nothing is published, from what was judged; and the same bytes in every replay."""
    one(live_team, *DOINGS)
    assert live_team.live(mode, *how).ret == 0
    header, *rest = lines(live_team)
    assert header == {"format": "pytest-subagents/audit", "version": 1, "workflow": "team"}
    assert [line["agent"] for line in rest] == ["a"] * len(LINES) + ["b"]
    assert of(live_team, "a") == LINES
    assert why(live_team, "b") == ["nobody looked at what it really changed: what it wrote is what it told"]
    if mode != "live":
        first = (live_team.path / LOG).read_bytes()
        for others in ([], ["-n", "2"], ["-n", "3", "--dist", "worksteal"]):
            (live_team.path / LOG).unlink()
            assert live_team.replay(*others).ret == 0
            assert (live_team.path / LOG).read_bytes() == first


def test_what_ran_in_mode_live_is_what_would_have_been_recorded(live_team: LiveTeam) -> None:
    one(live_team, *DOINGS)
    logs = []
    for mode in ("record", "live"):
        live_team.live(mode)
        logs.append((live_team.path / LOG).read_bytes())
    assert logs[0] == logs[1]


def test_of_several_tries_the_last_counts(live_team: LiveTeam) -> None:
    agent = live_team.agent(
        scripts=[
            Script(times=1, steps=(Run("cat first.txt"), Fail("rate_limit", message="429"))),
            Script(steps=(Run("cat second.txt"), GOOD)),
        ]
    )
    live_team.workflow("id: a, instructions: Do a., retries: {rate_limit: 1}", head=head(live_team, agent))
    assert live_team.live("live").ret == 0
    assert [line["path"] for line in of(live_team, "a") if line["action"] == "read"] == ["second.txt"]


@pytest.mark.parametrize("how", SPREAD)
def test_after_a_resume_the_log_has_what_the_run_before_finished(live_team: LiveTeam, how: list[str]) -> None:
    gate = live_team.outside / "gate"
    agent = live_team.agent(
        scripts=[
            Script(prompt_has="Do b.", steps=(Run(f"test -e '{gate}' || kill -9 $PPID", really=True), GOOD)),
            Script(steps=(Run("cat once.txt"), GOOD)),
        ]
    )
    live_team.workflow("id: a, instructions: Do a.", "id: b, instructions: Do b.", head=head(live_team, agent))
    live_team.live("live", *how)
    gate.touch()
    assert live_team.live("live", "--subagents-resume", *how).ret == 0
    assert sorted(told(agent)) == ["a", "b", "b"]
    assert [line["path"] for line in of(live_team, "a") if line["action"] == "read"] == ["once.txt"]
    assert of(live_team, "b")[0]["action"] == "command"


@pytest.mark.parametrize("how", SPREAD)
def test_who_has_no_recording_is_a_line(team: Team, how: list[str]) -> None:
    recorded(team, "a")
    assert team.run(*how).ret == 1
    assert [line["action"] for line in of(team, "a")] == ["unknown"]
    assert of(team, "b") == [{"action": "unknown", "commands": 0, "tools": 0, "why": ["no recording of it was read"]}]


def test_of_a_lost_one_it_is_said_that_nothing_is_known(team: Team) -> None:
    recorded(team, "a", "b")
    team.write(
        "conftest.py",
        "import os\ndef pytest_runtest_call(item):\n    if item.name == 'a': os._exit(3)\n",
    )
    assert team.run("-n", "2").ret == 1
    assert team.rows()["a"]["transcript"] is None
    assert why(team, "a") == ["no recording of it was read"]
    assert why(team, "b") == ["nobody looked at what it really changed: what it wrote is what it told"]


def test_only_what_was_planned_is_in_it(team: Team) -> None:
    recorded(team, "a", "b")
    team.write("test_other.py", "def test_other():\n    pass\n")
    assert team.run("subagents.yaml::b").ret == 0
    assert {line.get("agent") for line in lines(team)} == {None, "b"}
    team.run("test_other.py")
    assert {line.get("agent") for line in lines(team)} == {None, "b"}


@pytest.mark.parametrize("option", ["--collect-only", "--subagents-plan"])
def test_who_only_looks_writes_nothing_and_is_refused_nothing(team: Team, option: str) -> None:
    recorded(team, "a", "b")
    assert team.run(option).ret == 0
    assert not (team.path / LOG).exists()
    recorded(team, "a", "b", log="subagents.yaml")
    assert team.run(option).ret == 0


@pytest.mark.parametrize(("mode", "how"), [("replay", []), ("replay", ["-n", "2"]), ("record", ["-n", "2"])])
def test_a_bad_place_is_said_before_anything_starts(live_team: LiveTeam, mode: str, how: list[str]) -> None:
    (live_team.path / "away").symlink_to(live_team.outside)
    agent = one(live_team, log="away/audit.jsonl")
    result = live_team.live(mode, *how)
    assert result.ret == 4
    result.stdout.fnmatch_lines(
        [
            "ERROR: subagents.yaml:1: the audit log 'away/audit.jsonl' cannot be written: away is a link or no folder",
            "  hint: name another path in 'audit.log'",
        ]
    )
    assert agent.calls() == ()
    assert not (live_team.outside / "audit.jsonl").exists()


def test_a_place_that_nobody_can_write_to(team: Team) -> None:
    name = "x" * 300
    with pytest.raises(OSError, match="File name too long"):
        (team.path / name).write_bytes(b"")
    recorded(team, "a", "b", log=name)
    result = team.run()
    assert result.ret == 4
    result.stdout.fnmatch_lines(["ERROR: subagents.yaml:1: the audit log 'x*' cannot be written: File name too long"])


@pytest.mark.parametrize("log", ["../audit.jsonl", "/tmp/audit.jsonl", "~/audit.jsonl"])
def test_outside_of_the_rootdir_is_refused(team: Team, log: str) -> None:
    recorded(team, "a", "b", log=log)
    assert team.run().ret == 2
    assert not (team.path.parent / "audit.jsonl").exists()


@pytest.mark.parametrize("log", ["subagents.yaml", "recordings/team/a.jsonl", "pytest.ini"])
def test_no_other_file_is_overwritten(team: Team, log: str) -> None:
    recorded(team, "a", "b", log=log)
    before = (team.path / log).read_bytes()
    result = team.run()
    assert result.ret == 4
    result.stdout.fnmatch_lines(["*cannot be written: another file is there, and no audit log"])
    assert (team.path / log).read_bytes() == before


def test_the_report_is_not_overwritten(team: Team) -> None:
    recorded(team, "a", "b", log="artifacts/subagents/report.json")
    result = team.run()
    assert result.ret == 4
    result.stdout.fnmatch_lines(["*cannot be written: it is the path of the report"])


def test_it_is_no_transcript(team: Team) -> None:
    recorded(team, "a", "b", log="x/transcripts/audit.jsonl")
    result = team.run()
    assert result.ret == 4
    result.stdout.fnmatch_lines(["*cannot be written: it would be taken for a transcript there"])


@pytest.mark.parametrize("mode", MODES)
def test_a_secret_that_is_found_and_cannot_be_cut_out(live_team: LiveTeam, mode: str) -> None:
    """It is not recorded, and mode live does not even look; the log tells that something was done, not what."""
    secret = "correct-horse-battery-staple"
    live_team.environ["API_KEY"] = secret
    packed = b64encode(zlib.compress(secret.encode())).decode()
    agent = live_team.agent(Run(f"echo {packed} {secret}"), Run("cat a.txt"), GOOD)
    live_team.workflow("id: a, instructions: Do a., vendors: {command: {env: [API_KEY]}}", head=head(live_team, agent))
    live_team.live(mode)
    found = of(live_team, "a")
    assert found[0] == {"action": "command", "line": 3, "hidden": True}
    assert [line["action"] for line in found[1:]] == ["command", "read", "unknown"]
    data = (live_team.path / LOG).read_text("ascii")
    assert secret not in data
    assert packed not in data


@pytest.mark.parametrize("how", SPREAD)
def test_two_workflows_have_two_logs(team: Team, how: list[str]) -> None:
    recorded(team, "a", "b")
    team.workflow("id: c", name="x/subagents.yaml", head=f"workflow: {{name: other, audit: {{log: ./{LOG}}}}}\n")
    result = team.run(*how)
    assert result.ret == 4
    result.stdout.fnmatch_lines(["*cannot be written: it is the path of another one (*subagents.yaml:1)"])
    team.workflow("id: c", name="x/subagents.yaml", head="workflow: {name: other, audit: {log: other.jsonl}}\n")
    team.run(*how)
    assert [line.get("agent") for line in lines(team, "other.jsonl")] == [None, "c"]
    assert [line.get("agent") for line in lines(team)] == [None, "a", "b"]


@pytest.mark.parametrize("how", SPREAD)
def test_a_link_that_an_agent_puts_in_the_way_is_not_followed(live_team: LiveTeam, how: list[str]) -> None:
    """A reader works in the project itself."""
    one(live_team, reader=(Run(f"ln -s '{live_team.outside}' logs", really=True),))
    result = live_team.live("live", *how)
    assert result.ret == 4
    result.stdout.fnmatch_lines(["ERROR: subagents.yaml:1: the audit log *: it is a link or no folder (logs)"])
    assert not (live_team.outside / "audit.jsonl").exists()
    assert set(live_team.statuses()) == {"a", "b"}


def test_a_link_in_the_place_of_the_log_is_replaced(live_team: LiveTeam) -> None:
    target = live_team.outside / "target"
    target.write_text("mine", encoding="utf-8")
    one(live_team, reader=(Run(f"mkdir logs; ln -s '{target}' {LOG}", really=True),))
    assert live_team.live("live").ret == 0
    assert target.read_text(encoding="utf-8") == "mine"
    assert not (live_team.path / LOG).is_symlink()
    assert of(live_team, "b")[0]["action"] == "command"


def test_hostile_text_is_escaped(live_team: LiveTeam) -> None:
    text = 'echo \'\x1b]0;x\x07\n\r\x7f\x9b\u202e{"agent": "x"}\''
    one(live_team, Run(text), Change("src/\x1b[2J\n.py", "x\n"), Use("\x1b[1m"))
    assert live_team.live("record").ret == 1  # such a name is beyond every scope
    data = (live_team.path / LOG).read_bytes()
    assert all(0x20 <= byte < 0x7F for line in data.split(b"\n") for byte in line)
    found = of(live_team, "a")
    assert found[0]["command"] == text
    assert found[1]["path"] == found[3]["path"] == "src/\x1b[2J\n.py"
    assert found[3]["told"] is True


def test_nobody_writes_the_log(live_team: LiveTeam) -> None:
    one(live_team, Change(LOG, "x\n"))
    live_team.live("live")
    assert f"it added {LOG}, which is protected: nobody may write it" in live_team.messages("a")
    assert lines(live_team)[0]["workflow"] == "team"


def test_without_the_key_nothing_of_it_is_loaded(team: Team) -> None:
    team.record("team/a")
    team.workflow("id: a")
    team.write(
        "conftest.py",
        "import sys\n"
        "def pytest_unconfigure():\n"
        "    print([name for name in sys.modules if name.startswith('pytest_subagents.audit')])\n",
    )
    team.run().stdout.fnmatch_lines(["[[]]"])


def test_show_says_what_was_told_otherwise(live_team: LiveTeam, monkeypatch: pytest.MonkeyPatch) -> None:
    one(live_team, *DOINGS)
    live_team.live("record")
    monkeypatch.chdir(live_team.path)
    shown = CliRunner().invoke(commands, ["show", "a"]).output
    assert "\n  changed and not told: src/stray.py\n  told and not changed: src/lie.py\n" in shown
    assert "not told" not in CliRunner().invoke(commands, ["show", "b"]).output


def test_show_reads_nothing_outside_of_the_project(live_team: LiveTeam, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report may come from anywhere."""
    one(live_team, *DOINGS)
    live_team.live("record")
    for path in (live_team.path / "recordings/team").iterdir():
        path.rename(live_team.outside / path.name)
    monkeypatch.chdir(live_team.path)
    report = live_team.path / "artifacts/subagents/report.json"
    text = report.read_text("utf-8")
    for where in ("../outside/a.jsonl", str(live_team.outside / "a.jsonl")):
        report.write_text(text.replace("recordings/team/a.jsonl", where), "utf-8")
        found = CliRunner().invoke(commands, ["show", "a"])
        assert found.exit_code == 0
        assert "not told" not in found.output


def test_agents_elsewhere_are_audited_here(live_team: LiveTeam) -> None:
    """The controller shares no file with its workers, and writes it from what they have sent."""
    places = TwoPlaces(live_team)
    one(live_team, *DOINGS)
    places.clone()
    logs = []
    for mode in ("record", "live"):
        assert places.run(mode).ret == 0
        assert of(live_team, "a") == LINES
        assert not (places.there / LOG).exists()
        logs.append((live_team.path / LOG).read_bytes())
        (live_team.path / LOG).unlink()
    assert live_team.replay().ret == 0
    assert [(live_team.path / LOG).read_bytes()] * 2 == logs
