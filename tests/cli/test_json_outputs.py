"""What a script reads: `--json` prints one JSON object and nothing else, and the help tells of it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from builders import a_report, a_result, a_team
from click.testing import CliRunner
from progress_cases import a_run, ended

from pytest_subagents.cli.main import ADDRESSES, commands
from pytest_subagents.reports.json_report import JsonReport
from pytest_subagents.transcript.run_directory import RunDirectory

EXAMPLE = Path(__file__).parents[2] / "examples/package-review"
CALLS = {
    "approve": ["--list"],
    "baseline compare": [],
    "baseline show": [],
    "diff": [],
    "import": ["logs", "--force"],
    "merge": [],
    "plan": ["--shards", "2"],
    "replay": ["math"],
    "show": [],
    "status": [],
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workflow with recordings, a report, a baseline, a live run and a transcript to import."""
    folder = tmp_path_factory.mktemp("json")
    shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True)
    (folder / "logs").mkdir()
    shutil.copy(EXAMPLE / "recordings/package-review/math.jsonl", folder / "logs/one.jsonl")
    (folder / "artifacts/subagents").mkdir(parents=True)
    (folder / "artifacts/subagents/report.json").write_text(JsonReport().render(a_report(*a_team())))
    (folder / "subagents.baseline.json").write_text(JsonReport().render(a_report(a_result("math"))))
    run = RunDirectory.create(folder / ".subagents", below=folder, started=datetime(2025, 1, 2, tzinfo=UTC))
    run.write_json("status.json", a_run(ended("math", "success")))
    run.release()
    for words in (["init", "-q"], ["add", "."], ["-c", "user.name=n", "-c", "user.email=e@x", "commit", "-qm", "x"]):
        subprocess.run(["git", *words], cwd=folder, check=True)
    return folder


def with_json(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for each, below in command.commands.items():
            yield from with_json(below, f"{name} {each}")
    elif any("--json" in option.opts for option in command.params):
        yield name, command


def test_every_command_that_has_it_is_tried_here_and_tells_of_it() -> None:
    context = click.Context(commands)
    found: dict[str, click.Command] = {}
    for name in ADDRESSES:
        command = commands.get_command(context, name)
        assert command is not None
        found |= dict(with_json(command, name))
    assert sorted(found) == sorted(CALLS)
    assert not [name for name, command in found.items() if "--json, " not in (command.help or "").replace("\n", " ")]


def once(value: list[tuple[str, object]]) -> dict[str, object]:
    assert len(dict(value)) == len(value), "a key stands twice"
    return dict(value)


@pytest.mark.parametrize("name", CALLS)
def test_it_is_one_object_and_the_same_again(
    project: Path, name: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project)
    monkeypatch.delenv("SUBAGENTS_RUN_DIR", raising=False)
    words = [*name.split(), *CALLS[name], "--json"]
    first, second = (CliRunner().invoke(commands, words, prog_name="subagents") for _ in range(2))
    assert first.exit_code in (0, 1), first.output
    assert isinstance(json.loads(first.stdout, object_pairs_hook=once), dict)
    assert first.stdout.endswith("}\n")
    assert first.stdout == second.stdout
    assert capfd.readouterr().out == "", "nothing but the object is printed"
