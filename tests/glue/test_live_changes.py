"""Who changes what it may not, fails: by the real diff, whatever it tells, live and in every replay."""

from __future__ import annotations

import json

import pytest
from live_team import GOOD, LiveTeam
from team import ANSWER

from pytest_subagents.testing.steps import Answer, Change, Run, Step

NEAR = "outside of its write scope (the nearest: src/)"


def one(team: LiveTeam, *steps: Step, scope: str = "{write: [src/]}", more: str = "", head: str = "") -> None:
    """A subagent `a` that does this, in a repository."""
    agent = team.agent(*steps, GOOD)
    text = team.head(agent)
    if head:
        text = text.replace("name: team", f"name: team, {head}")
    team.workflow(f"id: a, instructions: Do a., scope: {scope}{more}", head=text)
    team.write("src/old.py", "old\n")
    team.write("other/gone.py", "gone\n")
    team.repository()


@pytest.mark.parametrize(("mode", "how"), [("once", []), ("record", ["-n", "2"]), ("live", [])])
def test_a_path_outside_of_the_write_scope_fails_it(live_team: LiveTeam, mode: str, how: list[str]) -> None:
    """Told or not, new, changed or deleted; what is inside is fine."""
    one(
        live_team,
        Change("src/new.py", "x\n"),
        Change("stray.py", "x\n", told=False),
        Run("rm other/gone.py", really=True),
    )
    result = live_team.live(mode, *how)
    assert result.ret == 1
    assert live_team.kinds("a") == ["scope", "scope"]
    assert live_team.messages("a") == [f"it deleted other/gone.py, {NEAR}", f"it added stray.py, {NEAR}"]
    assert live_team.rows()["a"]["changes"] == [
        {"path": "other/gone.py", "kind": "delete"},
        {"path": "src/new.py", "kind": "add"},
        {"path": "stray.py", "kind": "add"},
    ]
    if mode != "live":
        recorded = live_team.report_text()
        live_team.replay()
        assert live_team.report_text() == recorded


def test_what_was_changed_back_was_not_changed(live_team: LiveTeam) -> None:
    """Said, and not done: what counts is what is there at the end."""
    one(live_team, Change("stray.py", "x\n"), Run("rm stray.py", really=True), Change("src/old.py", "new\n"))
    live_team.live("record").assert_outcomes(passed=1)
    assert live_team.rows()["a"]["changes"] == [{"path": "src/old.py", "kind": "update"}]
    live_team.replay().assert_outcomes(passed=1)


def test_what_a_check_leaves_behind_the_agent_has_not_changed(live_team: LiveTeam) -> None:
    check = "success_criteria: [{run: 'grep -q x src/new.py && touch stray.py && echo y >> src/new.py'}]"
    one(live_team, Change("src/new.py", "x\n"), more=f", {check}")
    live_team.live("record").assert_outcomes(passed=1)
    assert live_team.rows()["a"]["changes"] == [{"path": "src/new.py", "kind": "add"}]
    assert b"y" not in live_team.recorded()["team/a.patch"].partition(b"@@")[2]


@pytest.mark.parametrize(
    ("path", "which"),
    [
        ("subagents.yaml", ""),
        ("recordings/team/b.jsonl", " (recordings/team/)"),
        ("subagents.snapshot.json", ""),
        ("infra/deep/x.tf", " (infra/)"),
    ],
)
def test_what_is_protected_nobody_writes(live_team: LiveTeam, path: str, which: str) -> None:
    one(live_team, Change(path, "x\n"), scope="{write: ['**']}", head="protected: [infra/]")
    assert live_team.live("live").ret == 1
    (message,) = live_team.messages("a")
    assert message.endswith(f" {path}, which is protected{which}: nobody may write it")


def test_a_contract_is_protected(live_team: LiveTeam) -> None:
    live_team.write("contracts/mine.json", json.dumps({"type": "object"}))
    one(
        live_team,
        Change("contracts/mine.json", "{}"),
        scope="{write: ['**']}",
        more=", contract: {schema: contracts/mine.json, map: {status: null}}",
    )
    assert live_team.live("live").ret == 1
    (message,) = live_team.messages("a")
    assert message == "it changed contracts/mine.json, which is protected: nobody may write it"


def test_what_no_patch_can_carry_fails_it(live_team: LiveTeam) -> None:
    one(live_team, Run("mkfifo src/pipe", really=True))
    assert live_team.live("record").ret == 1
    assert live_team.messages("a") == ["it left src/pipe, which is a FIFO: that cannot be part of a patch"]
    live_team.replay()
    assert live_team.kinds("a") == ["scope"]


def test_a_deeper_rootdir_counts_its_own_paths(live_team: LiveTeam) -> None:
    """What lies above it is outside of every scope."""
    agent = live_team.agent(Change("src/new.py", "x\n"), Run("echo x > ../above.py", really=True), GOOD)
    live_team.write("app/pytest.ini", "[pytest]\n")
    text = live_team.head(agent) + "agents: [{id: a, instructions: Do a., scope: {write: ['**']}}]\n"
    live_team.write("app/subagents.yaml", text)
    live_team.repository()
    reports = []
    for mode in ("record", "replay"):
        assert live_team.live(mode, "--rootdir=app", "-capp/pytest.ini", "app").ret == 1
        reports.append((live_team.path / "app/artifacts/subagents/report.json").read_text("utf-8"))
    assert reports[0] == reports[1]
    (row,) = json.loads(reports[0])["agents"]
    assert [change["path"] for change in row["changes"]] == ["../above.py", "src/new.py"]
    assert [each["message"] for each in row["reasons"]] == [
        "it added ../above.py, outside of the rootdir, where no scope reaches"
    ]


def test_of_what_only_a_stream_tells_a_file_of_the_repository_counts(live_team: LiveTeam) -> None:
    """A reader has no private checkout; what it tells is held against it, but for files that are elsewhere."""
    agent = live_team.agent(Change("a.py", "x\n", told=True), Change("/tmp/notes.md", "x\n", told=True), GOOD)
    live_team.cast(agent, "a")
    live_team.live("record")
    assert live_team.messages("a") == ["it added a.py, and may write nothing"]


@pytest.mark.parametrize(
    ("expected", "outcome"),
    [
        ("[src/new.py, src/old.py]", []),
        ("[src/new.py]", ["it was not expected to change src/old.py"]),
        (
            "[src/new.py, src/old.py, src/more.py]",
            ["expected to change src/more.py, but it did not"],
        ),
        ("[]", ["it was not expected to change src/new.py", "it was not expected to change src/old.py"]),
    ],
)
def test_exactly_the_expected_changes(live_team: LiveTeam, expected: str, outcome: list[str]) -> None:
    one(
        live_team,
        Change("src/new.py", "x\n"),
        Change("src/old.py", "new\n"),
        more=f", expect: {{status: success, changes: {expected}}}",
    )
    result = live_team.live("record")
    assert live_team.messages("a") == outcome
    assert result.ret == (1 if outcome else 0)
    assert live_team.rows()["a"]["expected"] is not bool(outcome)
    recorded = live_team.report_text()
    live_team.replay()
    assert live_team.report_text() == recorded


def test_a_patch_that_somebody_changed_is_not_believed(live_team: LiveTeam) -> None:
    one(live_team, Change("src/new.py", "x\n"), Answer(ANSWER))
    live_team.live("record").assert_outcomes(passed=1)
    patch = live_team.path / "recordings/team/a.patch"
    text = patch.read_text("utf-8")
    for changed in (text.replace("src/new.py", "stray.py", 2), "", text + text, text.replace("+x", "-x")):
        patch.write_text(changed, encoding="utf-8")
        assert live_team.replay().ret == 1
        (message,) = live_team.messages("a")
        assert message.startswith("the patch cannot be used: ")
    patch.write_text(text.replace("src/new.py", "stray.py"), encoding="utf-8")
    assert live_team.replay().ret == 1
    assert live_team.kinds("a") == ["scope"]
