"""`subagents plan`, as a person uses it: what it prints, where, and its exit code."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pytest_subagents.cli.main import commands

TWO = """\
workflow: {name: team%s}
agents:
  - {id: types, instructions: Write., scope: {read: [], write: [src/types.py]}}
  - {id: code, instructions: Write., scope: {read: [docs/], write: [src/]}}
"""
CIRCLE = """\
agents:
  - {id: a, instructions: Write., scope: {read: [], write: [src/x.py]}, depends_on: [b]}
  - {id: b, instructions: Look., scope: {read: [src/]}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    folder: Path

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(commands, ["plan", *words], prog_name="subagents")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    return Place(folder=tmp_path)


def failed(result: Result, exit_code: int, said: str) -> None:
    assert (result.exit_code, result.stdout) == (exit_code, "")
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_the_only_file_is_found(place: Place) -> None:
    place.write("ci/subagents.yaml", TWO % "")
    result = place.run()
    assert result.exit_code == 0
    assert "types and code both write src/types.py: they run one after the other" in result.stdout
    assert result.stdout.startswith("team: 2 subagents in 2 waves")


def test_times_are_those_of_recordings(place: Place) -> None:
    place.write("ci/subagents.yaml", TWO % "")
    place.write("ci/recordings/team/types.meta.json", '{"runtime_ms": 42000}')
    place.write("ci/recordings/team/code.meta.json", '{"runtime_ms": "long"}')
    document = json.loads(place.run("--json").stdout)
    assert document["estimates"] == [
        {"id": "types", "milliseconds": 42000, "source": "recording", "runs": 1},
        {"id": "code", "milliseconds": 42000, "source": "default", "runs": 1},
    ]


def test_a_recording_that_is_no_file_is_no_recording(place: Place) -> None:
    place.write("subagents.yaml", TWO % "")
    place.write("recordings/team/x", "")
    os.mkfifo(place.folder / "recordings/team/types.meta.json")
    assert place.run().exit_code == 0


def test_read_scopes_are_measured(place: Place) -> None:
    place.write("subagents.yaml", TWO % "")
    place.write("docs/large.md", "x" * 700_000)
    place.write("node_modules/docs/large.md", "x" * 700_000)
    assert "code: its read scope holds about 175,000 tokens" in place.run().stdout


def test_mermaid(place: Place) -> None:
    place.write("subagents.yaml", TWO % "")
    assert place.run("--mermaid", "subagents.yaml").stdout.startswith("flowchart LR\n")


def test_nothing_is_written(place: Place) -> None:
    place.write("subagents.yaml", TWO % "")
    assert place.run().exit_code == 0
    assert [path.name for path in place.folder.iterdir()] == ["subagents.yaml"]


def test_a_forbidden_overlap_is_4(place: Place) -> None:
    place.write("subagents.yaml", TWO % ", execution: {on_overlap: error}")
    failed(place.run(), 4, "types and code write src/types.py")
    failed(place.run("--json"), 4, "types and code write src/types.py")


def test_a_circle_is_4_with_the_witness_of_each_edge(place: Place) -> None:
    place.write("subagents.yaml", CIRCLE)
    result = place.run()
    failed(result, 4, "subagents.yaml:2: 'depends_on' closes a circle: a -> b -> a")
    assert "b needs a: it reads src/x.py, which a writes" in result.stderr


def test_a_bad_file_is_2(place: Place) -> None:
    place.write("subagents.yaml", "agents: 3\n")
    failed(place.run(), 2, "subagents.yaml:1: 'agents' must be")
    failed(place.run("other.yaml"), 2, "other.yaml: does not exist")


def test_what_cannot_be_meant_is_4(place: Place) -> None:
    failed(place.run(), 4, "there is no workflow file here or below")
    place.write("subagents.yaml", TWO % "")
    place.write("ci/subagents.yaml", TWO % "")
    failed(place.run(), 4, "name one: subagents.yaml, ci/subagents.yaml")
    failed(place.run("--json", "--mermaid", "subagents.yaml"), 4, "leave one of them out")
    failed(place.run("--nonsense"), 4, "No such option")
