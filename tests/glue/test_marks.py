"""Subagents declared by marks on tests."""

from __future__ import annotations

import pytest
from team import Team

TESTS = """
import pytest
from pytest_subagents import Scope, Subagent

@pytest.mark.subagents(
    Subagent(id="math", task="Find gaps", scope=Scope(read=("packages/math/",))),
    Subagent(id="element", task="Find hotspots", depends_on=["math"]),
)
def test_review(subagent_result):
    assert subagent_result.status == "success"

class TestMore:
    @pytest.mark.subagent(id="one", instructions="Do it.")
    def test_without_arguments(self):
        pass

    @pytest.mark.subagent(id="two", instructions="Do it.", limits={"timeout": "10m"})
    def test_body(self, subagent, subagent_result):
        assert subagent.limits.timeout == 600
        assert subagent_result.summary == "something else"
"""


@pytest.fixture
def marked(team: Team) -> Team:
    team.write("test_review.py", TESTS)
    for name in ("test_review[math]", "test_review[element]"):
        team.record(f"test_review/{name}")
    for name in ("TestMore.test_without_arguments[one]", "TestMore.test_body[two]"):
        team.record(f"test_review/{name}")
    return team


def test_ids_show_as_parameters(marked: Team) -> None:
    result = marked.run("--collect-only", "-q")
    assert result.outlines[:4] == [
        "test_review.py::test_review[math]",
        "test_review.py::test_review[element]",
        "test_review.py::TestMore::test_without_arguments[one]",
        "test_review.py::TestMore::test_body[two]",
    ]


def test_a_failing_body_adds_the_reason_assertion(marked: Team) -> None:
    result = marked.run()
    result.assert_outcomes(passed=3, failed=1)
    assert result.ret == 1
    rows = marked.rows()
    assert rows["two"]["status"] == "failed"
    assert marked.kinds("two") == ["assertion"]
    assert "something else" in rows["two"]["reasons"][0]["message"]
    assert rows["two"]["nodeid"] == "test_review.py::TestMore::test_body[two]"
    assert rows["element"]["depends_on"] == ["math"]


def test_a_failed_subagent_fails_its_test_before_the_body_runs(marked: Team) -> None:
    marked.record("test_review/test_review[math]", "no JSON at all")
    result = marked.run("-k", "review and not More")
    result.assert_outcomes(failed=1, skipped=1)
    assert "errors" not in result.parseoutcomes()
    assert marked.kinds("math") == ["not_json"]
    assert marked.kinds("element") == ["dependency"]


def test_the_run_happens_although_no_fixture_asks_for_it(marked: Team) -> None:
    marked.record("test_review/TestMore.test_without_arguments[one]", "no JSON at all")
    result = marked.run("-k", "without_arguments")
    result.assert_outcomes(failed=1)
    assert marked.kinds("one") == ["not_json"]


def test_a_missing_recording_is_a_failed_row_that_says_what_is_missing(marked: Team) -> None:
    (marked.path / "recordings/test_review/test_review[math].jsonl").unlink()
    result = marked.run("-k", "math")
    assert result.ret == 1
    assert marked.kinds("math") == ["missing_recording"]
    assert "recordings/test_review/test_review[math].jsonl" in str(marked.rows()["math"]["reasons"])


def test_off_the_same_tests_are_collected_and_skipped(marked: Team) -> None:
    result = marked.run("-rs", on=False)
    result.assert_outcomes(skipped=4)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["SKIPPED*not switched on (pytest --subagents)*"])
    assert not (marked.path / "artifacts").exists()


def test_a_bad_mark_is_a_usage_error_that_names_the_test(team: Team) -> None:
    team.write(
        "test_bad.py",
        "import pytest\n@pytest.mark.subagent(id='a', instructons='Do.')\ndef test_bad(): pass\n",
    )
    result = team.run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["ERROR: test_bad.py::test_bad*instructons*"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_person_who_skips_a_test_has_not_planned_it(marked: Team) -> None:
    text = (marked.path / "test_review.py").read_text(encoding="utf-8")
    text = text.replace("class TestMore:", "@pytest.mark.skip(reason='later')\nclass TestMore:")
    marked.write("test_review.py", text)
    result = marked.run()
    assert result.ret == 0
    assert set(marked.rows()) == {"math", "element"}
    assert marked.report()["counts"]["deselected"] == 2


def test_a_broken_fixture_lowers_the_row(marked: Team) -> None:
    marked.write("conftest.py", "import pytest\n@pytest.fixture(autouse=True)\ndef broken(): raise ValueError('no')\n")
    result = marked.run("-k", "math")
    assert result.ret == 1
    assert marked.kinds("math") == ["assertion"]
    assert marked.rows()["math"]["status"] == "failed"


def test_other_parameters_multiply_the_subagents(team: Team) -> None:
    team.write(
        "test_more.py",
        """
import pytest
from pytest_subagents import Subagent

@pytest.mark.parametrize("round", [1, 2])
@pytest.mark.subagents(Subagent(id="a", task="x"), Subagent(id="b", task="y", depends_on=["a"]))
def test_it(round, subagent_result): pass
""",
    )
    result = team.run("--collect-only", "-q")
    ids = [line.partition("[")[2].rstrip("]") for line in result.outlines[:4]]
    assert len(set(ids)) == 4
    for id in ids:
        team.record(f"test_more/test_it[{id}]")
    team.run().assert_outcomes(passed=4)
    needs = {row["nodeid"]: row["wave"] for row in team.report()["agents"]}
    assert sorted(needs.values()) == [1, 1, 2, 2]


CONTRACTS = """
import dataclasses
import pydantic
import pytest

@dataclasses.dataclass
class Plain:
    status: str
    verdict: str

class Model(pydantic.BaseModel):
    status: str
    verdict: str

@pytest.mark.subagent(id="plain", task="x", contract=Plain)
def test_plain(): pass

@pytest.mark.subagent(id="model", task="x", contract=Model)
def test_model(): pass
"""


def test_a_contract_may_be_a_dataclass_or_a_pydantic_model(team: Team) -> None:
    team.write("test_types.py", CONTRACTS)
    for name in ("plain", "model"):
        team.record(f"test_types/test_{name}[{name}]", {"status": "success", "verdict": "ok"})
    team.run().assert_outcomes(passed=2)
    for name in ("plain", "model"):
        team.record(f"test_types/test_{name}[{name}]", {"status": "success", "verdict": 3})
    assert team.run().ret == 1
    for name in ("plain", "model"):
        assert [(reason["kind"], reason["at"]) for reason in team.rows()[name]["reasons"]] == [("contract", "/verdict")]
