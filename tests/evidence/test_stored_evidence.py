"""What is kept beside a report: read without following a link, redacted, and told in words where it is missing."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from a_patch import new_file
from builders import a_report, a_result

from pytest_subagents.evidence.stored import StoredEvidence
from pytest_subagents.model import event
from pytest_subagents.model.evidence import ChildSession, RunEvidence, Unreadable
from pytest_subagents.model.result import Result

TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" * 2
LINES = (
    '{"type":"thread.started","thread_id":"t"}',
    '{"type":"item.completed","item":{"id":"i","type":"agent_message","text":"Hello TOKEN"}}'.replace("TOKEN", TOKEN),
    "noise",
    '{"type":"turn.completed","usage":{"input_tokens":3,"output_tokens":2}}',
)


def _of(root: Path, row: Result) -> RunEvidence:
    return StoredEvidence(report=a_report(row), rootdir=root).of(row, row)


@pytest.fixture
def kept(tmp_path: Path) -> Result:
    (tmp_path / "rec").mkdir()
    (tmp_path / "rec/math.jsonl").write_text("\n".join(LINES) + "\n")
    return a_result(transcript="rec/math.jsonl")


def test_a_transcript_is_told_line_by_line_without_its_secrets(tmp_path: Path, kept: Result) -> None:
    said = list(_of(tmp_path, kept).said())
    assert TOKEN not in repr(said)
    assert [type(each) for each in said if not isinstance(each, event.TurnStart)] == [
        event.SessionStart,
        event.Message,
        Unreadable,
        event.Usage,
        event.End,
    ]
    assert said == list(_of(tmp_path, kept).said())


def test_metadata_tells_checks_and_versions(tmp_path: Path, kept: Result) -> None:
    meta = {"format": 1, "cli_version": "1.2", "checks": [{"run": "pytest", "exit_code": 1, "output": "no"}]}
    (tmp_path / "rec/math.meta.json").write_text(json.dumps(meta))
    found = _of(tmp_path, kept)
    assert [(check.run, check.exit_code) for check in found.checks] == [("pytest", 1)]
    assert found.cli_version == "1.2"
    assert (found.patched, found.no_patch) == (False, "")


def test_a_patch_and_the_output_of_a_check_are_told_without_secrets(tmp_path: Path, kept: Result) -> None:
    check = {"run": "pytest", "exit_code": 1, "output": f"key {TOKEN}"}
    patch = new_file(f"src/{TOKEN}.py", [f"KEY = '{TOKEN}'"])
    (tmp_path / "rec/math.meta.json").write_text(
        json.dumps({"format": 1, "checks": [check], "patch": {"tree": "1", "files": 1}})
    )
    (tmp_path / "rec/math.patch").write_bytes(patch)
    found = _of(tmp_path, kept)
    assert found.checks[0].output == "key <redacted>"
    (file,) = found.files
    assert (file.path, file.added) == ("src/<redacted>.py", 1)
    assert "KEY = '<redacted>'" in file.text
    assert TOKEN not in file.text


def test_a_patch_that_cannot_be_used_says_why(tmp_path: Path, kept: Result) -> None:
    (tmp_path / "rec/math.meta.json").write_text('{"format": 1, "patch": {"tree": "1", "files": 1}}')
    (tmp_path / "rec/math.patch").write_text("no patch\n")
    found = _of(tmp_path, kept)
    assert found.files == ()
    assert found.no_patch.startswith("Its patch cannot be used: line 1")


def test_session_files_of_its_own_subagents_follow(tmp_path: Path, kept: Result) -> None:
    (tmp_path / "rec/math/subagents").mkdir(parents=True)
    (tmp_path / "rec/math/subagents/agent-7.jsonl").write_text(LINES[1] + "\n")
    said = list(_of(tmp_path, kept).said())
    assert ChildSession(name="agent-7.jsonl") in said
    assert isinstance(said[-1], event.Message)


@pytest.mark.parametrize(
    ("transcript", "why"),
    [
        (None, "The transcript was not kept. A run with --subagents-mode=record keeps it."),
        ("rec/other.jsonl", "The transcript was not found where it was recorded."),
        ("../other.jsonl", "The transcript is outside of the folder that pytest ran in, and was not read."),
        ("/etc/passwd", "The transcript is outside of the folder that pytest ran in, and was not read."),
        ("rec/link.jsonl", "The transcript cannot be read"),
        ("linked/passwd", "The transcript cannot be read"),
        ("rec/fifo.jsonl", "The transcript cannot be read"),
        ("rec/nul\0.jsonl", "The transcript cannot be read"),
    ],
)
def test_what_cannot_be_read_is_said_in_words(tmp_path: Path, kept: Result, transcript: str | None, why: str) -> None:
    (tmp_path / "rec/link.jsonl").symlink_to("/etc/passwd")
    (tmp_path / "linked").symlink_to("/etc")
    os.mkfifo(tmp_path / "rec/fifo.jsonl")
    found = _of(tmp_path, replace(kept, transcript=transcript))
    assert found.no_transcript.startswith(why)
    assert list(found.said()) == []


@pytest.mark.parametrize("text", ["[\n" + ",\n".join(LINES[:2]) + "]", "".join(f"[12:00] {line}\n" for line in LINES)])
def test_other_readings_of_a_transcript_are_tried_too(tmp_path: Path, text: str) -> None:
    (tmp_path / "math.jsonl").write_text(text)
    said = list(_of(tmp_path, a_result(transcript="math.jsonl")).said())
    assert any(isinstance(each, event.Message) for each in said)
    assert TOKEN not in repr(said)
