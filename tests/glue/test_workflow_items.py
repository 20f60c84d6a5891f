"""Workflow files as pytest items: names, selection, order."""

from __future__ import annotations

import pytest
from team import Team


@pytest.fixture
def three(team: Team) -> Team:
    team.workflow(
        "id: last, instructions: Sum up., depends_on: [math, nested/one]",
        "id: math, instructions: Find gaps.",
        "id: nested/one, instructions: Find more.",
    )
    for id in ("last", "math", "nested/one"):
        team.record(f"team/{id}")
    return team


def test_each_subagent_is_an_item_after_what_it_needs(three: Team) -> None:
    result = three.run("--collect-only", "-q")
    assert result.outlines[:3] == ["subagents.yaml::math", "subagents.yaml::nested/one", "subagents.yaml::last"]
    assert result.ret == 0
    assert not (three.path / "artifacts").exists()


def test_pytest_shows_fixtures_and_judges_nobody(three: Team) -> None:
    three.run("-k", "math")
    before = three.report_text()
    for option in ("--setup-plan", "--fixtures"):
        assert three.run(option).ret == 0
        assert three.report_text() == before


def test_all_pass_and_the_report_has_a_row_each(three: Team) -> None:
    result = three.run()
    result.assert_outcomes(passed=3)
    assert result.ret == 0
    assert three.report()["counts"] == {
        "planned": 3, "success": 3, "partial": 0, "failed": 0, "not_run": 0, "expected": 0, "deselected": 0,
    }  # fmt: skip
    assert {id: row["wave"] for id, row in three.rows().items()} == {"math": 1, "nested/one": 1, "last": 2}


@pytest.mark.parametrize(
    ("args", "ids", "deselected"),
    [
        (["-k", "math"], {"math"}, 2),
        (["-m", "subagent"], {"math", "nested/one", "last"}, 0),
        (["-m", "not subagent"], set(), 3),
        (["subagents.yaml::nested/one"], {"nested/one"}, 0),
        (["subagents.yaml::last", "subagents.yaml::math"], {"math", "last"}, 0),
        (["--deselect", "subagents.yaml::math"], {"nested/one", "last"}, 1),
    ],
)
def test_subagents_are_selected_like_any_item(three: Team, args: list[str], ids: set[str], deselected: int) -> None:
    result = three.run(*args)
    if not ids:
        assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
        assert not (three.path / "artifacts").exists()
        return
    assert result.ret == 0
    assert set(three.rows()) == ids
    assert three.report()["counts"]["deselected"] == deselected


def test_last_failed_runs_what_failed_and_what_it_held_up(three: Team) -> None:
    three.record("team/math", "no JSON at all")
    first = three.run()
    first.assert_outcomes(passed=1, failed=1, skipped=1)
    assert first.ret == 1
    again = three.run("--lf", "--collect-only", "-q")
    assert again.outlines[:2] == ["subagents.yaml::math", "subagents.yaml::last"]


def test_a_subagent_has_the_same_row_whatever_is_selected_beside_it(three: Team) -> None:
    three.record("team/math", "no JSON at all")
    three.run()
    whole = three.rows()["last"]
    assert whole["status"] == "not_run"
    three.run("-k", "last")
    assert three.rows()["last"]["status"] == "not_run"
    assert [reason["kind"] for reason in three.rows()["last"]["reasons"]] == ["dependency"]


def test_ordinary_tests_run_beside_subagents(three: Team) -> None:
    three.write("test_plain.py", "def test_plain(): pass\n")
    three.run().assert_outcomes(passed=4)
    assert three.report()["counts"]["planned"] == 3


@pytest.mark.parametrize("name", ["subagents.yml", "review.subagents.yaml", "review.subagents.json", "subagents.toml"])
def test_workflow_files_are_found_by_name(team: Team, name: str) -> None:
    text = {
        "json": '{"workflow": {"name": "w"}, "agents": [{"id": "a", "instructions": "Do."}]}',
        "toml": '[workflow]\nname = "w"\n[[agents]]\nid = "a"\ninstructions = "Do."\n',
    }.get(name.rsplit(".", 1)[1], "workflow: {name: w}\nagents: [{id: a, instructions: Do.}]\n")
    team.write(name, text)
    team.write("other.yaml", "this: is not ours\n")
    team.record("w/a")
    team.run().assert_outcomes(passed=1)
    assert [row["nodeid"] for row in team.report()["agents"]] == [f"{name}::a"]


def test_ini_names_other_workflow_files(team: Team) -> None:
    team.write("pytest.ini", "[pytest]\nsubagents_files = flows/*.yaml\n")
    team.workflow("id: a, instructions: Do.", name="flows/x.yaml")
    team.record("../flows/recordings/team/a")
    team.run().assert_outcomes(passed=1)
