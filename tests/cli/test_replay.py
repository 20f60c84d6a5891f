"""`subagents replay`: the verdict of one recording, without pytest and as pytest gives it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from builders import a_planned, a_report, a_result
from click.testing import CliRunner, Result
from hostile_report import payloads

from pytest_subagents.cli.main import commands
from pytest_subagents.reports.escape import json_document, terminal
from pytest_subagents.reports.json_report import JsonReport

EXAMPLES = Path(__file__).parents[2] / "examples"
WORKFLOW = """\
workflow: {name: team}
agents:
  - {id: math, vendor: command, command: [x], instructions: Look., scope: {read: [src/]}}
  - {id: sum, instructions: Sum up., depends_on: [math]}
  - {id: best, instructions: Look., attempts: 2}
"""
GOOD = {"status": "success", "summary": "Fine.", "findings": []}


class Place:
    """A project with a workflow file and recordings."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "subagents.yaml").write_text(WORKFLOW)

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(commands, ["replay", *words], prog_name="subagents")

    def json(self, *words: str) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(self.run("--json", *words).stdout)
        return value

    def record(self, path: str, answer: object = GOOD, **meta: object) -> None:
        file = self.folder / f"{path}.jsonl"
        file.parent.mkdir(parents=True, exist_ok=True)
        events = ({"type": "subagents.message", "text": answer}, {"type": "subagents.end", "ok": True})
        file.write_text("".join(json.dumps(event) + "\n" for event in events))
        (file.parent / f"{file.stem}.meta.json").write_text(json.dumps({"exit_code": 0, **meta}))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.chdir(tmp_path)
    for name in ("CONTRACT", "STALE", "PARTIAL"):
        monkeypatch.delenv(f"SUBAGENTS_{name}", raising=False)
    return Place(tmp_path)


def failed(result: Result, exit_code: int, *said: str) -> None:
    assert (result.exit_code, result.stdout) == (exit_code, "")
    assert all(words in result.stderr for words in said), result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("example", ["package-review", "contract-regression"])
def test_the_verdict_is_that_of_pytest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, example: str) -> None:
    """Row by row, from an answer that breaks its contract to one that is expected to."""
    shutil.copytree(EXAMPLES / example, tmp_path / "x")
    monkeypatch.chdir(tmp_path / "x")
    (tmp_path / "x/pytest.ini").write_text("[pytest]\n")
    subprocess.run(
        [sys.executable, "-m", "pytest", "--subagents", "-q", "-p", "no:cacheprovider"],
        capture_output=True,
        check=False,
    )
    rows = json.loads(Path("artifacts/subagents/report.json").read_text())["agents"]
    assert len(rows) >= 3
    for row in rows:
        result = CliRunner().invoke(commands, ["replay", row["nodeid"], "--json"])
        found = json.loads(result.stdout)
        passes = found.pop("passes")
        assert found.pop("by_itself") == row["status"]
        assert found == row
        assert passes is (row["expected"] or row["status"] in ("success", "partial")) is (result.exit_code == 0)


@pytest.mark.parametrize("name", ["math", "subagents.yaml::math", "recordings/team/math.jsonl"])
def test_a_recording_is_judged_as_its_subagent_wherever_it_is_named(place: Place, name: str) -> None:
    place.record("recordings/team/math", {"status": "partial", "summary": "Half.", "findings": []})
    result = place.run(name)
    assert result.exit_code == 0
    assert result.stdout.startswith("math: partial\n  node id     subagents.yaml::math\n")
    assert "declared, line 1: the answer says partial: Half." in result.stdout
    assert place.run(name, "--partial=fail").exit_code == 1


def test_what_it_needs_is_judged_first(place: Place) -> None:
    place.record("recordings/team/sum")
    place.record("recordings/team/math", {"status": "failed", "summary": "No.", "findings": []})
    result = place.run("sum")
    assert result.exit_code == 1
    assert "dependency: needs 'math', which failed (declared)" in result.stdout
    assert result.stdout.endswith("By its recording alone: success\n")
    found = place.json("sum")
    assert (found["status"], found["by_itself"], found["passes"]) == ("not_run", "success", False)


def test_contract_and_staleness_are_those_of_now(place: Place) -> None:
    place.record("recordings/team/math", {"status": "fine"}, digests={"instructions": "sha256:0"})
    kinds = [reason["kind"] for reason in place.json("math")["reasons"]]
    assert sorted(set(kinds)) == ["contract", "stale"]
    place.record("recordings/team/math", GOOD, vendor="codex")
    assert place.run("math").exit_code == 1
    assert place.run("math", "--stale=warn").exit_code == 0


def test_several_runs_make_a_row_and_one_can_be_asked_for(place: Place) -> None:
    place.record("recordings/team/best/1", {"status": "failed", "summary": "No.", "findings": []})
    place.record("recordings/team/best/2")
    assert [run["selected"] for run in place.json("best")["attempts"]] == [False, True]
    assert place.run("best[1]").exit_code == place.run("recordings/team/best/1.jsonl").exit_code == 1
    assert place.run("best[2]").exit_code == 0
    failed(place.run("best[3]"), 4, "'best' runs 2 times")
    failed(place.run("math[1]"), 4, "'math' runs once", "name it math")


def test_any_transcript_is_judged_by_the_nearest_contract_and_what_is_expected_of_it(place: Place) -> None:
    place.record("tests/transcripts/odd", {"verdict": 1})
    for name in ("tests/transcripts/odd.jsonl", "tests/transcripts/odd", "tests/transcripts/odd.jsonl::odd"):
        assert place.json(name)["nodeid"] == "tests/transcripts/odd.jsonl::odd"
    assert place.run("tests/transcripts/odd").exit_code == 1
    (place.folder / "expect.yaml").write_text("other: failed\n")
    (place.folder / "tests/transcripts/expect.yaml").write_text("odd: {status: failed, kind: contract}\n")
    assert place.run("tests/transcripts/odd").exit_code == 0
    (place.folder / "tests/transcripts/expect.yaml").unlink()
    (place.folder / "any.json").write_text("{}")
    (place.folder / "own.json").write_text('{"type": "object", "required": ["verdict"]}')
    assert "contract" not in place.run("tests/transcripts/odd", "--contract", "own.json").stdout
    (place.folder / "tests/contract.json").write_text('{"type": "array"}')
    assert "is not of type 'array'" in place.run("tests/transcripts/odd", "--contract", "own.json").stdout


def test_a_subagent_of_a_mark_is_told_with_the_command_that_judges_it(place: Place) -> None:
    nodeid = "tests/test_review.py::test_review[element]"
    failed(place.run(nodeid), 4, "is declared by a mark", f"pytest --subagents '{nodeid}'")
    folder = place.folder / "artifacts/subagents"
    folder.mkdir(parents=True)
    (folder / "report.json").write_text(
        JsonReport().render(a_report(a_result(planned=a_planned("element", nodeid=nodeid))))
    )
    failed(place.run("element"), 4, "'element' is declared by a mark", f"pytest --subagents '{nodeid}'")
    (place.folder / "subagents.yaml").unlink()
    failed(place.run("element"), 4, "'element' is declared by a mark")
    failed(place.run("other"), 4, "there is no workflow file here or below")


def test_the_recording_of_a_marked_test_is_judged_with_a_word_of_what_is_not_asked(place: Place) -> None:
    place.record("recordings/test_review/test_review[element]", digests={"instructions": "sha256:0"})
    (place.folder / "test_review.py").write_text("")
    result = place.run("recordings/test_review/test_review[element].jsonl")
    assert result.exit_code == 0, result.output
    assert "note: by its transcript alone" in result.stderr
    assert "pytest --subagents test_review.py" in result.stderr


def test_mistakes_say_what_to_do(place: Place) -> None:
    failed(place.run("mth"), 4, "replay: no workflow file declares 'mth'", "did you mean: math")
    failed(place.run("nope.jsonl"), 4, "there is no such transcript")
    result = place.run("math")
    assert result.exit_code == 1
    assert "missing_recording at recordings/team/math.jsonl: there is no recording" in result.stdout
    place.record("x")
    failed(place.run("x.jsonl", "--contract", "nope"), 4, "nope")
    (place.folder / "expect.yaml").write_text("y: failed\n")
    failed(place.run("x.jsonl"), 2, "expect.yaml")
    (place.folder / "subagents.yaml").write_text("agents: [{id: math, vendor: codex, instrctions: x}]\n")
    failed(place.run("math"), 2, "subagents.yaml:1", "instructions")


@pytest.mark.parametrize("broken", [False, True], ids=["kept", "contract broken"])
def test_nothing_in_a_recording_is_obeyed(place: Place, broken: bool) -> None:
    texts = sorted(payloads().values(), key=len)
    findings = [
        {"severity": text if broken else "high", "title": text, "file": text, "line": None, "detail": text}
        for text in texts
    ]
    together = "\n".join(texts)
    place.record(
        "recordings/team/math", {"status": "partial", "summary": together, "findings": findings}, stderr_tail=together
    )
    text, document = place.run("math").stdout, place.run("math", "--json").stdout
    assert terminal(text, multiline=True) == text
    assert json_document(document) == document
    assert len(json.loads(document)["findings"]) == (0 if broken else len(texts))
