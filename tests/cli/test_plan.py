"""`subagents plan`, as a person uses it: what it prints, where, and its exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
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


SHARDS = """\
workflow: {name: team}
agents:
  - {id: types, instructions: Write., scope: {read: [], write: [src/types.py]}}
  - {id: code, instructions: Write., scope: {read: [docs/], write: [src/]}}
  - {id: text, instructions: Look., depends_on: [best]}
  - {id: best, instructions: Look., attempts: 3}
  - {id: port, instructions: Look., resources: [port]}
  - {id: other, instructions: Look., resources: [port]}
  - {id: alone, instructions: Look.}
"""


def test_who_goes_to_which_shard_is_what_pytest_does(place: Place) -> None:
    place.write("ci/subagents.yaml", SHARDS)
    for name, time in (("types", 40_000), ("best/2", 9_000), ("port", 30_000), ("alone", 5_000)):
        place.write(f"ci/recordings/team/{name}.meta.json", json.dumps({"runtime_ms": time}))
    document = json.loads(place.run("--shards", "3", "--json").stdout)
    argv = [sys.executable, "-m", "pytest", "--subagents", "--subagents-shard=1/3", "-q", "-p", "no:cacheprovider"]
    subprocess.run([*argv, "ci/subagents.yaml"], capture_output=True, check=False)
    part = json.loads((place.folder / "artifacts/subagents/shard-1-of-3.json").read_text())
    dealt: dict[int, set[str]] = {}
    for share in part["plan"]:
        dealt.setdefault(share["shard"], set()).add(share["planned"]["id"].partition("[")[0])
    assert {shard["shard"]: set(shard["agents"]) for shard in document["shards"]} == dealt
    assert {"types", "code"} in dealt.values()
    assert "shards" in json.loads(place.run("--json").stdout)


def test_shards_are_told_with_what_to_type_and_the_empty_ones_too(place: Place) -> None:
    place.write("subagents.yaml", "workflow: {name: t}\nagents: [{id: a, instructions: x}, {id: b, instructions: x}]\n")
    lines = place.run("--shards", "3").stdout.splitlines()
    assert lines[0] == "t: 2 subagents in 3 shards, ~5m00s; in one run ~5m00s with -n 2"
    assert lines[3].split() == ["1/3", "~5m00s", "with", "-n", "1", "a"]
    assert lines[5].split()[:3] == ["3/3", "–", "nobody:"]
    assert lines[-1].endswith("pytest --subagents --subagents-shard=1/3 subagents.yaml")
    merged = "workflow: {name: t, merge: {strategy: sequential, at_end: true}}\nagents: [{id: a, instructions: x}]\n"
    place.write("subagents.yaml", merged)
    assert "One shard has all of it" in place.run("--shards", "2").stdout
    failed(place.run("--shards", "0"), 4, "--shards: 0 is no number of machines")
    failed(place.run("--shards", "2", "--mermaid"), 4, "--shards and --mermaid are given")
