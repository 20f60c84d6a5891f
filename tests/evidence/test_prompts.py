"""What a page knows of prompts: all that is rendered of a workflow file, and else why not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from builders import a_planned, a_report, a_result

from pytest_subagents.evidence.stored import StoredEvidence
from pytest_subagents.model.evidence import RunEvidence
from pytest_subagents.model.result import Result

FILE = """\
workflow:
  name: review
  context: {files: [house.md]}
agents:
  - {id: math, instructions: Find bugs.}
  - {id: app, instructions: "Mend this: {{ results.math.summary }}", depends_on: [math]}
"""
TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" * 2


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "subagents.yaml").write_text(FILE)
    (tmp_path / "house.md").write_text(f"Two blanks. {TOKEN}\n")
    return tmp_path


def _of(root: Path, row: Result, *others: Result) -> RunEvidence:
    return StoredEvidence(report=a_report(row, *others), rootdir=root).of(row, row)


def test_the_whole_prompt_is_rendered_with_the_results_of_the_report_and_without_secrets(root: Path) -> None:
    math = a_result(summary="zero is not caught")
    found = _of(root, a_result("app", depends_on=("math",)), math)
    assert "Mend this: zero is not caught" in found.prompt
    assert "Two blanks." in found.prompt
    assert TOKEN not in found.prompt
    assert found.instructions == "Mend this: {{ results.math.summary }}"
    assert found.no_prompt == ""
    assert "Find bugs." in _of(root, math).prompt


def test_what_has_not_run_has_its_place_in_a_prompt(root: Path) -> None:
    found = _of(root, a_result("app", kind="dependency", depends_on=("math",)), a_result("math", kind="stopped"))
    assert "not known yet: the summary of" in found.prompt


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (a_result("other"), "declares it no more"),
        (a_result(planned=a_planned("m", nodeid="test_a.py::test_a[m]")), "declared by a mark"),
        (a_result(planned=a_planned("t/m", nodeid="t/m.jsonl::m")), "No workflow file declares it"),
        (a_result(planned=a_planned("m", nodeid="gone.yaml::m")), "was not found, or cannot be read"),
        (a_result(planned=a_planned("m", nodeid="../gone.yaml::m")), "No workflow file declares it"),
    ],
)
def test_why_there_is_none(root: Path, row: Result, why: str) -> None:
    found = _of(root, row)
    assert (found.prompt, found.instructions) == ("", "")
    assert why in found.no_prompt


def test_a_prompt_that_cannot_be_rendered_leaves_the_instructions(root: Path) -> None:
    (root / "house.md").unlink()
    found = _of(root, a_result())
    assert (found.prompt, found.instructions) == ("", "Find bugs.")
    assert "cannot be rendered now" in found.no_prompt


def test_templates_are_rendered_for_so_many_and_no_more(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_subagents.model.limits.HTML_TEMPLATES", 1)
    app = a_result("app", depends_on=("math",))
    again = replace(app, planned=replace(app.planned, nodeid="b/subagents.yaml::app"))
    (root / "b").mkdir()
    (root / "b/subagents.yaml").write_text(FILE)
    evidence = StoredEvidence(report=a_report(app, again), rootdir=root)
    assert evidence.of(app, app).prompt == evidence.of(app, app).prompt != ""
    assert evidence.of(again, again).prompt == ""
    assert "only the first" in evidence.of(again, again).no_prompt
