"""Claude Code's stream: the traps, with the recordings where they were seen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from recorded import ANSWER, decoded, folded, judged, kinds, process_of, recording, written

from pytest_subagents.model.event import Command, End, Failure, Message, Notice, Reasoning, Subagent, ToolCall, Unknown
from pytest_subagents.model.outcome import Change, Outcome
from pytest_subagents.vendors.reading import iter_events, read_transcript

INIT = '{"type":"system","subtype":"init","session_id":"s1","cwd":"/run/repo","model":"opus","tools":[],"uuid":"u"}'


def said(text: str, *, id: str = "m1", parent: str | None = None, **more: object) -> str:
    message = {"id": id, "type": "message", "role": "assistant", "content": [{"type": "text", "text": text}]}
    return json.dumps(
        {"type": "assistant", "message": message, "parent_tool_use_id": parent, "session_id": "s1", **more}
    )


def called(tool: str, given: dict[str, object], *, id: str = "t1", parent: str | None = None) -> str:
    block = {"type": "tool_use", "id": id, "name": tool, "input": given}
    message = {"id": "m-" + id, "role": "assistant", "content": [block]}
    return json.dumps({"type": "assistant", "message": message, "parent_tool_use_id": parent, "session_id": "s1"})


def answered(content: object, *, id: str = "t1", **more: object) -> str:
    block = {"type": "tool_result", "tool_use_id": id, "content": content, **more}
    return json.dumps({"type": "user", "message": {"role": "user", "content": [block]}, "parent_tool_use_id": None})


def ended(result: object = ANSWER, **more: object) -> str:
    line = {"type": "result", "subtype": "success", "is_error": False, "num_turns": 1, "result": result}
    return json.dumps({**line, "session_id": "s1", **more})


def final(outcome: Outcome) -> str | None:
    return outcome.final.text if outcome.final is not None else None


def test_init_says_who_runs_where() -> None:
    """claude/24_worktree"""
    outcome = read_transcript(recording("claude/24_worktree"))
    assert (outcome.vendor, outcome.cli_version, outcome.model) == ("claude", "2.1.197", "claude-opus-4-8[1m]")
    assert outcome.cwd == "/run/repo/.claude/worktrees/feat"


def test_one_message_comes_in_several_lines() -> None:
    outcome = folded("claude_stream", INIT, said('{"status": "success", "summ'), said('ary": "x", "findings": []}'))
    assert final(outcome) == '{"status": "success", "summary": "x", "findings": []}'


def test_a_result_that_holds_only_the_first_piece_is_completed() -> None:
    """anthropics/claude-code#78686"""
    pieces = ('{"status": "success", ', '"summary": "x", "findings": []}')
    outcome = folded("claude_stream", INIT, said(pieces[0]), said(pieces[1]), ended(pieces[0]))
    assert final(outcome) == "".join(pieces)
    empty = folded("claude_stream", INIT, said(ANSWER), ended(""))
    assert final(empty) == ANSWER


def test_the_result_stands_where_the_message_only_leads_up_to_it() -> None:
    outcome = folded("claude_stream", INIT, said("Let me summarise."), said(ANSWER), ended(ANSWER))
    assert final(outcome) == ANSWER


def test_an_empty_result_after_a_tool_is_no_message() -> None:
    """claude/17b_empty; text from before the tool call does not stand in for it"""
    assert final(read_transcript(recording("claude/17b_empty"))) == ""
    outcome = folded("claude_stream", INIT, said(ANSWER), called("Bash", {"command": "ls"}), answered("x"), ended(""))
    assert final(outcome) == ""


def test_a_message_without_text_ends_the_one_before(tmp_path: Path) -> None:
    """Found by fuzzing: no result line of the tool in between, so that only the new message's id tells."""
    lines = (INIT, said(ANSWER), called("Write", {"file_path": "/run/repo/x"}), ended(""))
    assert final(folded("claude_stream", *lines)) == ""
    assert final(read_transcript(written(tmp_path, *lines))) == ""


def test_an_answer_may_be_in_structured_output_only() -> None:
    """claude/15_json_schema: validated by the vendor, and no assistant text at all"""
    outcome = read_transcript(recording("claude/15_json_schema"))
    assert outcome.final is not None
    assert outcome.final.structured
    assert json.loads(outcome.final.text)["summary"] == "schema ok"
    prose = folded("claude_stream", INIT, said("Done."), ended("Done.", structured_output={"status": "success"}))
    assert json.loads(final(prose) or "") == {"status": "success"}


def test_structured_output_is_judged_as_it_was_written() -> None:
    """Keys that stand twice are the contract's to refuse, so that they must reach it."""
    line = ended("x").replace('"result": "x"', '"result": "x", "structured_output": {"status":"a","status":"b"}')
    assert final(folded("claude_stream", INIT, line)) == '{"status":"a","status":"b"}'


def test_success_with_is_error_is_a_failure() -> None:
    """claude/11b_api_500: `subtype: success`, `is_error: true`"""
    outcome = read_transcript(recording("claude/11b_api_500"))
    assert outcome.end is not None
    assert not outcome.end.ok
    assert outcome.final is None


def test_an_error_whose_text_is_a_valid_answer_is_an_error(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = written(tmp_path_factory.mktemp("run"), INIT, said(ANSWER), ended(ANSWER, is_error=True))
    status, reasons = judged(path)
    assert (status, kinds(reasons)) == ("failed", ["provider_error"])


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("claude/11_api_529", "provider_error"),
        ("claude/12_api_429", "rate_limit"),
        ("claude/14_max_turns", "turn_limit"),
        ("claude/15d_json_schema_invalid_forever", "contract"),
        ("claude/19_auth_401", "auth"),
        ("claude/19c_model_404", "provider_error"),
        ("claude/19d_credit_400", "rate_limit"),
        ("claude/19f_403", "auth"),
        ("claude/20d_connection_refused", "provider_error"),
        ("claude/22c_bad_resume", "launch"),
        ("claude/22d_no_key", "auth"),
        ("claude/13c_sigint", "killed"),
        ("claude/13h_sigint_midstream", "killed"),
    ],
)
def test_failures_are_told_apart(name: str, kind: str) -> None:
    failure = read_transcript(recording(name)).failure
    assert failure is not None
    assert failure.kind == kind


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (ended(None, subtype="error_max_budget_usd", is_error=True), "budget"),
        (ended("Prompt is too long", is_error=True, api_error_status=400), "context_limit"),
        (ended("I will not.", is_error=True, stop_reason="refusal"), "refusal"),
        (ended("API Error: Claude's response exceeded the 32000 output token maximum.", is_error=True), "output_limit"),
        (ended(None, subtype="error_from_the_future", is_error=True, errors=[]), "provider_error"),
    ],
)
def test_failures_that_were_not_recorded(line: str, kind: str) -> None:
    failure = folded("claude_stream", INIT, line).failure
    assert failure is not None
    assert failure.kind == kind


@pytest.mark.parametrize(
    "error", ["429 Too Many Requests", {"message": "rate limit reached"}], ids=["Amp", "Qwen Code"]
)
def test_a_result_may_tell_its_error_in_one(error: object) -> None:
    line = json.dumps({"type": "result", "subtype": "error_during_execution", "is_error": True, "error": error})
    failure = folded("claude_stream", line).failure
    assert failure is not None
    assert failure.kind == "rate_limit"


def test_the_name_of_a_synthetic_messages_error_is_kept() -> None:
    synthetic = said("Something.", error="authentication_failed")
    failure = folded("claude_stream", INIT, synthetic, ended("Something.", is_error=True)).failure
    assert failure is not None
    assert failure.kind == "auth"
    alone = folded("claude_stream", INIT, synthetic)
    assert alone.failure is not None
    assert alone.final is None


def test_a_failing_subagent_does_not_fail_the_run() -> None:
    outcome = folded("claude_stream", INIT, said("API Error: 400", parent="t1", error="unknown"), said(ANSWER), ended())
    assert outcome.failure is None
    assert final(outcome) == ANSWER


def test_retries_are_notices() -> None:
    """claude/12b_429_recovers"""
    outcome = read_transcript(recording("claude/12b_429_recovers"))
    assert outcome.failure is None
    (retry,) = [event for event in iter_events(recording("claude/12b_429_recovers")) if isinstance(event, Failure)]
    assert (retry.transient, retry.message) == (True, "API retry 1 of 10: 429 rate_limit")


def test_the_model_that_took_over_is_named() -> None:
    """claude/26_fallback_model"""
    assert read_transcript(recording("claude/26_fallback_model")).model == "claude-haiku-4-5"


def test_a_foreground_subagents_text_is_no_answer() -> None:
    """claude/10_subagents: their answers come in tool results"""
    outcome = read_transcript(recording("claude/10_subagents"))
    assert json.loads(final(outcome) or "")["summary"] == "aggregated from 2 agents"
    agents = [event for event in iter_events(recording("claude/10_subagents")) if isinstance(event, Subagent)]
    assert [agent.phase for agent in agents].count("start") == 2


def test_a_background_subagents_text_is_no_answer() -> None:
    outcome = folded("claude_stream", INIT, said("mine", id="a"), said("theirs", id="b", parent="t1"))
    assert final(outcome) == "mine"


def test_a_background_task_wakes_the_agent_after_its_first_result() -> None:
    """claude/07e_bash_background: two inits and two results of one session"""
    outcome = read_transcript(recording("claude/07e_bash_background"))
    assert dict(outcome.events)["SessionStart"] == 1
    assert dict(outcome.events)["TurnStart"] == 1
    assert outcome.usage.usd == pytest.approx(0.01875)
    late = folded("claude_stream", INIT, said("Waiting."), ended("Waiting."), INIT, said(ANSWER, id="m2"), ended())
    assert final(late) == ANSWER


def test_the_last_turn_counts_even_when_it_does_not_end() -> None:
    outcome = folded("claude_stream", INIT, said(ANSWER), ended(), INIT)
    assert (outcome.final, outcome.end) == (None, None)


def test_cost_and_tokens_are_those_of_the_last_result_with_its_subagents() -> None:
    """claude/10g_subagent_cheap_model: three models"""
    usage = read_transcript(recording("claude/10g_subagent_cheap_model")).usage
    assert (usage.input_tokens, usage.output_tokens, usage.usd) == (4000, 200, 0.0175)


def test_cached_input_is_input() -> None:
    usage = {"inputTokens": 10, "cacheReadInputTokens": 100, "cacheCreationInputTokens": 1000, "outputTokens": 5}
    outcome = folded("claude_stream", INIT, ended(modelUsage={"opus": usage}, total_cost_usd=0.5))
    assert (outcome.usage.input_tokens, outcome.usage.cached_input_tokens) == (1110, 100)
    main = {"input_tokens": 1, "cache_read_input_tokens": 2, "cache_creation_input_tokens": 4, "output_tokens": 8}
    older = folded("claude_stream", INIT, ended(usage=main))
    assert (older.usage.input_tokens, older.usage.cached_input_tokens, older.usage.usd) == (7, 2, None)


def test_a_run_that_was_killed_has_no_usage() -> None:
    """claude/13_sigkill: `usage` of an assistant line is that of the start of the message"""
    usage = read_transcript(recording("claude/13_sigkill")).usage
    assert (usage.input_tokens, usage.output_tokens, usage.usd) == (None, None, None)


def test_changes_are_relative_to_the_working_directory() -> None:
    """claude/08_write_edit: written, then edited; claude/10b_subagent_tools: by a subagent"""
    assert read_transcript(recording("claude/08_write_edit")).changes == (Change(path="out/new.py", kind="add"),)
    assert read_transcript(recording("claude/10b_subagent_tools")).changes == (Change(path="b.out", kind="add"),)


def test_a_failed_edit_changes_nothing() -> None:
    """claude/08b_edit_error"""
    assert read_transcript(recording("claude/08b_edit_error")).changes == ()


@pytest.mark.parametrize(
    "name", ["claude/07c_bash_denied", "claude/09b_write_default_mode", "claude/09c_write_dontask"]
)
def test_a_denial_is_listed_once(name: str) -> None:
    (denial,) = read_transcript(recording(name)).denials
    assert denial.line == 3
    assert denial.message


def test_a_denial_that_only_the_result_tells_is_listed() -> None:
    denied = [{"tool_name": "WebFetch", "tool_use_id": "t9", "tool_input": {}}]
    outcome = folded("claude_stream", INIT, said(ANSWER), ended(permission_denials=denied))
    assert [(denial.tool, denial.line) for denial in outcome.denials] == [("WebFetch", 3)]


def test_commands_have_their_output_and_exit_code() -> None:
    """claude/07b_bash_nonzero"""
    start, end = [event for event in iter_events(recording("claude/07b_bash_nonzero")) if isinstance(event, Command)]
    assert (start.phase, start.command) == ("start", "echo out; echo err >&2; exit 3")
    assert (end.phase, end.exit_code, end.failed) == ("end", 3, True)


@pytest.mark.parametrize(
    ("content", "text"),
    [("plain", "plain"), ([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], "a\nb"), (None, "")],
)
def test_tool_results_are_text_or_blocks(content: object, text: str) -> None:
    _, end = decoded("claude_stream", called("Grep", {"pattern": "x"}), answered(content))
    assert isinstance(end, ToolCall)
    assert (end.tool, end.output, end.failed) == ("Grep", text, False)


def test_thinking_is_not_text() -> None:
    """claude/17d_thinking: it mentions another status"""
    outcome = read_transcript(recording("claude/17d_thinking"))
    assert json.loads(final(outcome) or "")["summary"] == "after thinking"
    assert any(isinstance(event, Reasoning) for event in iter_events(recording("claude/17d_thinking")))


def test_the_early_contract_does_not_win() -> None:
    outcome = folded(
        "claude_stream",
        INIT,
        said("early", id="a"),
        called("Bash", {"command": "ls"}),
        answered("x"),
        said(ANSWER, id="b"),
    )
    assert final(outcome) == ANSWER


def test_hooks_may_come_before_init() -> None:
    hook = '{"type":"system","subtype":"hook_started","hook_name":"SessionStart:startup","session_id":"s1","uuid":"u"}'
    (event,) = decoded("claude_stream", hook)
    assert event == Notice(line=1, message="hook_started: SessionStart:startup")
    assert folded("claude_stream", hook, INIT, said(ANSWER), ended()).session_id == "s1"


def test_pieces_of_the_api_stream_are_no_messages() -> None:
    """claude/10f_subagent_partial_msgs and claude/13h_sigint_midstream"""
    assert dict(read_transcript(recording("claude/10f_subagent_partial_msgs")).events)["Message"] == 3
    delta = '{"type":"stream_event","event":{"type":"content_block_delta"},"session_id":"s","uuid":"u"}'
    assert decoded("claude_stream", delta) == []


def test_a_line_of_two_hundred_kilobytes_is_a_line() -> None:
    """claude/17_nonascii: with raw and escaped separators in it"""
    outcome = read_transcript(recording("claude/17_nonascii"))
    assert outcome.lines == 6
    assert outcome.final is not None
    assert len(outcome.final.text) > 200_000
    status, _ = judged(recording("claude/17_nonascii"), process_of("claude/17_nonascii"))
    assert status == "success"


def test_an_array_of_all_lines_is_read() -> None:
    """claude/21e_output_json_verbose"""
    outcome = read_transcript(recording("claude/21e_output_json_verbose"))
    assert (outcome.dialects, outcome.lines, outcome.unreadable) == (("claude_stream",), 1, 0)
    assert outcome.cli_version == "2.1.197"


def test_one_result_object_is_read(tmp_path_factory: pytest.TempPathFactory) -> None:
    """`--output-format json` without `--verbose`"""
    path = written(tmp_path_factory.mktemp("run"), ended(), end=b"")
    assert judged(path)[0] == "success"


def test_a_pretty_printed_array_is_read(tmp_path_factory: pytest.TempPathFactory) -> None:
    """As claude-code-action keeps it"""
    lines = [json.loads(line) for line in (INIT, said(ANSWER), ended())]
    path = written(tmp_path_factory.mktemp("run"), json.dumps(lines, indent=2))
    assert judged(path)[0] == "success"
    assert read_transcript(path).unreadable == 0


def test_unknown_blocks_and_subtypes_are_kept() -> None:
    block = {"type": "hologram", "x": 1}
    line = json.dumps({"type": "assistant", "message": {"id": "m", "content": [block, {"type": "text", "text": "a"}]}})
    message, unknown = decoded("claude_stream", line)
    assert isinstance(message, Message)
    assert unknown == Unknown(line=1, name="hologram")
    (notice,) = decoded("claude_stream", '{"type":"system","subtype":"from_the_future","session_id":"s","uuid":"u"}')
    assert notice == Notice(line=1, message="from_the_future")


@pytest.mark.parametrize(
    "changes",
    [
        {"is_error": "false"},
        {"is_error": 0},
        {"duration_ms": "fast"},
        {"usage": []},
        {"modelUsage": {"opus": 7}},
        {"total_cost_usd": "much"},
        {"permission_denials": {"a": 1}},
        {"errors": "none"},
        {"api_error_status": "none"},
    ],
)
def test_a_drifted_field_does_not_cost_the_result(changes: dict[str, object]) -> None:
    outcome = folded("claude_stream", INIT, said(ANSWER), ended(**changes))
    assert outcome.end is not None
    assert outcome.end.ok
    assert final(outcome) == ANSWER


def test_what_cannot_be_a_number_is_not_known() -> None:
    line = ended().replace('"num_turns": 1', '"num_turns": 1, "total_cost_usd": NaN, "duration_ms": -5')
    outcome = folded("claude_stream", INIT, line)
    assert (outcome.usage.usd, outcome.duration_ms) == (None, None)
    assert isinstance(decoded("claude_stream", line)[-1], End)


def test_open_calls_do_not_pile_up() -> None:
    from pytest_subagents.model import limits
    from pytest_subagents.vendors.dialects.claude_stream import ClaudeStream

    reader = ClaudeStream()
    for number in range(3 * limits.OPEN_CALLS):
        reader.decode(called("Bash", {"command": "x"}, id=f"t{number}").encode(), number)
    assert len(reader._calls.open) <= limits.OPEN_CALLS
