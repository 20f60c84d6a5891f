"""`codex exec --json`: the traps of its stream, with the recordings where they were seen."""

from __future__ import annotations

import json

import pytest
from recorded import ANSWER, decoded, folded, judged, kinds, process_of, recording

from pytest_subagents.model.event import (
    AnyEvent,
    Command,
    End,
    Failure,
    FileChange,
    Message,
    Notice,
    Reasoning,
    SessionStart,
    Subagent,
    Todo,
    ToolCall,
    TurnStart,
    Unknown,
    Usage,
)
from pytest_subagents.model.outcome import Change
from pytest_subagents.vendors.reading import iter_events, read_transcript

THREAD = '{"type":"thread.started","thread_id":"t1"}'
TURN = '{"type":"turn.started"}'
DONE = '{"type":"turn.completed","usage":{"input_tokens":10,"cached_input_tokens":4,"output_tokens":2}}'


def said(text: str, **more: object) -> str:
    return json.dumps(
        {"type": "item.completed", "item": {"id": "item_0", "type": "agent_message", "text": text, **more}}
    )


def events_of(name: str) -> list[AnyEvent]:
    return list(iter_events(recording(name)))


def test_every_kind_of_item_of_a_full_turn_becomes_an_event() -> None:
    """codex/08_full_turn"""
    found = {type(event) for event in events_of("codex/08_full_turn")}
    assert found == {SessionStart, TurnStart, Reasoning, Todo, Command, Message, Usage, End}


def test_the_last_message_of_the_turn_is_the_answer() -> None:
    """codex/07_many_messages: notes before it, one that looks like JSON"""
    final = read_transcript(recording("codex/07_many_messages")).final
    assert final is not None
    assert json.loads(final.text)["summary"] == "Reviewed the change; two notes."
    assert final.line == 10


def test_a_retried_stream_repeats_its_answer() -> None:
    retry = '{"type":"error","message":"Reconnecting... 1/2 (stream disconnected before completion)"}'
    outcome = folded("codex_exec", THREAD, TURN, said("half an ans"), retry, said(ANSWER), DONE)
    assert outcome.final is not None
    assert outcome.final.text == ANSWER
    assert outcome.failure is None


def test_retry_notices_end_nothing() -> None:
    """codex/12d_connection_refused: four of them and no end"""
    outcome = read_transcript(recording("codex/12d_connection_refused"))
    assert outcome.end is None
    assert outcome.failure is None
    assert outcome.notice.startswith("Reconnecting... waiting for network")


def test_a_failing_turn_says_its_error_twice() -> None:
    """codex/12_http_500: an `error` line, then the same text in `turn.failed`"""
    outcome = read_transcript(recording("codex/12_http_500"))
    assert outcome.failure is not None
    assert (outcome.failure.kind, outcome.failure.line) == ("provider_error", 6)
    _, reasons = judged(recording("codex/12_http_500"), process_of("codex/12_http_500"))
    assert kinds(reasons) == ["provider_error"]


def test_an_error_line_after_which_the_turn_completes_is_forgotten() -> None:
    error = '{"type":"error","message":"We are currently experiencing high demand"}'
    outcome = folded("codex_exec", THREAD, TURN, error, said(ANSWER), DONE)
    assert outcome.failure is None
    assert outcome.end is not None
    assert outcome.end.ok


def test_an_error_line_behind_the_end_takes_nothing_back() -> None:
    error = '{"type":"error","message":"failed to shut down"}'
    outcome = folded("codex_exec", THREAD, TURN, said(ANSWER), DONE, error)
    assert outcome.failure is None
    assert outcome.notice == "failed to shut down"
    again = folded("codex_exec", THREAD, TURN, said(ANSWER), DONE, TURN, error)
    assert again.failure is not None


def test_an_error_line_that_is_the_last_word_is_the_failure() -> None:
    error = '{"type":"error","message":"exceeded retry limit, last status: 401 Unauthorized"}'
    outcome = folded("codex_exec", THREAD, TURN, error)
    assert outcome.failure is not None
    assert outcome.failure.kind == "auth"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("codex/13_http_429", "rate_limit"),
        ("codex/13b_http_429_quota", "rate_limit"),
        ("codex/13c_http_429_usage_limit", "rate_limit"),
        ("codex/13e_stream_failed_context", "context_limit"),
        ("codex/30b_missing_key", "auth"),
        ("codex/12e_http_400", "provider_error"),
    ],
)
def test_failures_are_told_apart(name: str, kind: str) -> None:
    failure = read_transcript(recording(name)).failure
    assert failure is not None
    assert failure.kind == kind


def test_a_warning_item_before_the_turn_is_a_notice() -> None:
    """codex/29_unknown_model"""
    notices = [event for event in events_of("codex/29_unknown_model") if isinstance(event, Notice)]
    assert [notice.message[:14] for notice in notices] == ["Model metadata"]


def test_the_key_that_stands_twice_in_a_web_search_does_not_cost_the_line() -> None:
    line = '{"type":"item.completed","item":{"id":"item_0","type":"web_search","id":"ws_1","query":"q"}}'
    (event,) = decoded("codex_exec", line)
    assert isinstance(event, ToolCall)
    assert (event.tool, event.arguments) == ("web_search", "q")


def test_a_turn_may_complete_without_a_message() -> None:
    """codex/23_no_message"""
    outcome = read_transcript(recording("codex/23_no_message"))
    assert outcome.final is None
    assert outcome.end is not None
    assert outcome.end.ok


def test_an_empty_message_is_the_final_one() -> None:
    outcome = folded("codex_exec", THREAD, TURN, said(ANSWER), said(""), DONE)
    assert outcome.final is not None
    assert outcome.final.text == ""


def test_commentary_after_the_answer_wins_as_it_does_in_the_program() -> None:
    outcome = folded("codex_exec", THREAD, TURN, said(ANSWER), said("Anything else?"), DONE)
    assert outcome.final is not None
    assert outcome.final.text == "Anything else?"


def test_a_started_command_may_never_complete() -> None:
    """codex/11f_command_background_no_sandbox"""
    commands = [event for event in events_of("codex/11f_command_background_no_sandbox") if isinstance(event, Command)]
    assert [command.phase for command in commands] == ["start"]


def test_commands_carry_their_output_and_exit_code() -> None:
    """codex/11_command_fails"""
    ended = [
        event for event in events_of("codex/11_command_fails") if isinstance(event, Command) and event.phase == "end"
    ]
    assert [(event.exit_code, event.failed) for event in ended] == [(3, True), (127, True), (137, True)]
    assert ended[0].output == "out\nerr\n"
    assert ended[0].command == "/bin/bash -lc 'echo out; echo err >&2; exit 3'"


def test_an_abandoned_command_is_completed_without_an_exit_code() -> None:
    item = {"type": "command_execution", "command": ["ls"], "status": "completed", "exit_code": None}
    (event,) = decoded("codex_exec", json.dumps({"type": "item.completed", "item": item}))
    assert isinstance(event, Command)
    assert (event.exit_code, event.command) == (None, '["ls"]')


def test_only_completed_changes_are_changes() -> None:
    """codex/09_file_change and codex/09e_file_change_io_error"""
    assert read_transcript(recording("codex/09_file_change")).changes == (
        Change(path="/run/repo/notes/review.md", kind="add"),
        Change(path="/run/repo/old.txt", kind="delete"),
        Change(path="/run/repo/src/app.py", kind="update"),
    )
    assert read_transcript(recording("codex/09e_file_change_io_error")).changes == ()
    failed = [event for event in events_of("codex/09e_file_change_io_error") if isinstance(event, FileChange)]
    assert [event.failed for event in failed] == [True, True]


def test_a_call_that_needs_approval_is_a_denial() -> None:
    """codex/18f_mcp_edge_default_approval; a tool that merely fails is none (codex/18g_mcp_edge_approve)"""
    (denial,) = read_transcript(recording("codex/18f_mcp_edge_default_approval")).denials
    assert (denial.tool, denial.line) == ("lab/plain", 4)
    assert read_transcript(recording("codex/18g_mcp_edge_approve")).denials == ()


def test_a_declined_command_is_a_denial_on_both_ways_of_reading() -> None:
    line = '{"type":"item.completed","item":{"id":"i","type":"command_execution","command":"rm x","status":"declined"}}'
    outcome = folded("codex_exec", THREAD, TURN, line)
    assert [(denial.tool, denial.message) for denial in outcome.denials] == [("shell", "rm x")]


def test_subagents_show_their_states() -> None:
    """codex/19_collab_v1 and codex/19a_collab_v1_child_fails"""
    agents = [event for event in events_of("codex/19_collab_v1") if isinstance(event, Subagent)]
    assert agents[0].phase == "start"
    assert any(agent.answer == "child done: 1 file read" for agent in agents)
    failed = [event for event in events_of("codex/19a_collab_v1_child_fails") if isinstance(event, Subagent)]
    assert any(agent.failed for agent in failed)


def test_usage_is_the_threads_running_total() -> None:
    """codex/22b_resume_last and the process that resumed it: 1200, then 2400"""
    first = read_transcript(recording("codex/22b_resume_last")).usage
    second = read_transcript(recording("codex/22b_resume_last__second")).usage
    assert (first.input_tokens, second.input_tokens) == (1200, 2400)
    assert (second.cached_input_tokens, second.output_tokens, second.usd) == (2000, 180, None)


def test_usage_of_several_turns_is_replaced() -> None:
    later = '{"type":"turn.completed","usage":{"input_tokens":30,"output_tokens":5}}'
    outcome = folded("codex_exec", THREAD, TURN, said("a"), DONE, TURN, said("b"), later)
    assert (outcome.usage.input_tokens, outcome.usage.cached_input_tokens) == (30, None)


def test_zeros_for_a_review_are_not_known() -> None:
    """codex/31_review"""
    usage = read_transcript(recording("codex/31_review")).usage
    assert (usage.input_tokens, usage.output_tokens) == (None, None)


def test_the_last_turn_of_the_last_thread_is_judged() -> None:
    failed = '{"type":"turn.failed","error":{"message":"boom"}}'
    again = folded("codex_exec", THREAD, TURN, failed, THREAD, TURN, said(ANSWER), DONE)
    assert again.failure is None
    other = folded("codex_exec", THREAD, TURN, said(ANSWER), DONE, '{"type":"thread.started","thread_id":"t2"}', TURN)
    assert (other.final, other.end, other.session_id) == (None, None, "t2")


def test_what_a_resumed_thread_changed_before_is_still_changed() -> None:
    change = (
        '{"type":"item.completed","item":{"type":"file_change","status":"completed",'
        '"changes":[{"path":"a.py","kind":"add"}]}}'
    )
    assert folded("codex_exec", THREAD, TURN, change, THREAD, TURN).changes == (Change(path="a.py", kind="add"),)
    assert folded("codex_exec", THREAD, change, '{"type":"thread.started","thread_id":"t2"}').changes == ()


def test_raw_line_separators_are_text() -> None:
    """U+2028, U+0085 and U+2029 are raw in the stream of codex 0.169."""
    text = '{"status": "success", "summary": "a\u2028b\u0085c\u2029d", "findings": []}'
    line = json.dumps({"type": "item.completed", "item": {"type": "agent_message", "text": text}}, ensure_ascii=False)
    assert len(line.splitlines()) == 4
    outcome = folded("codex_exec", THREAD, TURN, line, DONE)
    assert outcome.final is not None
    assert outcome.final.text == text


def test_the_first_names_of_september_2025_are_understood() -> None:
    outcome = folded(
        "codex_exec",
        '{"type":"session.created","session_id":"s1"}',
        TURN,
        '{"type":"item.completed","item":{"id":"item_0","item_type":"reasoning","text":"hm"}}',
        '{"type":"item.started","item":{"id":"item_1","item_type":"command_execution","command":"ls"}}',
        json.dumps({"type": "item.completed", "item": {"id": "i", "item_type": "assistant_message", "text": ANSWER}}),
        DONE,
    )
    assert outcome.session_id == "s1"
    assert outcome.final is not None
    assert outcome.final.text == ANSWER
    assert dict(outcome.events)["Command"] == 1


@pytest.mark.parametrize("kind", ["image_generation", "from_the_future"])
def test_unknown_items_are_kept_and_counted(kind: str) -> None:
    line = json.dumps({"type": "item.completed", "item": {"id": "item_1", "type": kind, "text": "x"}})
    outcome = folded("codex_exec", THREAD, TURN, line, said(ANSWER), DONE)
    assert dict(outcome.events)["Unknown"] == 1
    assert outcome.final is not None
    (event,) = decoded("codex_exec", line)
    assert event == Unknown(line=1, name=kind)


def test_unknown_lines_of_the_family_are_kept() -> None:
    (event,) = decoded("codex_exec", '{"type":"item.plan.delta","delta":"x"}')
    assert event == Unknown(line=1, name="item.plan.delta")


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ('{"type":"item.completed","item":{"type":"agent_message","text":null}}', ""),
        ('{"type":"item.completed","item":{"type":"agent_message","text":["a"]}}', ""),
        ('{"type":"item.completed","item":{"type":"agent_message","text":"a","status":7}}', "a"),
        ('{"type":"item.completed","item":{"type":"agent_message","text":"\\ud800"}}', "\\ud800"),
    ],
)
def test_drifted_messages_are_still_the_last_ones(line: str, text: str) -> None:
    outcome = folded("codex_exec", THREAD, TURN, said(ANSWER), line, DONE)
    assert outcome.final is not None
    assert outcome.final.text == text


def test_bytes_that_are_no_text_cannot_make_an_answer() -> None:
    """The line is not lost, so that no earlier message stands in for it, and no contract accepts what is in it."""
    line = (
        said("x").encode().replace(b'"x"', b'"{\\"status\\":\\"success\\",\\"summary\\":\\"\xff\\",\\"findings\\":[]}"')
    )
    outcome = folded("codex_exec", THREAD, TURN, said(ANSWER), line, DONE)
    assert outcome.final is not None
    assert outcome.final.text == '{"status":"success","summary":"\\udcff","findings":[]}'


@pytest.mark.parametrize(
    "usage", ["null", "7", '"many"', "[]", '{"input_tokens":"12"}', '{"input_tokens":null}', '{"input_tokens":NaN}']
)
def test_drifted_usage_does_not_cost_the_end(usage: str) -> None:
    outcome = folded("codex_exec", THREAD, TURN, said(ANSWER), f'{{"type":"turn.completed","usage":{usage}}}')
    assert outcome.end is not None
    assert outcome.end.ok


def test_counts_that_cannot_be_are_not_known() -> None:
    line = '{"type":"turn.completed","usage":{"input_tokens":-1,"output_tokens":123456789012345678901234567890}}'
    assert folded("codex_exec", THREAD, TURN, line).usage.input_tokens is None
    assert folded("codex_exec", THREAD, TURN, line).usage.output_tokens is None


def test_failures_without_an_object_are_failures() -> None:
    (event,) = decoded("codex_exec", '{"type":"turn.failed","error":"no quota left"}')
    assert event == End(line=1, ok=False, failure="rate_limit", message="no quota left")
    (event,) = decoded("codex_exec", '{"type":"turn.failed"}')
    assert event == End(line=1, ok=False, failure="provider_error", message="")


def test_transient_and_lasting_errors_are_told_apart() -> None:
    first, second = decoded(
        "codex_exec", '{"type":"error","message":"Reconnecting... 2/5"}', '{"type":"error","message":"x"}'
    )
    assert isinstance(first, Failure)
    assert first.transient
    assert isinstance(second, Failure)
    assert not second.transient
