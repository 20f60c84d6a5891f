"""The old codex stream, Cursor, Copilot, and the dialects that are read as far as they are known."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from recorded import ANSWER, decoded, folded

from pytest_subagents.model.event import Command, Failure, ModelChange, Reasoning, SessionStart, ToolCall, Unknown
from pytest_subagents.model.outcome import Change, Outcome


def final(outcome: Outcome) -> str | None:
    return outcome.final.text if outcome.final is not None else None


def msg(kind: str, **more: object) -> str:
    return json.dumps({"id": "0", "msg": {"type": kind, **more}})


SETTINGS = '{"approval":"never","model":"gpt-5","provider":"openai","sandbox":"read-only","workdir":"/run/repo"}'
PROMPT = '{"prompt":"Review the repository"}'


class TestCodexMsg:
    def test_a_run(self) -> None:
        outcome = folded(
            "codex_msg",
            SETTINGS,
            PROMPT,
            msg("task_started"),
            msg("agent_reasoning", text="hm"),
            msg("agent_reasoning_section_break"),
            msg("exec_command_begin", call_id="c", command=["bash", "-lc", "ls"], cwd="/run/repo"),
            msg("exec_command_end", call_id="c", stdout="x", stderr="", exit_code=0),
            msg("patch_apply_begin", call_id="p", changes={"/run/repo/a.py": {"add": {"content": "x"}}}),
            msg("patch_apply_end", call_id="p", success=True),
            msg("token_count", info={"total_token_usage": {"input_tokens": 9, "output_tokens": 2}}),
            msg("agent_message", message=ANSWER),
            msg("task_complete", last_agent_message=ANSWER),
        )
        assert (final(outcome), outcome.model, outcome.cwd) == (ANSWER, "gpt-5", "/run/repo")
        assert outcome.end is not None
        assert outcome.end.ok
        assert outcome.changes == (Change(path="a.py", kind="add"),)
        assert outcome.usage.input_tokens == 9

    def test_the_first_lines_alone_are_a_run_that_was_cut_off(self) -> None:
        outcome = folded("codex_msg", SETTINGS, PROMPT)
        assert (outcome.end, outcome.final) == (None, None)
        assert isinstance(decoded("codex_msg", SETTINGS)[0], SessionStart)

    def test_pieces_are_replaced_by_the_whole_message(self) -> None:
        pieces = [msg("agent_message_delta", delta=text) for text in ("half ", "of it")]
        assert final(folded("codex_msg", msg("task_started"), *pieces)) == "half of it"
        assert final(folded("codex_msg", msg("task_started"), *pieces, msg("agent_message", message=ANSWER))) == ANSWER

    def test_errors_and_retries_are_told_apart(self) -> None:
        retry, error = decoded("codex_msg", msg("stream_error", message="retrying"), msg("error", message="429"))
        assert isinstance(retry, Failure)
        assert retry.transient
        assert isinstance(error, Failure)
        assert (error.transient, error.kind) == (False, "rate_limit")

    def test_an_approval_that_nobody_gives_is_a_denial(self) -> None:
        outcome = folded("codex_msg", msg("exec_approval_request", call_id="c", command=["rm", "x"]))
        assert [denial.tool for denial in outcome.denials] == ["shell"]

    def test_an_aborted_turn_was_killed(self) -> None:
        failure = folded("codex_msg", msg("turn_aborted", reason="interrupted")).failure
        assert failure is not None
        assert failure.kind == "killed"

    def test_unknown_messages_are_kept(self) -> None:
        assert decoded("codex_msg", msg("from_the_future")) == [Unknown(line=1, name="from_the_future")]


def cursor(kind: str, **more: object) -> str:
    return json.dumps({"type": kind, "session_id": "c1", **more})


def cursor_said(text: str, **more: object) -> str:
    return cursor("assistant", message={"role": "assistant", "content": [{"type": "text", "text": text}]}, **more)


CURSOR_INIT = cursor(
    "system", subtype="init", apiKeySource="login", cwd="/run/repo", model="Auto", permissionMode="default"
)


def cursor_tool(
    name: str, args: Mapping[str, object], result: Mapping[str, object] | None, phase: str = "completed"
) -> str:
    call = {name: {"args": args, **({} if result is None else {"result": result})}}
    return cursor("tool_call", subtype=phase, call_id="call_1\nfc_1", tool_call=call)


class TestCursor:
    def test_the_last_message_is_the_answer_and_the_result_is_not(self) -> None:
        result = cursor(
            "result", subtype="success", is_error=False, result="I will." + ANSWER, request_id="r", duration_ms=5
        )
        outcome = folded("cursor_stream", CURSOR_INIT, cursor_said("I will."), cursor_said(ANSWER), result)
        assert (final(outcome), outcome.vendor, outcome.duration_ms) == (ANSWER, None, 5)
        assert outcome.end is not None
        assert outcome.end.ok

    def test_a_result_without_a_message_is_all_there_is(self) -> None:
        result = cursor("result", subtype="success", is_error=False, result=ANSWER, request_id="r")
        assert final(folded("cursor_stream", CURSOR_INIT, result)) == ANSWER

    def test_an_error_is_a_failure(self) -> None:
        result = cursor("result", subtype="error", is_error=True, result="rate limit", request_id="r")
        failure = folded("cursor_stream", CURSOR_INIT, result).failure
        assert failure is not None
        assert failure.kind == "rate_limit"

    def test_tool_calls_are_lines_of_their_own(self) -> None:
        done = {"success": {"exitCode": 3, "stdout": "out", "stderr": "err"}}
        (command,) = decoded("cursor_stream", cursor_tool("shellToolCall", {"command": "ls"}, done))
        assert isinstance(command, Command)
        assert (command.command, command.exit_code, command.output, command.failed) == ("ls", 3, "outerr", True)
        (begun,) = decoded("cursor_stream", cursor_tool("shellToolCall", {"command": "ls"}, None, "started"))
        assert isinstance(begun, Command)
        assert begun.phase == "start"

    def test_edits_are_changes_and_rejected_ones_denials(self) -> None:
        edit = cursor_tool("editToolCall", {"path": "/run/repo/a.py"}, {"success": {}})
        rejected = cursor_tool("editToolCall", {"path": "/run/repo/b.py"}, {"rejected": {"reason": "no"}})
        outcome = folded("cursor_stream", CURSOR_INIT, edit, rejected)
        assert outcome.changes == (Change(path="a.py", kind="update"),)
        assert [(denial.tool, denial.message) for denial in outcome.denials] == [("edit", "no")]

    def test_thoughts_come_word_by_word(self) -> None:
        (thought,) = decoded("cursor_stream", cursor("thinking", subtype="delta", text="Hm"))
        assert isinstance(thought, Reasoning)


def copilot(kind: str, **data: object) -> str:
    return json.dumps({"type": kind, "data": data, "id": "e1", "timestamp": "t", "parentId": None})


COPILOT_START = copilot("session.start", sessionId="p1", copilotVersion="1.0.77", context={"cwd": "/run/repo"})


class TestCopilot:
    def test_a_run(self) -> None:
        outcome = folded(
            "copilot_events",
            COPILOT_START,
            copilot("session.model_change", newModel="gpt-5"),
            copilot("user.message", content="Go"),
            copilot("assistant.message", content="", toolRequests=[{}]),
            copilot("tool.execution_start", toolCallId="c", toolName="create", arguments={"path": "/run/repo/a.py"}),
            copilot("tool.execution_complete", toolCallId="c", success=True, result={"content": "ok"}),
            copilot("tool.execution_start", toolCallId="d", toolName="bash", arguments={"command": "rm x"}),
            copilot(
                "tool.execution_complete",
                toolCallId="d",
                success=False,
                error={"message": "Permission denied and so on"},
            ),
            copilot("subagent.started", toolCallId="s", agentName="a"),
            copilot("assistant.message", content="theirs", parentToolCallId="s"),
            copilot("subagent.completed", toolCallId="s", agentName="a"),
            copilot("assistant.message", content=ANSWER, toolRequests=[]),
            copilot("session.shutdown", shutdownType="routine"),
        )
        assert (final(outcome), outcome.session_id, outcome.model, outcome.cli_version) == (
            ANSWER,
            "p1",
            "gpt-5",
            "1.0.77",
        )
        assert outcome.end is not None
        assert outcome.end.ok
        assert outcome.changes == (Change(path="a.py", kind="add"),)
        assert [denial.tool for denial in outcome.denials] == ["bash"]

    def test_an_abort_was_a_kill(self) -> None:
        failure = folded("copilot_events", COPILOT_START, copilot("abort", reason="user")).failure
        assert failure is not None
        assert failure.kind == "killed"

    def test_without_a_shutdown_it_has_not_ended(self) -> None:
        assert folded("copilot_events", COPILOT_START, copilot("assistant.message", content=ANSWER)).end is None

    def test_an_error_counts_unless_something_succeeds_after_it(self) -> None:
        error = copilot("session.error", errorType="query", message="x", statusCode=429)
        failed = folded("copilot_events", COPILOT_START, error)
        assert failed.failure is not None
        assert failed.failure.kind == "rate_limit"
        assert (
            folded("copilot_events", COPILOT_START, error, copilot("assistant.message", content=ANSWER)).failure is None
        )

    def test_its_json_output_ends_with_an_exit_code(self) -> None:
        done = '{"type":"result","sessionId":"p1","exitCode":%d}'
        well = folded("copilot_events", COPILOT_START, done % 0)
        assert well.end is not None
        assert well.end.ok
        assert folded("copilot_events", COPILOT_START, done % 1).failure is not None

    def test_unknown_lines_of_a_family_are_kept(self) -> None:
        assert decoded("copilot_events", copilot("skill.invoked")) == [Unknown(line=1, name="skill.invoked")]


class TestAgentCli:
    INIT = '{"type":"init","timestamp":"t","session_id":"ses_1","model":"x/y"}'
    DONE = '{"type":"result","timestamp":"t","session_id":"ses_1","status":"success","duration_ms":5}'
    LOG = '{"type":"log","level":"info","service":"default","message":"x"}'

    def said(self, text: str) -> str:
        content = [{"type": "text", "text": text}]
        return json.dumps({"type": "message", "session_id": "ses_1", "role": "assistant", "content": content})

    def test_the_last_step_of_a_session_is_judged(self) -> None:
        write = {"name": "write", "input": {"filePath": "a.py"}, "tool_use_id": "u"}
        outcome = folded(
            "agent_cli",
            self.LOG,
            self.INIT,
            self.said("On it."),
            json.dumps({"type": "tool_use", "session_id": "ses_1", **write}),
            self.DONE,
            '{"type":"session.idle","level":"info","service":"bus"}',
            self.INIT,
            self.said(ANSWER),
            self.DONE,
            '{"type":"idle","session_id":"ses_1"}',
        )
        assert (final(outcome), outcome.model) == (ANSWER, "x/y")
        assert outcome.end is not None
        assert outcome.end.ok
        assert outcome.changes == (Change(path="a.py", kind="update"),)

    def test_a_log_alone_does_not_end_a_run(self) -> None:
        assert folded("agent_cli", self.LOG, self.INIT).end is None

    def test_a_bad_result_is_a_failure(self) -> None:
        line = '{"type":"result","session_id":"ses_1","status":"error","error":{"message":"429"}}'
        failure = folded("agent_cli", self.INIT, line).failure
        assert failure is not None
        assert failure.kind == "rate_limit"


class TestQwenSession:
    def line(self, kind: str, role: str, *parts: dict[str, object], **more: object) -> str:
        return json.dumps({"sessionId": "q1", "type": kind, "message": {"role": role, "parts": list(parts)}, **more})

    def test_parts_are_messages_thoughts_and_calls(self) -> None:
        outcome = folded(
            "qwen_session",
            self.line("user", "user", {"text": "Go"}, cwd="/run/repo", version="0.21"),
            self.line("assistant", "model", {"text": "hm", "thought": True}, {"text": ANSWER}, model="coder"),
            self.line("assistant", "model", {"functionCall": {"id": "f", "name": "ls"}}),
            self.line("tool_result", "user", {"functionResponse": {"id": "f", "response": {}}}),
        )
        assert (final(outcome), outcome.model, outcome.session_id) == (ANSWER, "coder", "q1")
        assert dict(outcome.events) == {
            "Message": 2, "ModelChange": 1, "Reasoning": 1, "SessionStart": 1, "ToolCall": 2, "TurnStart": 1,
        }  # fmt: skip
        assert outcome.end is None


class TestPiSession:
    SESSION = '{"type":"session","version":3,"id":"i1","cwd":"/run/repo"}'

    def said(self, text: str, stop: str) -> str:
        body = {"role": "assistant", "content": [{"type": "text", "text": text}], "stopReason": stop}
        return json.dumps({"type": "message", "id": "b", "parentId": "a", "message": body})

    @pytest.mark.parametrize(("stop", "ok"), [("stop", True), ("error", False), ("aborted", False), ("toolUse", None)])
    def test_the_last_message_ends_it(self, stop: str, ok: bool | None) -> None:
        outcome = folded("pi_session", self.SESSION, self.said("x", "toolUse"), self.said(ANSWER, stop))
        assert final(outcome) == ANSWER
        assert (outcome.end.ok if outcome.end is not None else None) is ok

    def test_the_model_is_named(self) -> None:
        line = '{"type":"model_change","id":"f","parentId":null,"provider":"p","modelId":"m"}'
        assert decoded("pi_session", line) == [ModelChange(line=1, model="m")]


class TestRoleMessages:
    def line(self, role: str, *blocks: object) -> str:
        return json.dumps({"role": role, "message": {"content": list(blocks)}})

    def test_a_run(self) -> None:
        outcome = folded(
            "role_messages",
            self.line("user", {"type": "text", "text": "Go"}),
            self.line("assistant", {"type": "thinking", "thinking": "hm"}, {"type": "tool_use", "name": "Bash"}),
            self.line("user", {"type": "tool-result", "name": "Bash"}),
            self.line("assistant", {"type": "text", "text": ANSWER}),
            '{"type":"turn_ended","status":"success"}',
        )
        assert final(outcome) == ANSWER
        assert outcome.end is not None
        assert outcome.end.ok
        assert dict(outcome.events)["TurnStart"] == 1

    def test_a_turn_may_end_badly(self) -> None:
        failure = folded("role_messages", '{"type":"turn_ended","status":"error","error":{"message":"401"}}').failure
        assert failure is not None
        assert failure.kind == "auth"

    def test_unknown_blocks_with_text_are_text(self) -> None:
        events = decoded(
            "role_messages", self.line("assistant", {"type": "custom", "text": "x"}, 7, {"type": "tool_call"})
        )
        assert len(events) == 2
        assert isinstance(events[1], ToolCall)
