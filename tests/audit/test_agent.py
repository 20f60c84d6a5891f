"""All lines of one agent, from a recording on disk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from team import ANSWER, as_jsonl, codex_lines

from pytest_subagents.audit.agent import agent_lines, contradictions
from pytest_subagents.model import limits
from pytest_subagents.transcript.store import Recording


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    path = tmp_path / "a.jsonl"
    path.write_text(as_jsonl(codex_lines(ANSWER, commands=5)), encoding="utf-8")
    return Recording(transcript=str(path))


def why(recording: Recording | None) -> list[str]:
    last = [*agent_lines(recording)][-1]
    assert last["action"] == "unknown"
    found = last["why"]
    assert isinstance(found, list)
    return found


def test_beyond_the_limit_lines_are_counted(recording: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "AUDIT_LINES", 3)
    lines = [*agent_lines(recording)]
    assert [line["action"] for line in lines] == ["command", "list", "command", "unknown"]
    assert lines[-1]["left_out"] == 7
    assert why(recording)[-1] == "7 lines beyond the first 3 are left out"


def test_without_a_recording_only_that_is_told(tmp_path: Path) -> None:
    assert why(None) == why(Recording(transcript=str(tmp_path / "no.jsonl"))) == ["no recording of it was read"]


def test_what_is_refused_is_not_read(recording: Recording) -> None:
    refused = Recording(transcript=recording.transcript, refused="it is a link")
    assert len([*agent_lines(refused)]) == 1
    assert why(refused)[0] == "its transcript: it is a link"
    assert contradictions(refused) == ((), ())


def test_lines_that_cannot_be_read_are_counted(recording: Recording) -> None:
    with Path(recording.transcript).open("a", encoding="utf-8") as file:
        file.write('{"type": "item.comp\n{"type": "turn.hiccup"}\n')
    assert why(recording)[0] == "no protocol, or damaged: 1 of the lines of its transcript"
    assert "unknown to this version: what 1 line of its transcript told" in why(recording)


def test_session_files_of_its_own_subagents_follow(recording: Recording) -> None:
    child = Path(recording.transcript.removesuffix(".jsonl")) / "subagents/agent-1.jsonl"
    child.parent.mkdir(parents=True)
    child.write_text(as_jsonl(codex_lines(ANSWER, commands=1)), encoding="utf-8")
    lines = [*agent_lines(recording)]
    assert [line.get("session") for line in lines] == [None] * 10 + ["agent-1.jsonl"] * 2 + [None]


def test_a_session_file_elsewhere_is_not_quoted(recording: Recording, tmp_path: Path) -> None:
    private = tmp_path.parent / f"{tmp_path.name}-private.jsonl"
    private.write_text(as_jsonl(codex_lines(ANSWER, commands=1)), encoding="utf-8")
    child = Path(recording.transcript.removesuffix(".jsonl")) / "subagents/agent-1.jsonl"
    child.parent.mkdir(parents=True)
    child.symlink_to(private)
    assert len([*agent_lines(recording)]) == 11
    assert "not read: 1 session file of its own subagents, behind links to other places" in why(recording)


def test_a_patch_that_cannot_be_used_is_no_diff(recording: Recording) -> None:
    meta = {"format": 1, "patch": {"tree": "0" * 40, "files": 3}}
    Path(recording.meta).write_text(json.dumps(meta), encoding="utf-8")
    assert "the patch cannot be used: it changes 0 files, and the metadata says 3" in why(recording)
    assert contradictions(recording) == ((), ())
