"""Exit codes, the same for every way to distribute (DESIGN 5)."""

from __future__ import annotations

import pytest
from team import DISTRIBUTIONS, Team, in_turn

distributed = pytest.mark.parametrize("how", DISTRIBUTIONS)


@distributed
def test_0_when_all_do_well(team: Team, how: list[str]) -> None:
    team.workflow("id: a, instructions: Do.")
    team.record("team/a")
    assert team.run(*how).ret == 0


@distributed
def test_0_when_one_is_partial(team: Team, how: list[str]) -> None:
    team.workflow("id: a, instructions: Do.", "id: b, instructions: Do.")
    team.record("team/a")
    team.record("team/b", {"status": "partial", "summary": "half", "findings": []})
    result = team.run(*how, "-v")
    assert result.ret == 0
    assert team.report()["status"] == "partial"
    result.stdout.fnmatch_lines(["*PARTIAL*", "*1 passed, 1 partial*"])


@distributed
def test_1_when_partial_shall_fail(team: Team, how: list[str]) -> None:
    team.write("pytest.ini", "[pytest]\nsubagents_partial = fail\n")
    team.workflow("id: b, instructions: Do.")
    team.record("team/b", {"status": "partial", "summary": "half", "findings": []})
    result = team.run(*how, "--subagents-report=x.xml")
    result.assert_outcomes(failed=1)
    assert result.ret == 1
    assert (team.rows()["b"]["status"], team.report()["partial"]) == ("partial", "fail")
    assert "<failure" in (team.path / "x.xml").read_text(encoding="utf-8")


@distributed
def test_1_when_a_subagent_failed(team: Team, how: list[str]) -> None:
    team.workflow("id: a, instructions: Do.")
    team.record("team/a", "prose")
    assert team.run(*how).ret == 1


@distributed
def test_1_when_a_subagent_is_not_run_although_its_item_is_only_skipped(team: Team, how: list[str]) -> None:
    team.workflow("id: a, instructions: Do., expect: failed", "id: b, instructions: Do., depends_on: [a]")
    team.record("team/a", "prose")
    team.record("team/b")
    result = team.run(*how)
    result.assert_outcomes(passed=1, skipped=1)
    assert result.ret == 1
    assert team.report()["counts"] == {
        "planned": 2, "success": 0, "partial": 0, "failed": 0, "not_run": 1, "expected": 1, "deselected": 0,
    }  # fmt: skip


@distributed
def test_1_when_a_gate_fails(team: Team, how: list[str]) -> None:
    team.workflow("id: a, instructions: Do.")
    team.record("team/a")
    result = team.run(*how, "--subagents-gate=tokens <= 10")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*tokens <= 10*FAILED*"])
    assert team.report()["gates"] == [{"expression": "tokens <= 10", "actual": 1290, "passed": False}]


@distributed
def test_expected_failures_lower_nothing(team: Team, how: list[str]) -> None:
    team.workflow("id: a, instructions: Do., expect: {status: failed, kind: not_json}", "id: b, instructions: Do.")
    team.record("team/a", "prose")
    team.record("team/b")
    result = team.run(*how, "--subagents-gate=failed <= 0", "--subagents-gate=status >= success")
    assert result.ret == 0
    assert team.rows()["a"]["status"] == "failed"
    assert team.rows()["a"]["expected"] is True


@distributed
def test_what_is_not_as_expected_fails(team: Team, how: list[str]) -> None:
    team.workflow("id: a, instructions: Do., expect: {status: failed, kind: not_json}")
    team.record("team/a")
    assert team.run(*how).ret == 1
    assert team.kinds("a") == ["expect"]


BAD_FILES = {
    "empty": "",
    "not YAML": "agents: [",
    "a list": "- 1\n- 2\n",
    "a duplicate id": "agents:\n  - {id: a, instructions: Do.}\n  - {id: a, instructions: Do.}\n",
    "an unknown key": "agents:\n  - {id: a, instructons: Do.}\n",
    "an unknown contract": "workflow: {contract: reslut}\nagents:\n  - {id: a, instructions: Do.}\n",
    "a tab": "agents:\n\t- id: a\n",
    "an alias bomb": "a: &a [1]\nb: [*a, *a]\nagents: []\n",
}


@pytest.mark.parametrize(("how", "fault"), in_turn(BAD_FILES))
def test_2_for_a_bad_workflow_file(team: Team, how: list[str], fault: str) -> None:
    team.write("subagents.yaml", BAD_FILES[fault])
    team.write("test_plain.py", "def test_plain(): pass\n")
    result = team.run(*how)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    text = result.stdout.str()
    assert "subagents.yaml:" in text
    assert "Traceback" not in text
    assert "/site-packages/" not in text
    assert "passed" not in result.parseoutcomes()
    assert not (team.path / "artifacts").exists()


GOOD = "workflow: {name: team}\nagents:\n  - {id: a, instructions: Do.}\n"
USAGE_ERRORS: dict[str, tuple[str, list[str], str]] = {
    "a gate with a typo": (GOOD, ["--subagents-gate=faild <= 0"], "faild"),
    "a gate without a number": (GOOD, ["--subagents-gate=failed <= many"], "many"),
    "an unknown mode": (GOOD, ["--subagents-mode=reply"], "reply"),
    "a mode that is not there yet": (GOOD, ["--subagents-mode=live"], "live"),
    "an unknown verdict": (GOOD, ["--subagents-verdict=me"], "me"),
    "a report in no format": (GOOD, ["--subagents-report=x.docx"], "docx"),
    "a report in a file as folder": (GOOD, ["--subagents-report=pytest.ini/x.md"], "pytest.ini"),
    "a report that is a folder": (GOOD, ["--subagents-report=recordings.md"], "recordings.md"),
    "a circle": (
        "agents:\n  - {id: a, instructions: Do., depends_on: [b]}\n  - {id: b, instructions: Do., depends_on: [a]}\n",
        [],
        "a -> b -> a",
    ),
    "a key that cannot be honoured": (
        "agents:\n  - {id: a, instructions: Do., attempts: 3, repeat: 2}\n",
        [],
        "attempts",
    ),
    "a contract that is no schema": (
        "workflow: {contract: bad.json}\nagents:\n  - {id: a, instructions: Do.}\n",
        [],
        "bad.json",
    ),
    "a contract that points to a URL": (
        "workflow: {contract: url.json}\nagents:\n  - {id: a, instructions: Do.}\n",
        [],
        "url.json",
    ),
}


@pytest.mark.parametrize(("how", "mistake"), in_turn(USAGE_ERRORS))
def test_4_for_a_bad_option_contract_or_graph(team: Team, how: list[str], mistake: str) -> None:
    text, options, named = USAGE_ERRORS[mistake]
    team.write("subagents.yaml", text)
    team.write("bad.json", "[1, 2]")
    team.write("url.json", '{"$ref": "https://example.invalid/schema.json"}')
    (team.path / "recordings.md").mkdir()
    team.write("test_plain.py", "def test_plain(): pass\n")
    result = team.run(*how, *options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    text = result.stdout.str() + result.stderr.str()
    assert named in text
    assert "Traceback" not in text
    assert "passed" not in text
    assert not (team.path / "artifacts").exists()
    assert text.count(named) <= 3


@distributed
def test_5_when_nothing_is_collected(team: Team, how: list[str]) -> None:
    result = team.run(*how)
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert not (team.path / "artifacts").exists()


@pytest.mark.parametrize(
    ("how", "option"), in_turn(["--subagents-gate=failed <= 0", "--subagents-report=x.md", "--subagents-snapshot"])
)
def test_4_when_nothing_is_planned_but_something_was_asked_for(team: Team, how: list[str], option: str) -> None:
    team.write("test_plain.py", "def test_plain(): pass\n")
    result = team.run(*how, option)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert option.partition("=")[0] in result.stdout.str()
    assert not (team.path / "artifacts").exists()


def test_an_output_that_the_ini_file_asks_for_is_no_mistake_where_nothing_is_planned(team: Team) -> None:
    team.write("pytest.ini", "[pytest]\nsubagents_gate = failed <= 0\n")
    team.write("test_plain.py", "def test_plain(): pass\n")
    assert team.run().ret == 0


@distributed
def test_stopping_at_the_first_failure(team: Team, how: list[str]) -> None:
    team.workflow(*(f"id: a{number}, instructions: Do." for number in range(40)))
    for number in range(40):
        team.record(f"team/a{number}", "prose")
    result = team.run(*how, "-x")
    assert result.ret == 1
    report = team.report()
    assert report["complete"] is False
    assert report["counts"]["planned"] == 40
    assert report["counts"]["failed"] + report["counts"]["not_run"] == 40
    assert report["counts"]["failed"] < 40


@distributed
def test_with_the_verdict_of_the_gates_failures_show_as_xfail(team: Team, how: list[str]) -> None:
    team.workflow("id: a, instructions: Do.", "id: b, instructions: Do.")
    team.record("team/a", "prose")
    team.record("team/b")
    result = team.run(*how, "--subagents-verdict=gates", "--subagents-gate=failed <= 1")
    result.assert_outcomes(passed=1, xfailed=1)
    assert result.ret == 0
    assert team.run(*how, "--subagents-verdict=gates", "--subagents-gate=failed <= 0").ret == 1
    if how != ["-n", "2"]:
        assert team.run("--lf", "--collect-only", "-q", *how).outlines[0] == "subagents.yaml::a"


def test_with_the_verdict_of_the_gates_a_failing_assert_still_fails(team: Team) -> None:
    team.write("test_it.py", "import pytest\n@pytest.mark.subagent(id='a', task='x')\ndef test_it(): assert False\n")
    team.record("test_it/test_it[a]")
    assert team.run("--subagents-verdict=gates", "--subagents-gate=planned >= 1").ret == 1
