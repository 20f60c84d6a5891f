"""What a script says in each dialect is what our readers find in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from recorded import ANSWER, judged, kinds

from pytest_subagents.model.outcome import Change as Changed
from pytest_subagents.model.outcome import ProcessEnd, Usage
from pytest_subagents.testing.scripted.speakers.interface import Setting
from pytest_subagents.testing.scripted.speakers.registry import speaker
from pytest_subagents.testing.scripts import transcript_of
from pytest_subagents.testing.steps import (
    Answer,
    Change,
    Deny,
    Die,
    Exit,
    Fail,
    Flood,
    Hang,
    LongLine,
    Raw,
    Retry,
    Run,
    Say,
    Spend,
    Start,
    Step,
    Think,
    Use,
    Wait,
    as_json,
    from_json,
)
from pytest_subagents.testing.transcripts import DIALECTS, steps, transcripts
from pytest_subagents.vendors.dialects.registry import ADDRESSES, dialect
from pytest_subagents.vendors.reading import read_transcript
from pytest_subagents.vendors.turns import Turns

VENDORS = {
    "codex_exec": "codex",
    "claude_stream": "claude",
    "gemini_stream": "gemini",
    "opencode_run": "opencode",
    "subagents_events": "command",
}
WORK: tuple[Step, ...] = (
    Think("hm"),
    Say("I look."),
    Spend(1000, 50, cached_input_tokens=800, usd=0.25),
    Run("ls", output="a.py\n"),
    Run("false", exit_code=1),
    Change("new.py", "x"),
    Change("gone.py", None),
    Use("search", arguments={"q": "x"}, output="found"),
    Spend(2000, 60, cached_input_tokens=1000, usd=0.5),
)


def at(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "run.jsonl"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", DIALECTS)
def test_a_whole_run_is_read_as_what_it_was(tmp_path: Path, name: str) -> None:
    path = at(tmp_path, transcript_of(name, *WORK, Answer(json.loads(ANSWER)), cwd="/run/repo"))
    outcome = read_transcript(path)
    assert judged(path, ProcessEnd(exit_code=0)) == ("success", ())
    assert (outcome.dialects, outcome.vendor) == ((name,), VENDORS[name])
    assert (outcome.unreadable, outcome.foreign, dict(outcome.events).get("Unknown")) == (0, 0, None)
    assert outcome.final is not None
    assert json.loads(outcome.final.text) == json.loads(ANSWER)
    assert outcome.session_id is not None
    assert (outcome.usage.input_tokens, outcome.usage.cached_input_tokens) == (3000, 1800)
    assert outcome.usage.output_tokens == 110
    assert outcome.usage.usd in ((None,) if name in ("codex_exec", "gemini_stream") else (0.75,))


@pytest.mark.parametrize("name", DIALECTS)
def test_files_that_it_changed_are_told(tmp_path: Path, name: str) -> None:
    """`Change` alone does not know what was there before; Claude Code and Gemini have no tool that deletes."""
    told = transcript_of(name, Start(), Change("src/a.py", "x"), Change("b.py", None), Answer(ANSWER), cwd="/run/repo")
    prefix = "" if name in ("claude_stream", "subagents_events") else "/run/repo/"
    gone = () if name in ("claude_stream", "gemini_stream") else (Changed(path=f"{prefix}b.py", kind="delete"),)
    assert read_transcript(at(tmp_path, told)).changes == (*gone, Changed(path=f"{prefix}src/a.py", kind="update"))


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize("kind", ["provider_error", "rate_limit", "auth", "context_limit", "refusal"])
@pytest.mark.parametrize("message", ["", "in words of one's own"])
def test_a_failure_is_of_its_kind(tmp_path: Path, name: str, kind: Any, message: str) -> None:
    failed = transcript_of(name, Run("ls"), Fail(kind, message=message))
    exit_code = speaker(name, Setting()).exit_code(kind)
    status, reasons = judged(at(tmp_path, failed), ProcessEnd(exit_code=exit_code))
    assert exit_code != 0
    assert (status, kinds(reasons)[0]) == ("failed", kind)
    assert message in reasons[0].message


@pytest.mark.parametrize("name", DIALECTS)
def test_a_retry_ends_nothing(tmp_path: Path, name: str) -> None:
    survived = transcript_of(name, Start(), Retry("rate_limit"), Retry("provider_error"), Answer(ANSWER))
    assert judged(at(tmp_path, survived), ProcessEnd(exit_code=0)) == ("success", ())


@pytest.mark.parametrize("name", DIALECTS)
def test_a_refused_tool_is_a_permission(tmp_path: Path, name: str) -> None:
    status, reasons = judged(at(tmp_path, transcript_of(name, Deny("write", message="no"), Answer(ANSWER))))
    assert (status, kinds(reasons)) == ("success", ["permission"])


@pytest.mark.parametrize("name", DIALECTS)
def test_without_an_answer_there_is_no_good_end(tmp_path: Path, name: str) -> None:
    status, reasons = judged(at(tmp_path, transcript_of(name, Start(), Run("ls"), Say("So far."))))
    assert (status, kinds(reasons)[0]) == ("failed", "incomplete")


@pytest.mark.parametrize("name", DIALECTS)
def test_prose_is_an_answer_that_breaks_the_contract(tmp_path: Path, name: str) -> None:
    assert kinds(judged(at(tmp_path, transcript_of(name, Answer("Done."))))[1]) == ["not_json"]


@pytest.mark.parametrize("name", DIALECTS)
def test_unknown_spending_is_unknown_and_not_zero(tmp_path: Path, name: str) -> None:
    usage = read_transcript(at(tmp_path, transcript_of(name, Run("ls"), Answer(ANSWER)))).usage
    assert usage == Usage()


@pytest.mark.parametrize("name", DIALECTS)
def test_turns_are_counted_alike(name: str) -> None:
    data = transcript_of(name, Run("ls"), Run("cat a"), Use("search"), Answer(ANSWER))
    turns, reader = Turns(), dialect(name)
    for number, line in enumerate(data.split(b"\n")[:-1], 1):
        for event in reader.decode(line, number) or ():
            turns.take(event)
    assert turns.count == 4


def test_gemini_cannot_tell_an_answer_from_the_text_before_it() -> None:
    with pytest.raises(ValueError, match="between Say and Answer"):
        transcript_of("gemini_stream", Say("I look."), Answer(ANSWER))
    assert transcript_of("gemini_stream", Say("I look."), Run("ls"), Answer(ANSWER))


def test_raw_text_is_written_as_it_is() -> None:
    assert transcript_of("codex_exec", Raw("{half"), Raw(" a line\n")) == b"{half a line\n"


@pytest.mark.parametrize("step", [Hang(), Exit(1), Die(), Flood(1), LongLine(1), Wait(1), Run("ls", really=True)])
def test_what_does_not_speak_has_no_transcript(step: Step) -> None:
    with pytest.raises(ValueError, match="does not speak"):
        transcript_of("codex_exec", step)


@pytest.mark.parametrize("name", DIALECTS)
def test_every_line_is_claimed_by_its_dialect_alone(name: str) -> None:
    data = transcript_of(name, *WORK, Retry(), Deny("x"), Answer(ANSWER)) + transcript_of(name, Fail("auth"))
    for line in data.split(b"\n")[:-1]:
        record = json.loads(line)
        assert [other for other in ADDRESSES if dialect(other).claims(record)] == [name]


@given(step=steps())
def test_a_step_survives_its_journey(step: Step) -> None:
    assert from_json(json.loads(json.dumps(as_json(step)))) == step


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_transcripts_of_the_strategy_are_successes(tmp_path: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(DIALECTS))
    path = at(tmp_path, data.draw(transcripts(name, json.loads(ANSWER))))
    assert judged(path, ProcessEnd(exit_code=0)) == ("success", ())
    assert read_transcript(path).unreadable == 0


def test_the_same_script_gives_the_same_bytes() -> None:
    for name in DIALECTS:
        assert transcript_of(name, *WORK, Answer(ANSWER)) == transcript_of(name, *WORK, Answer(ANSWER))
