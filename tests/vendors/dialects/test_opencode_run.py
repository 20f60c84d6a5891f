"""OpenCode's stream: the traps, with the recordings where they were seen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from recorded import ANSWER, decoded, folded, judged, kinds, recording, written

from pytest_subagents.model.event import Command, Reasoning, Subagent, Todo
from pytest_subagents.model.outcome import Change, Outcome, ProcessEnd
from pytest_subagents.vendors.reading import iter_events, read_transcript


def line(kind: str, part: Mapping[str, object], session: str = "ses_1") -> str:
    return json.dumps({"type": kind, "timestamp": 1, "sessionID": session, "part": part})


def said(text: str) -> str:
    return line("text", {"type": "text", "text": text})


def step(reason: str | None = "stop", **tokens: object) -> str:
    part: dict[str, object] = {"type": "step-finish", "tokens": tokens or None, "cost": 0.5}
    return line("step_finish", part if reason is None else {**part, "reason": reason})


def tool(name: str, given: dict[str, object], **state: object) -> str:
    return line("tool_use", {"tool": name, "callID": "c1", "state": {"status": "completed", "input": given, **state}})


START = line("step_start", {"type": "step-start"})
ERROR = '{"type":"error","sessionID":"ses_1","error":{"name":"APIError","data":{"message":"m","statusCode":%s}}}'


def final(outcome: Outcome) -> str | None:
    return outcome.final.text if outcome.final is not None else None


def test_the_last_text_is_the_answer_and_stop_ends_the_run() -> None:
    """opencode/07_bash"""
    outcome = read_transcript(recording("opencode/07_bash"))
    assert json.loads(final(outcome) or "")["summary"] == "Two issues found"
    assert outcome.end is not None
    assert outcome.end.ok
    assert outcome.session_id is not None


def test_a_last_step_without_a_text_is_an_empty_answer(tmp_path: Path) -> None:
    early = (START, said(ANSWER), tool("read", {}), step("tool-calls"), START)
    status, reasons = judged(written(tmp_path, *early, step()))
    assert (status, kinds(reasons)) == ("failed", ["no_message"])
    assert judged(written(tmp_path, *early, said(ANSWER), step()))[0] == "success"


@pytest.mark.parametrize("reason", ["tool-calls", "unknown", None])
def test_no_other_reason_ends_it_well(reason: str | None) -> None:
    assert folded("opencode_run", START, said(ANSWER), step(reason)).end is None


def test_a_rejected_permission_stops_the_run_with_exit_code_0() -> None:
    """opencode/09_write_outside"""
    outcome = read_transcript(recording("opencode/09_write_outside"))
    assert (outcome.end, outcome.final, outcome.changes) == (None, None, ())
    assert [denial.tool for denial in outcome.denials] == ["write"]


def test_a_tool_that_was_taken_away_is_a_denial() -> None:
    """opencode/07b_bash_denied: it comes as a completed call of the tool `invalid`"""
    (denial,) = read_transcript(recording("opencode/07b_bash_denied")).denials
    assert denial.tool == "bash"


def test_an_error_is_the_failure_unless_something_succeeds_after_it() -> None:
    """opencode/11_api_500 and its relatives have nothing after it"""
    failed = read_transcript(recording("opencode/11_api_500"))
    assert failed.failure is not None
    assert failed.end is None
    recovered = folded("opencode_run", ERROR % 500, START, said(ANSWER), step())
    assert recovered.failure is None


@pytest.mark.parametrize(("status", "kind"), [(401, "auth"), (429, "rate_limit"), (500, "provider_error")])
def test_failures_are_told_apart_by_their_status(status: int, kind: str) -> None:
    failure = folded("opencode_run", ERROR % status).failure
    assert failure is not None
    assert failure.kind == kind


def test_an_error_that_ends_a_step_stays_the_failure() -> None:
    failure = folded("opencode_run", START, ERROR % 429, step("error")).failure
    assert failure is not None
    assert failure.kind == "rate_limit"


def test_an_answer_that_was_cut_by_the_limit_of_tokens(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = written(tmp_path_factory.mktemp("run"), START, said(ANSWER[:30]), step("length"))
    status, reasons = judged(path, ProcessEnd(exit_code=0))
    assert status == "failed"
    assert {"output_limit", "not_json"} <= set(kinds(reasons))


def test_usage_is_the_sum_of_all_steps() -> None:
    """opencode/08_write_edit: three steps of 1000 and 50"""
    usage = read_transcript(recording("opencode/08_write_edit")).usage
    assert (usage.input_tokens, usage.output_tokens) == (3000, 150)
    assert usage.usd == pytest.approx(0.0033)


def test_cached_input_is_input_and_reasoning_is_output() -> None:
    tokens = {"input": 10, "output": 5, "reasoning": 3, "cache": {"read": 100, "write": 20}}
    apart = folded("opencode_run", step("stop", **tokens, total=138)).usage
    assert (apart.input_tokens, apart.cached_input_tokens, apart.output_tokens) == (130, 100, 8)
    within = folded("opencode_run", step("stop", **tokens, total=135)).usage
    assert within.output_tokens == 5
    untold = folded("opencode_run", step("stop", **tokens)).usage
    assert untold.output_tokens == 8


def test_written_files_are_changes() -> None:
    """opencode/08_write_edit"""
    assert read_transcript(recording("opencode/08_write_edit")).changes == (
        Change(path="/run/repo/new.py", kind="add"),
    )


def test_a_patch_names_its_files() -> None:
    files = [{"filePath": "a.py", "type": "add"}, {"filePath": "b.py", "type": "delete"}]
    outcome = folded("opencode_run", tool("apply_patch", {"patchText": "x"}, metadata={"files": files}))
    assert outcome.changes == (Change(path="a.py", kind="add"), Change(path="b.py", kind="delete"))


def test_a_failed_write_is_no_change() -> None:
    state = {"status": "error", "error": "file not found"}
    assert folded("opencode_run", tool("edit", {"filePath": "a.py"}, **state)).changes == ()


def test_a_command_has_its_exit_code_though_its_status_is_completed() -> None:
    """opencode/07d_bash_nonzero"""
    (command,) = [event for event in iter_events(recording("opencode/07d_bash_nonzero")) if isinstance(event, Command)]
    assert (command.command, command.exit_code, command.failed) == ("echo out; exit 3", 3, True)


def test_a_subagents_answer_is_in_its_output() -> None:
    output = '<task id="x" state="completed"><task_result>found two</task_result></task>'
    call = tool("task", {"description": "look"}, output=output, metadata={"sessionId": "ses_9"})
    (_, agent) = decoded("opencode_run", call)
    assert isinstance(agent, Subagent)
    assert (agent.agent_id, agent.answer, agent.phase) == ("ses_9", "found two", "end")


def test_a_list_of_tasks_is_counted() -> None:
    todos = [{"status": "completed"}, {"status": "pending"}]
    (_, todo) = decoded("opencode_run", tool("todowrite", {"todos": todos}))
    assert isinstance(todo, Todo)
    assert (todo.done, todo.total) == (1, 2)


def test_thoughts_are_no_answer() -> None:
    """opencode/16_thinking: they mention another status"""
    assert json.loads(final(read_transcript(recording("opencode/16_thinking"))) or "")["status"] == "success"
    assert any(isinstance(event, Reasoning) for event in iter_events(recording("opencode/16_thinking")))


def test_another_session_in_the_file_is_another_run() -> None:
    again = [line("step_start", {}, "ses_2"), line("text", {"text": ANSWER}, "ses_2")]
    outcome = folded("opencode_run", START, said("first"), step(), *again)
    assert (outcome.session_id, final(outcome), outcome.end) == ("ses_2", ANSWER, None)


def test_a_step_after_the_end_is_another_turn() -> None:
    outcome = folded("opencode_run", START, said(ANSWER), step(), START)
    assert (outcome.final, outcome.end) == (None, None)


def test_a_model_that_never_stops_is_not_stopped() -> None:
    """opencode/14_steps: 97 calls for steps=2"""
    outcome = read_transcript(recording("opencode/14_steps"))
    assert (outcome.end, outcome.lines) == (None, 291)


@pytest.mark.parametrize(
    "part",
    [
        {"text": None},
        {"text": 7},
        {"text": "a", "time": "late"},
        {"text": "a", "tokens": [1]},
        {"text": "a", "state": "x"},
    ],
)
def test_drifted_parts_are_still_read(part: dict[str, object]) -> None:
    assert folded("opencode_run", START, said(ANSWER), line("text", part), step()).final is not None


def test_unknown_types_are_kept() -> None:
    outcome = folded("opencode_run", line("hologram", {"x": 1}), said(ANSWER), step())
    assert dict(outcome.events)["Unknown"] == 1


def test_a_step_that_ended_with_an_error_failed() -> None:
    """Seen in a published log; the error line before it says more."""
    outcome = folded("opencode_run", said(ANSWER), step("error"))
    assert outcome.failure is not None
    assert outcome.failure.kind == "provider_error"
    error = {"name": "APIError", "data": {"message": "quota exhausted", "statusCode": 429}}
    told = json.dumps({"type": "error", "timestamp": 1, "sessionID": "ses_1", "error": error})
    outcome = folded("opencode_run", told, step("error"))
    assert outcome.failure is not None
    assert (outcome.failure.kind, outcome.failure.message) == ("rate_limit", "quota exhausted")
