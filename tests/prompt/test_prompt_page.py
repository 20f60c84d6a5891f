"""docs/prompt.md says what is: its example is rendered, its lists are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from builders import a_planned, a_report, a_result
from click.testing import CliRunner

from pytest_subagents.cli.main import commands
from pytest_subagents.model.verdict import Finding
from pytest_subagents.prompt.names import NAMES, RESULT
from pytest_subagents.prompt.sandbox import TemplateEnvironment
from pytest_subagents.reports.json_report import JsonReport

PAGE = Path(__file__).parents[2] / "docs" / "prompt.md"
TEXT = PAGE.read_text(encoding="utf-8")


def example(name: str) -> str:
    found = re.search(rf"^<!-- example: {re.escape(name)} -->\n```\w+\n(.*?)^```$", TEXT, re.M | re.S)
    assert found, name
    return found[1]


def shown(folder: Path) -> str:
    """The prompt of the example, without the schema at its end."""
    findings = (
        Finding(severity="high", file="src/auth/token.py", title="Tokens never expire"),
        Finding(severity="low", file="src/auth/login.py", line=12, title="Error says too much"),
    )
    result = a_result(
        planned=a_planned("find-bugs"),
        summary="Two bugs.",
        answer={"status": "success", "summary": "Two bugs."},
        findings=findings,
    )
    (folder / "subagents.yaml").write_text(example("subagents.yaml"), encoding="utf-8")
    (folder / "report.json").write_text(JsonReport().render(a_report(result)), encoding="utf-8")
    command = ["show", "fix-auth", "--prompt", "--report", "report.json"]
    done = CliRunner().invoke(commands, command, prog_name="subagents")
    assert (done.exit_code, done.stderr) == (0, "")
    return done.stdout.rpartition("```json\n")[0]


def test_the_example_renders_as_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert shown(tmp_path) == example("prompt")


def test_its_lists_are_complete() -> None:
    environment = TemplateEnvironment({})
    filters = re.findall(r"`(\w+)`", TEXT.partition("\nFilters:")[2].partition("\n\n")[0])
    assert filters == sorted(environment.filters)
    tests = re.findall(r"`([^`]+)`", TEXT.partition("\nTests:")[2].partition("\n\n")[0])
    assert sorted(tests) == sorted(environment.tests)
    rows = dict(re.findall(r"^\| `([\w.<>]+)` \| (.*) \|$", TEXT, re.M))
    assert {name.partition(".")[0] for name in rows} == set(NAMES)
    for name, keys in NAMES.items():
        row = rows["results.<id>" if name == "results" else name]
        assert all(f"`{key}`" in row for key in (RESULT if name == "results" else keys))


if __name__ == "__main__":  # after a change that is meant: writes the example anew
    import os
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        new = shown(Path(folder))
    PAGE.write_text(TEXT.replace(example("prompt"), new), encoding="utf-8")
