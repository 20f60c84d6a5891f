"""Codex' session files, of the same runs as the recordings of its stdout."""

from __future__ import annotations

import json

import pytest
from recorded import ANSWER, decoded, folded, judged, kinds, recording, session_file

from pytest_subagents.model.event import Command, Message, Notice, Subagent, ToolCall, Unknown
from pytest_subagents.model.outcome import Change, Outcome, ProcessEnd
from pytest_subagents.vendors.reading import iter_events, read_transcript

BOTH = [
    "01_success", "07_many_messages", "08_full_turn", "09e_file_change_io_error", "10_outside_refused",
    "10d_sandbox_denied_commands", "11_command_fails", "12e_http_400", "13_http_429", "14_disconnect", "15_sigkill",
    "16_timeout_sigterm", "16b_timeout_sigint", "17_output_schema", "18b_mcp", "19_collab_v1",
    "19a_collab_v1_child_fails", "24_commentary_phase", "25_code_mode",
]  # fmt: skip


def line(kind: str, payload: dict[str, object]) -> str:
    return json.dumps({"timestamp": "t", "type": kind, "payload": payload})


def event(kind: str, **payload: object) -> str:
    return line("event_msg", {"type": kind, **payload})


def meta(id: str, **more: object) -> str:
    return line("session_meta", {"id": id, "cwd": "/run/repo", "cli_version": "0.50.0", **more})


TASK = event("task_started", turn_id="x")


def final(outcome: Outcome) -> str | None:
    return outcome.final.text if outcome.final is not None else None


@pytest.mark.parametrize("name", BOTH)
def test_a_session_file_says_what_the_stream_of_the_same_run_says(name: str) -> None:
    session, stream = read_transcript(session_file(name)), read_transcript(recording(f"codex/{name}"))
    assert final(session) == final(stream)
    assert session.session_id == stream.session_id
    assert session.dialects == ("codex_session",)
    if stream.failure is not None:
        assert session.failure is not None
        assert session.failure.kind == stream.failure.kind
    if stream.usage.input_tokens is not None:
        assert session.usage == stream.usage


def test_it_knows_what_stdout_lacks() -> None:
    """The model, the version, the duration, and the usage of a run that failed"""
    outcome = read_transcript(session_file("14_disconnect"))
    assert (outcome.model, outcome.cli_version, outcome.cwd) == ("gpt-5.5", "0.169.0", "/run/repo")
    assert (outcome.usage.input_tokens, outcome.duration_ms) == (1200, 828)


def test_a_resumed_session_is_judged_by_its_last_turn() -> None:
    """22d_resume_after_sigkill: killed, then resumed in the same file"""
    resumed = read_transcript(session_file("22d_resume_after_sigkill"))
    assert final(resumed) == final(read_transcript(recording("codex/22d_resume_after_sigkill__second")))
    assert resumed.end is not None


def test_commentary_is_no_answer() -> None:
    """24_commentary_phase has it before the answer; here it comes after it"""
    outcome = folded(
        "codex_session",
        meta("a"),
        TASK,
        event("agent_message", message=ANSWER, phase="final_answer"),
        event("agent_message", message="Anything else?", phase="commentary"),
    )
    assert final(outcome) == ANSWER


def test_no_end_is_a_killed_run() -> None:
    """15_sigkill"""
    status, reasons = judged(session_file("15_sigkill"), ProcessEnd())
    assert (status, kinds(reasons)) == ("failed", ["incomplete", "not_json"])


def test_an_aborted_turn_was_killed() -> None:
    """16b_timeout_sigint"""
    failure = read_transcript(session_file("16b_timeout_sigint")).failure
    assert failure is not None
    assert (failure.kind, failure.message) == ("killed", "the turn was aborted (interrupted)")


def test_refused_patches_are_told_here() -> None:
    """10_outside_refused: twice, and nothing of it on stdout"""
    denials = read_transcript(session_file("10_outside_refused")).denials
    assert [denial.tool for denial in denials] == ["apply_patch", "apply_patch"]
    assert read_transcript(recording("codex/10_outside_refused")).denials == ()


def test_a_command_that_talks_of_rejection_was_not_refused() -> None:
    output = "Chunk ID: 1\nProcess exited with code 1\nOutput:\npatch rejected: see log\n"
    call = line("response_item", {"type": "function_call_output", "call_id": "c", "output": output})
    assert folded("codex_session", meta("a"), call).denials == ()


def test_messages_come_once_though_they_are_written_twice() -> None:
    """01_success: an item and a response item"""
    messages = [found for found in iter_events(session_file("01_success")) if isinstance(found, Message)]
    assert [message.role for message in messages].count("assistant") == 1


@pytest.mark.parametrize(
    "lines",
    [
        (
            event("agent_message", message=ANSWER),
            line(
                "response_item",
                {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": ANSWER}]},
            ),
        ),
        (
            line(
                "response_item",
                {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": ANSWER}]},
            ),
        ),
        (event("item_completed", item={"type": "AgentMessage", "content": [{"type": "Text", "text": ANSWER}]}),),
        (event("agent_message_delta", delta=ANSWER[:9]), event("agent_message_delta", delta=ANSWER[9:])),
        (event("task_complete", last_agent_message=ANSWER),),
    ],
)
def test_the_layouts_of_all_ages_give_the_same_answer(lines: tuple[str, ...]) -> None:
    assert final(folded("codex_session", meta("a"), TASK, *lines)) == ANSWER


def test_old_commands_and_patches_are_read() -> None:
    outcome = folded(
        "codex_session",
        meta("a"),
        TASK,
        event("exec_command_begin", call_id="c", command=["bash", "-lc", "ls"]),
        event("exec_command_end", call_id="c", stdout="x", stderr="", exit_code=2),
        event("patch_apply_begin", call_id="p", changes={"/run/repo/a.py": {"add": {"content": "x"}}}),
        event("patch_apply_end", call_id="p", success=True),
        event("patch_apply_end", call_id="q", success=False, changes={"/run/repo/b.py": {"type": "add"}}),
        event(
            "patch_apply_end",
            success=True,
            changes={"/run/repo/c.py": {"type": "update", "move_path": "/run/repo/d.py"}},
        ),
    )
    assert outcome.changes == (
        Change(path="a.py", kind="add"),
        Change(path="c.py", kind="rename"),
        Change(path="d.py", kind="add"),
    )
    assert dict(outcome.events)["Command"] == 2


def test_of_a_shell_only_the_script_is_the_command() -> None:
    """11_command_fails"""
    commands = [found for found in iter_events(session_file("11_command_fails")) if isinstance(found, Command)]
    assert commands[0].command == "echo out; echo err >&2; exit 3"
    assert (commands[0].exit_code, commands[0].failed) == (3, True)


def test_token_counts_may_be_empty() -> None:
    total = {"total_token_usage": {"input_tokens": 5, "cached_input_tokens": 2, "output_tokens": 1}}
    outcome = folded("codex_session", meta("a"), event("token_count", info=total), event("token_count", info=None))
    assert (outcome.usage.input_tokens, outcome.usage.output_tokens) == (5, 1)
    oldest = folded("codex_session", meta("a"), event("token_count", input_tokens=7, output_tokens=2))
    assert oldest.usage.input_tokens == 7


def test_a_fork_replays_its_parents_history_and_keeps_its_own_name() -> None:
    """steipete/CodexBar#2037"""
    outcome = folded("codex_session", meta("child", forked_from_id="parent"), meta("parent"), TASK)
    assert outcome.session_id == "child"


def test_another_session_in_the_file_is_another_run() -> None:
    outcome = folded("codex_session", meta("a"), TASK, event("agent_message", message=ANSWER), meta("b"))
    assert (outcome.session_id, outcome.final) == ("b", None)


def test_subagents_of_both_versions_are_seen() -> None:
    """19_collab_v1 and 19b_collab_v2"""
    first = [found for found in iter_events(session_file("19_collab_v1")) if isinstance(found, Subagent)]
    assert any(agent.answer == "child done: 1 file read" for agent in first)
    second = [found for found in iter_events(session_file("19b_collab_v2")) if isinstance(found, Subagent)]
    assert [agent.phase for agent in second][:2] == ["start", "end"]


def test_the_oldest_files_are_bare_response_items() -> None:
    outcome = folded(
        "codex_session",
        '{"id":"old","timestamp":"2025-06-01T00:00:00Z","instructions":null}',
        '{"record_type":"state"}',
        '{"type":"message","id":null,"role":"user","content":[{"type":"input_text","text":"Go"}]}',
        '{"type":"reasoning","id":"r","summary":[]}',
        '{"type":"function_call","name":"shell","arguments":"{}","call_id":"c"}',
        '{"type":"function_call_output","call_id":"c","output":"{\\"output\\":\\"x\\"}"}',
        json.dumps({"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": ANSWER}]}),
    )
    assert (outcome.session_id, final(outcome)) == ("old", ANSWER)
    assert dict(outcome.events)["ToolCall"] == 2


def test_outputs_have_four_shapes() -> None:
    def output(value: object) -> str:
        return line("response_item", {"type": "function_call_output", "call_id": "c", "output": value})

    found = decoded(
        "codex_session", output("a"), output([{"text": "b"}, {"text": "c"}]), output({"text": "d"}), output(None)
    )
    texts = [one.output for one in found if isinstance(one, ToolCall)]
    assert texts == ["a", "bc", '{"text": "d"}', ""]


def test_unknown_payloads_and_lines_are_kept() -> None:
    assert decoded("codex_session", event("from_the_future")) == [Unknown(line=1, name="from_the_future")]
    future = json.dumps({"timestamp": "t", "ordinal": 4, "type": "from_the_future", "payload": {}})
    assert decoded("codex_session", future) == [Unknown(line=1, name="from_the_future")]
    assert decoded("codex_session", line("world_state", {"full": True})) == [Notice(line=1, message="world_state")]


@pytest.mark.parametrize("payload", ["null", "7", '{"type":["x"]}', '{"type":"agent_message","message":{"a":1}}', "{}"])
def test_drifted_payloads_cost_nothing_else(payload: str) -> None:
    from pytest_subagents.vendors.dialects.codex_session import CodexSession

    CodexSession().decode(f'{{"timestamp":"t","type":"event_msg","payload":{payload}}}'.encode(), 1)


def test_structured_errors_are_classified_by_their_name() -> None:
    error = {"message": "something", "codex_error_info": "context_window_exceeded"}
    failure = folded(
        "codex_session", meta("a"), TASK, event("task_complete", last_agent_message=None, error=error)
    ).failure
    assert failure is not None
    assert failure.kind == "context_limit"
