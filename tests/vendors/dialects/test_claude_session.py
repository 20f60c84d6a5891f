"""Claude Code's session files: no line ends a run, and several files may be one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from recorded import ANSWER, decoded, folded, judged, kinds, written

from pytest_subagents.model.event import Message, ModelChange, Notice, TurnStart, Unknown
from pytest_subagents.model.outcome import Change, Outcome
from pytest_subagents.vendors.reading import read_transcript

USAGE = {"input_tokens": 10, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 1000, "output_tokens": 5}


def line(kind: str, **more: Any) -> str:
    given = {"type": kind, "sessionId": "s1", "cwd": "/run/repo", "version": "2.1.197", "isSidechain": False}
    return json.dumps({**given, **more})


def asked(text: object, **more: Any) -> str:
    return line("user", message={"role": "user", "content": text}, **more)


def said(text: str, *, id: str = "m1", stop: str | None = "end_turn", **more: Any) -> str:
    body = {"id": id, "role": "assistant", "model": "opus", "content": [{"type": "text", "text": text}]}
    usage = more.pop("usage", None)
    return line("assistant", message={**body, "stop_reason": stop, "usage": usage}, **more)


def called(tool: str, given: dict[str, object], **more: Any) -> str:
    block = {"type": "tool_use", "id": "t1", "name": tool, "input": given}
    return line(
        "assistant", message={"id": "m0", "role": "assistant", "content": [block], "stop_reason": "tool_use"}, **more
    )


def answered(content: str, *, is_error: bool = False, **more: Any) -> str:
    block = {"type": "tool_result", "tool_use_id": "t1", "content": content, "is_error": is_error}
    return line("user", message={"role": "user", "content": [block]}, **more)


def final(outcome: Outcome) -> str | None:
    return outcome.final.text if outcome.final is not None else None


def test_end_turn_of_the_last_message_ends_the_run(tmp_path: Path) -> None:
    status, reasons = judged(written(tmp_path, asked("Go"), said(ANSWER), line("last-prompt", lastPrompt="Go")))
    assert (status, reasons) == ("success", ())


@pytest.mark.parametrize("stop", [None, "tool_use", "pause_turn"])
def test_anything_else_does_not(tmp_path: Path, stop: str | None) -> None:
    status, reasons = judged(written(tmp_path, asked("Go"), said(ANSWER, stop=stop)))
    assert (status, kinds(reasons)) == ("partial", ["incomplete"])


@pytest.mark.parametrize(("stop", "kind"), [("max_tokens", "output_limit"), ("refusal", "refusal")])
def test_some_ends_are_failures(stop: str, kind: str) -> None:
    failure = folded("claude_session", asked("Go"), said("I", stop=stop)).failure
    assert failure is not None
    assert failure.kind == kind


def test_who_ran_where_stands_on_every_line() -> None:
    outcome = folded("claude_session", asked("Go"), said(ANSWER))
    assert (outcome.session_id, outcome.cli_version, outcome.model, outcome.cwd) == (
        "s1",
        "2.1.197",
        "opus",
        "/run/repo",
    )


def test_one_message_comes_in_several_lines_and_spends_once() -> None:
    pieces = (said(ANSWER[:20], usage=USAGE), said(ANSWER[20:], usage=USAGE))
    outcome = folded("claude_session", asked("Go"), *pieces)
    assert final(outcome) == ANSWER
    assert (outcome.usage.input_tokens, outcome.usage.cached_input_tokens, outcome.usage.output_tokens) == (
        1110,
        100,
        5,
    )


def test_usage_of_several_messages_adds_up() -> None:
    outcome = folded("claude_session", asked("Go"), said("a", usage=USAGE), said("b", id="m2", usage=USAGE))
    assert (outcome.usage.input_tokens, outcome.usage.output_tokens) == (2220, 10)


def test_older_files_count_a_messages_tokens_while_they_come() -> None:
    growing = [{**USAGE, "output_tokens": tokens} for tokens in (1, 1, 9)]
    outcome = folded("claude_session", asked("Go"), *(said("a", usage=usage) for usage in growing))
    assert (outcome.usage.input_tokens, outcome.usage.output_tokens) == (1110, 9)


def test_a_question_begins_a_turn_and_a_tools_result_does_not() -> None:
    lines = (
        asked("Go"),
        said("first"),
        asked("And now?"),
        called("Bash", {"command": "ls"}),
        answered("x"),
        said(ANSWER),
    )
    assert sum(isinstance(event, TurnStart) for event in decoded("claude_session", *lines)) == 2
    assert final(folded("claude_session", *lines)) == ANSWER
    assert folded("claude_session", *lines[:3]).end is None
    assert folded("claude_session", *lines[:3]).final is None


def test_a_question_with_a_picture_begins_a_turn() -> None:
    question = asked([{"type": "text", "text": "What is this?"}, {"type": "image", "source": {}}])
    assert folded("claude_session", asked("Go"), said(ANSWER), question).final is None


def test_what_the_program_tells_the_model_begins_no_turn() -> None:
    outcome = folded("claude_session", asked("Go"), said(ANSWER), asked("caveat", isMeta=True))
    assert final(outcome) == ANSWER


def test_a_last_message_without_a_text_is_an_empty_answer(tmp_path: Path) -> None:
    thought = line("assistant", message={"id": "m9", "content": [{"type": "thinking"}], "stop_reason": "end_turn"})
    early = (asked("Go"), said(ANSWER, stop="tool_use"), called("Bash", {"command": "ls"}), answered("x"), thought)
    status, reasons = judged(written(tmp_path, *early))
    assert (status, kinds(reasons)) == ("failed", ["no_message"])
    assert judged(written(tmp_path, *early, said(ANSWER, id="m9")))[0] == "success"


def test_a_structured_answer_that_was_taken_is_the_answer_and_the_end(tmp_path: Path) -> None:
    """claude/15d_json_schema_invalid_forever and 15_json_schema, as they are on disk"""
    bad, good = called("StructuredOutput", {"status": "great"}), called("StructuredOutput", json.loads(ANSWER))
    refused = (asked("Go"), bad, answered("Output does not match required schema", is_error=True))
    assert judged(written(tmp_path, *refused))[0] == "failed"
    assert judged(written(tmp_path, *refused, good))[0] == "failed"
    taken = written(tmp_path, *refused, good, answered("Structured output provided successfully"))
    assert judged(taken)[0] == "success"
    assert judged(written(tmp_path, *taken.read_text().splitlines(), asked("And now?")))[0] == "failed"


LOCAL = (
    asked("<local-command-caveat>Caveat: ...</local-command-caveat>", isMeta=True),
    asked("<command-name>/cost</command-name>\n<command-message>cost</command-message>"),
    asked("<local-command-stdout>$0.10</local-command-stdout>"),
    asked("<bash-input>ls</bash-input>"),
    asked("<bash-stdout>x</bash-stdout><bash-stderr></bash-stderr>"),
)
"""What a person typed for the program and not for the model."""
REVIEW = asked("<command-message>review</command-message>\n<command-name>/review</command-name>")


def test_what_a_person_does_beside_the_model_takes_no_answer_back(tmp_path: Path) -> None:
    status, _ = judged(written(tmp_path, asked("Go"), said(ANSWER), *LOCAL))
    assert status == "success"


@pytest.mark.parametrize(
    "then", [(), (asked("Review the diff.", isMeta=True),), (said("on it", id="m2", stop=None),)], ids=range(3)
)
def test_a_command_for_the_model_begins_a_turn(then: tuple[str, ...], tmp_path: Path) -> None:
    status, reasons = judged(written(tmp_path, asked("Go"), said(ANSWER), *LOCAL, REVIEW, *then))
    assert status == "failed"
    assert "incomplete" in kinds(reasons)
    done = written(tmp_path, asked("Go"), said("first"), REVIEW, *then, said(ANSWER, id="m3"))
    assert judged(done)[0] == "success"


def test_an_interrupted_run_was_killed() -> None:
    interrupted = asked([{"type": "text", "text": "[Request interrupted by user for tool use]"}])
    failure = folded("claude_session", asked("Go"), said("x", stop=None), interrupted).failure
    assert failure is not None
    assert failure.kind == "killed"


def test_an_api_error_is_no_answer() -> None:
    error = said("API Error: 529 Overloaded", id="m2", stop="stop_sequence", isApiErrorMessage=True, error="rate_limit")
    outcome = folded("claude_session", asked("Go"), error)
    assert outcome.failure is not None
    assert (outcome.failure.kind, outcome.final, outcome.end) == ("rate_limit", None, None)
    recovered = folded("claude_session", asked("Go"), error, said(ANSWER, id="m3"))
    assert recovered.failure is None
    assert recovered.end is not None


def test_sidechains_among_the_lines_are_subagents() -> None:
    """1.x"""
    side: dict[str, Any] = {"isSidechain": True}
    lines = (
        asked("Go"),
        called("Task", {"prompt": "look"}),
        asked("look", **side),
        called("Write", {"file_path": "/run/repo/x.py"}, **side),
        answered("File created successfully at: /run/repo/x.py", **side),
        said("theirs", id="m9", usage=USAGE, **side),
        said(ANSWER, id="m2", usage=USAGE),
    )
    outcome = folded("claude_session", *lines)
    assert final(outcome) == ANSWER
    assert outcome.changes == (Change(path="x.py", kind="add"),)
    assert outcome.usage.output_tokens == 10
    assert final(folded("claude_session", *lines[:-1])) is None


def test_a_subagents_own_file_is_a_transcript(tmp_path: Path) -> None:
    """2.x: every line of it is a sidechain"""
    side: dict[str, Any] = {"isSidechain": True, "agentId": "a1"}
    assert judged(written(tmp_path, asked("look", **side), said(ANSWER, **side)))[0] == "success"


def test_subagents_beside_their_parent_are_part_of_it(tmp_path: Path) -> None:
    parent = written(tmp_path, asked("Go"), said(ANSWER, usage=USAGE), name="s1.jsonl")
    folder = tmp_path / "s1" / "subagents"
    folder.mkdir(parents=True)
    side: dict[str, Any] = {"isSidechain": True, "agentId": "a1"}
    child = written(
        folder,
        asked("look", **side),
        called("Write", {"file_path": "/run/repo/y.py"}, **side),
        answered("File created successfully", **side),
        called("Bash", {"command": "rm -rf /"}, **side),
        answered("Permission to use Bash has been denied", is_error=True, **side),
        said("theirs", usage=USAGE, **side),
        name="agent-a1.jsonl",
    )
    outcome = read_transcript(parent, (child,))
    assert final(outcome) == ANSWER
    assert outcome.changes == (Change(path="y.py", kind="add"),)
    assert [denial.tool for denial in outcome.denials] == ["Bash"]
    assert outcome.usage.input_tokens == 2220
    alone = read_transcript(parent)
    assert (alone.changes, alone.usage.input_tokens) == ((), 1110)


def test_a_child_that_cannot_be_read_changes_nothing(tmp_path: Path) -> None:
    parent = written(tmp_path, asked("Go"), said(ANSWER))
    assert read_transcript(parent, (tmp_path / "none.jsonl", tmp_path)) == read_transcript(parent)


@pytest.mark.parametrize("kind", ["attachment", "queue-operation", "pr-link", "mode", "ai-title", "permission-mode"])
def test_lines_without_a_message_decide_nothing(kind: str) -> None:
    assert decoded("claude_session", asked("Go"), said(ANSWER), line(kind))[-2] == Notice(line=3, message=kind)


def test_a_summary_has_no_session() -> None:
    assert decoded("claude_session", '{"type":"summary","summary":"x","leafUuid":"u"}') == [
        Notice(line=1, message="summary")
    ]


def test_unknown_types_are_kept() -> None:
    assert Unknown(line=1, name="from_the_future") in decoded("claude_session", line("from_the_future"))


def test_a_model_is_named_when_it_changes() -> None:
    models = [
        event for event in decoded("claude_session", said("a"), said("b", id="m2")) if isinstance(event, ModelChange)
    ]
    assert len(models) == 1


@pytest.mark.parametrize(
    "content", ["plain text", ["wow error"], [{"type": "text", "text": None}], {"a": 1}, None, [{"type": "hologram"}]]
)
def test_drifted_content_is_still_a_line(content: object) -> None:
    assert decoded("claude_session", asked("Go"), asked(content))


def test_a_message_that_is_a_string_is_text() -> None:
    body = {"role": "assistant", "content": ANSWER, "stop_reason": "end_turn"}
    events = decoded("claude_session", asked("Go"), line("assistant", message=body))
    assert any(isinstance(event, Message) and event.text == ANSWER for event in events)
