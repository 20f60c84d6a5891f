"""Damaged transcripts: each gives a row, on both ways of reading the same, and none is better than it should be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st
from recorded import ANSWER, judged, process_of, recording

from pytest_subagents.model.outcome import ProcessEnd
from pytest_subagents.model.spec import Limits
from pytest_subagents.model.status import rank
from pytest_subagents.testing.answers import wrong_answers
from pytest_subagents.testing.damage import Way, damaged
from pytest_subagents.testing.scripts import transcript_of
from pytest_subagents.testing.steps import Answer, Fail, Run, Say, Start, Step
from pytest_subagents.testing.transcripts import DIALECTS, transcripts
from pytest_subagents.vendors.reading import read_transcript
from pytest_subagents.vendors.watching import Watcher

SUITE = settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
WELL = ProcessEnd(exit_code=0)
BADLY: dict[str, tuple[Step, ...]] = {
    "prose": (Run("ls"), Answer("Done, all is fine.")),
    "a failure": (Run("ls"), Fail("rate_limit")),
    "no end": (Start(), Run("ls"), Say("Still at it.")),
    "declared": (Run("ls"), Answer({"status": "failed", "summary": "It did not work.", "findings": []})),
}


def at(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "run.jsonl"
    path.write_bytes(data)
    return path


@SUITE
@given(data=st.data())
def test_a_cut_transcript_is_no_success(tmp_path: Path, data: st.DataObject) -> None:
    """Nothing after the last line end may be missing."""
    whole = data.draw(transcripts(data.draw(st.sampled_from(DIALECTS)), json.loads(ANSWER)))
    cut = data.draw(damaged(whole, ways=("cut",)))
    status, reasons = judged(at(tmp_path, cut), WELL)
    assert (status == "success") == (len(cut) >= len(whole) - 1), reasons


@SUITE
@given(data=st.data())
def test_a_damaged_failure_is_never_better(tmp_path: Path, data: st.DataObject) -> None:
    """In all ways at once; there is no good answer in it that a loss could bring to light."""
    steps = BADLY[data.draw(st.sampled_from(sorted(BADLY)))]
    whole = transcript_of(data.draw(st.sampled_from(DIALECTS)), *steps)
    before, _ = judged(at(tmp_path, whole), WELL)
    assert before == "failed"
    status, reasons = judged(at(tmp_path, data.draw(damaged(whole))), WELL)
    assert rank(status) >= rank(before), reasons


@SUITE
@given(data=st.data(), wrong=wrong_answers())
def test_a_wrong_answer_does_not_become_right_by_a_cut(tmp_path: Path, data: st.DataObject, wrong: Any) -> None:
    whole = data.draw(transcripts(data.draw(st.sampled_from(DIALECTS)), wrong))
    assert judged(at(tmp_path, whole), WELL)[0] == "failed"
    cut = data.draw(damaged(whole, ways=("cut", "cut line", "double line")))
    assert judged(at(tmp_path, cut), WELL)[0] == "failed"


@SUITE
@given(data=st.data())
def test_every_damaged_recording_gives_a_row_and_is_watched_alike(tmp_path: Path, data: st.DataObject) -> None:
    names = ["codex/08_full_turn", "claude/07_bash", "gemini/07_shell", "opencode/07_bash", "claude/12_api_429"]
    name = data.draw(st.sampled_from(names))
    path = at(tmp_path, data.draw(damaged(recording(name))))
    status, reasons = judged(path, process_of(name))
    assert status == "success" or reasons
    watcher = Watcher(path, Limits())
    for size in range(0, path.stat().st_size, 997):
        watcher(size)
    usage = read_transcript(path).usage
    assert (watcher.finish().tokens or 0) >= (usage.output_tokens or 0)


@pytest.mark.parametrize("way", get_args(Way))
def test_each_way_does_something(way: Way) -> None:
    whole = transcript_of("codex_exec", Start(), Run("ls"), Answer(ANSWER))
    made = find(damaged(whole, ways=(way,)), lambda data: data != whole)
    assert isinstance(made, bytes)


def test_a_transcript_may_be_a_file_and_may_be_empty(tmp_path: Path) -> None:
    path = at(tmp_path, b"")
    for way in get_args(Way):
        assert isinstance(find(damaged(path, ways=(way,)), lambda data: True), bytes)
