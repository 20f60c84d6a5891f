"""Gemini CLI's stream: the traps, with the recordings where they were seen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from recorded import ANSWER, decoded, folded, judged, kinds, process_of, recording, written

from pytest_subagents.model.event import Command, Failure, Notice, Subagent, Unknown
from pytest_subagents.model.outcome import Change, Outcome, ProcessEnd
from pytest_subagents.vendors.reading import iter_events, read_transcript

INIT = '{"type":"init","timestamp":"2026-11-20T15:14:28.952Z","session_id":"g1","model":"gemini-2.5-flash"}'
DONE = '{"type":"result","timestamp":"t","status":"success","stats":{"input_tokens":9,"cached":4,"output_tokens":2}}'


def piece(text: str) -> str:
    return json.dumps({"type": "message", "timestamp": "t", "role": "assistant", "content": text, "delta": True})


def final(outcome: Outcome) -> str | None:
    return outcome.final.text if outcome.final is not None else None


def test_the_answer_is_all_pieces_since_the_last_tool_call() -> None:
    """gemini/07_shell: "Counting." comes before the call"""
    outcome = read_transcript(recording("gemini/07_shell"))
    assert json.loads(final(outcome) or "")["summary"] == "Two issues found"
    assert outcome.final is not None
    assert outcome.final.line == 16


def test_a_raw_line_separator_in_a_piece_is_text() -> None:
    """gemini/17_nonascii"""
    outcome = read_transcript(recording("gemini/17_nonascii"))
    assert "\u2028" in (final(outcome) or "")
    assert outcome.unreadable == 0


def test_a_retried_stream_that_repeats_its_text_is_no_answer() -> None:
    """No line says that the text begins again, and what was said twice was said twice."""
    outcome = folded("gemini_stream", INIT, piece(ANSWER), piece(ANSWER), DONE)
    assert final(outcome) == ANSWER * 2


def test_what_was_said_before_the_last_tool_call_is_no_answer(tmp_path: Path) -> None:
    use = '{"type":"tool_use","timestamp":"t","tool_name":"read_file","tool_id":"i","parameters":{}}'
    result = '{"type":"tool_result","timestamp":"t","tool_id":"i","status":"success"}'
    status, reasons = judged(written(tmp_path, INIT, piece(ANSWER), use, result, DONE))
    assert (status, kinds(reasons)) == ("failed", ["no_message"])


def test_the_persons_message_is_no_answer() -> None:
    """gemini/11d_api_500_few"""
    assert read_transcript(recording("gemini/11d_api_500_few")).final is None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("gemini/11c_api_401", "auth"),
        ("gemini/11d_api_500_few", "provider_error"),
        ("gemini/12c_api_429_few", "rate_limit"),
    ],
)
def test_failures_are_told_apart(name: str, kind: str) -> None:
    failure = read_transcript(recording(name)).failure
    assert failure is not None
    assert failure.kind == kind


def test_a_result_without_stats_is_an_end() -> None:
    line = '{"type":"result","timestamp":"t","status":"error","error":{"type":"FatalTurnLimitedError","message":"53"}}'
    failure = folded("gemini_stream", INIT, line).failure
    assert failure is not None
    assert failure.kind == "turn_limit"


def test_a_run_that_ends_by_its_limit_of_turns_says_so_by_its_exit_code(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = written(tmp_path_factory.mktemp("run"), INIT, piece("on it"))
    assert kinds(judged(path, ProcessEnd(exit_code=53))[1]) == ["turn_limit"]
    assert kinds(judged(path, ProcessEnd(exit_code=429 % 256))[1]) == ["rate_limit"]
    assert kinds(judged(path, ProcessEnd(exit_code=7))[1]) == ["incomplete", "not_json"]


def test_only_result_ends_a_run() -> None:
    """gemini/13c_sigterm_norelaunch: exit code 0 and no result"""
    status, reasons = judged(recording("gemini/13c_sigterm_norelaunch"), ProcessEnd(exit_code=0))
    assert (status, kinds(reasons)) == ("failed", ["incomplete", "no_message"])


def test_cached_tokens_are_part_of_the_input() -> None:
    usage = folded("gemini_stream", INIT, piece(ANSWER), DONE).usage
    assert (usage.input_tokens, usage.cached_input_tokens, usage.output_tokens, usage.usd) == (9, 4, 2, None)


def test_tools_that_are_not_there_or_not_allowed_are_denials() -> None:
    """gemini/07b_shell_denied and gemini/09_write_outside; an agent that does not exist is none (gemini/10_subagent)"""
    assert [denial.tool for denial in read_transcript(recording("gemini/07b_shell_denied")).denials] == [
        "run_shell_command"
    ]
    assert [denial.tool for denial in read_transcript(recording("gemini/09_write_outside")).denials] == ["write_file"]
    assert read_transcript(recording("gemini/10_subagent")).denials == ()


def test_written_files_are_changes_and_refused_ones_are_not() -> None:
    """gemini/08_write and gemini/09_write_outside"""
    assert read_transcript(recording("gemini/08_write")).changes == (Change(path="/run/repo/new.py", kind="add"),)
    assert read_transcript(recording("gemini/09_write_outside")).changes == ()


def test_a_command_that_fails_is_a_success_here() -> None:
    """gemini/07c_shell_nonzero: `exit 3`, status success, no code"""
    end = [event for event in iter_events(recording("gemini/07c_shell_nonzero")) if isinstance(event, Command)][-1]
    assert (end.command, end.exit_code, end.failed) == ("echo out; exit 3", None, False)


def test_a_subagent_is_a_pair_of_lines() -> None:
    """gemini/10b_subagent_user"""
    pair = [event for event in iter_events(recording("gemini/10b_subagent_user")) if isinstance(event, Subagent)]
    assert [(event.phase, event.failed) for event in pair] == [("start", False), ("end", False)]


def test_the_object_form_is_read() -> None:
    """gemini/21_output_json: pretty-printed, over many lines"""
    outcome = read_transcript(recording("gemini/21_output_json"))
    assert (outcome.dialects, outcome.unreadable) == (("gemini_stream",), 0)
    assert (outcome.usage.input_tokens, outcome.usage.output_tokens) == (2000, 100)
    assert outcome.model == "gemini-2.5-flash"
    assert judged(recording("gemini/21_output_json"), process_of("gemini/21_output_json"))[0] == "success"


def test_the_object_form_of_the_first_versions_names_no_session(tmp_path: Path) -> None:
    record = {"response": ANSWER, "stats": {"models": {}, "tools": {}, "files": {}}}
    path = written(tmp_path, json.dumps(record, indent=2))
    assert judged(path)[0] == "success"
    assert read_transcript(path).session_id is None


def test_the_object_form_of_an_error_is_a_failure() -> None:
    line = '{"session_id":"g","error":{"type":"Error","message":"bad request","code":429}}'
    failure = folded("gemini_stream", line).failure
    assert failure is not None
    assert failure.kind == "rate_limit"


def test_a_second_init_of_the_same_session_is_another_turn() -> None:
    outcome = folded("gemini_stream", INIT, piece(ANSWER), DONE, INIT)
    assert (outcome.final, outcome.end) == (None, None)


def test_documented_error_lines_are_told_by_their_severity() -> None:
    warning = '{"type":"error","timestamp":"t","severity":"warning","message":"slow"}'
    error = '{"type":"error","timestamp":"t","severity":"error","message":"quota"}'
    first, second = decoded("gemini_stream", warning, error)
    assert isinstance(first, Notice)
    assert isinstance(second, Failure)
    assert second.kind == "rate_limit"


@pytest.mark.parametrize(
    "line",
    [
        '{"type":"tool_result","timestamp":"t","tool_id":7,"status":"success"}',
        '{"type":"result","timestamp":"t","status":"success","stats":"none"}',
        '{"type":"tool_use","timestamp":"t","tool_name":["x"],"tool_id":"i"}',
    ],
)
def test_drifted_lines_are_kept(line: str) -> None:
    assert decoded("gemini_stream", line)


def test_unknown_types_are_not_its_lines() -> None:
    from pytest_subagents.vendors.dialects.gemini_stream import GeminiStream

    assert GeminiStream().decode(b'{"type":"from_the_future","timestamp":"t"}', 1) is None
    assert not any(isinstance(event, Unknown) for event in iter_events(recording("gemini/01_success")))
