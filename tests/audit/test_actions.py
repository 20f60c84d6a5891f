"""What events say that an agent did, as lines of an audit log."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_subagents.audit.agent import session_lines
from pytest_subagents.audit.counts import Counts
from pytest_subagents.audit.entry import Entry, encoded
from pytest_subagents.audit.told import Told
from pytest_subagents.model import limits
from pytest_subagents.model.event import (
    AnyEvent,
    Command,
    FileChange,
    Message,
    SessionStart,
    Subagent,
    ToolCall,
    Unknown,
)

START = SessionStart(line=1, session_id="s", cwd="/w")


def lines(*events: AnyEvent, counts: Counts | None = None, told: Told | None = None) -> list[Entry]:
    return list(session_lines((START, *events), counts or Counts(), told or Told()))


def tool(name: str, line: int = 3, **arguments: Any) -> ToolCall:
    return ToolCall(line=line, tool=name, phase="end", arguments=json.dumps(arguments))


def begun(id: str, text: str, line: int = 2) -> Command:
    return Command(line=line, command=text, phase="start", call_id=id)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (FileChange(line=3, path="/w/a.py", kind="add"), {"action": "write", "path": "a.py", "kind": "add"}),
        (
            FileChange(line=3, path="/etc/x", kind="update", failed=True),
            {"action": "write", "path": "/etc/x", "kind": "update", "outside": True, "failed": True},
        ),
        (tool("Read", file_path="/w/a.py"), {"action": "read", "path": "a.py", "tool": "Read"}),
        (tool("grep_search", path="src"), {"action": "search", "path": "src", "tool": "grep_search"}),
        (tool("LS", path="src"), {"action": "list", "path": "src/*", "tool": "LS"}),
        (tool("Read", file_path="~/.ssh/x"), {"action": "read", "path": "~/.ssh/x", "tool": "Read", "outside": True}),
        (tool("mcp__x__y", path="a"), {"action": "tool", "tool": "mcp__x__y"}),
        (tool("Task", prompt="x"), {"action": "delegate", "tool": "Task"}),
        (tool("exec_command", cmd="true"), {"action": "command", "command": "true"}),
        (tool("shell", command=["echo", "a b"]), {"action": "command", "command": "echo 'a b'"}),
        (Subagent(line=3, agent_id="k", phase="start"), {"action": "delegate", "subagent": "k"}),
        (
            ToolCall(line=3, tool="shell", phase="end", arguments="rm x", failed=True, denied=True),
            {"action": "command", "command": "rm x", "failed": True, "denied": True},
        ),
        (
            ToolCall(line=3, tool="Edit", phase="end", failed=True, denied=True),
            {"action": "tool", "tool": "Edit", "failed": True, "denied": True},
        ),
    ],
)  # fmt: skip
def test_one_event(event: AnyEvent, expected: Entry) -> None:
    assert lines(event) == [{**expected, "line": 3}]


def test_a_command_and_what_it_reads() -> None:
    end = Command(line=5, command="", phase="end", exit_code=1, failed=True, call_id="1")
    assert lines(begun("1", "cat a.py /etc/hosts"), end) == [
        {
            "action": "command",
            "command": "cat a.py /etc/hosts",
            "line": 5,
            "begun": 2,
            "exit_code": 1,
            "failed": True,
        },
        {"action": "read", "path": "a.py", "by": "command", "line": 5, "failed": True},
        {"action": "read", "path": "/etc/hosts", "by": "command", "line": 5, "failed": True, "outside": True},
    ]


def test_what_is_not_understood_is_counted_and_marked() -> None:
    counts = Counts()
    end = Command(line=3, command="./x.sh < a.txt", phase="end", exit_code=0)
    first, second = lines(end, tool("mcp__x"), Unknown(line=4, name="x"), counts=counts)[:2]
    assert first["understood"] is False
    assert (counts.ran, counts.commands, counts.tools, counts.unknown) == (1, 1, 1, 1)
    assert "told" not in second


def test_a_refused_command_reads_nothing() -> None:
    counts = Counts()
    end = ToolCall(line=3, tool="Bash", phase="end", failed=True, denied=True, call_id="1")
    (line,) = lines(begun("1", "cat a.py"), end, counts=counts)
    assert line["command"] == "cat a.py"
    assert line["denied"] is True
    assert counts.ran == 0


def test_a_call_that_is_told_twice_is_one_line() -> None:
    """A session file of Codex has the end of a command, and that of the tool that ran it."""
    end = Command(line=3, command="true", phase="end", exit_code=0, call_id="1")
    again = ToolCall(line=4, tool="exec_command", phase="end", call_id="1")
    assert len(lines(begun("1", "true"), end, again)) == 1
    assert len(lines(begun("1", "true"), end, ToolCall(line=4, tool="x", phase="end", call_id="1", denied=True))) == 2


def test_an_id_that_is_given_twice_hides_nothing() -> None:
    counts = Counts()
    found = lines(begun("1", "first"), begun("1", "second"), begun("1", "second"), counts=counts)
    assert [(line["command"], line["ended"]) for line in found] == [("first", False), ("second", False)]
    assert counts.unended == 2


def test_paths_of_tools_after_a_shell_that_moved_are_not_sure() -> None:
    counts = Counts()
    moved = Command(line=2, command="cd src", phase="end", exit_code=0)
    found = lines(moved, tool("Read", file_path="a.py"), tool("Read", file_path="/w/b.py"), counts=counts)
    assert [line.get("unsure", False) for line in found] == [False, True, False]
    assert counts.moved == 1


def test_more_open_calls_than_are_followed() -> None:
    counts = Counts()
    found = lines(*(begun(str(n), f"cat {n}") for n in range(limits.OPEN_CALLS + 3)), counts=counts)
    assert counts.unfollowed == 3
    assert sum(line["action"] == "command" for line in found) == limits.OPEN_CALLS


def test_long_texts_are_cut() -> None:
    (line,) = lines(Command(line=3, command="x" * (limits.AUDIT_TEXT_CHARS + 1), phase="end", exit_code=0))
    assert line["cut"] is True
    assert line["command"] == "x" * limits.AUDIT_TEXT_CHARS


def test_nothing_in_a_line_is_obeyed_by_a_terminal() -> None:
    line = encoded({"command": "\x1b[31m\n\r\x7f\x9b\u202e\u2028é\ud800"[:-1]})
    assert line == b'{"command": "\\u001b[31m\\n\\r\\u007f\\u009b\\u202e\\u2028\\u00e9"}\n'


texts = st.text(st.characters(), max_size=12) | st.sampled_from(["cat a.py", "cd src", "/w/a", "../x", "~", "\x1b\n"])
ids = st.none() | st.sampled_from(["", "1", "2", "3"])
phases = st.sampled_from(["start", "end"])
arguments = st.just("") | st.dictionaries(st.sampled_from(["file_path", "path", "pattern", "cmd"]), texts).map(
    json.dumps
)
tools = st.sampled_from(["Read", "Grep", "Glob", "LS", "Task", "Edit", "shell", "exec_command", "mcp__x"]) | texts
events: st.SearchStrategy[AnyEvent] = st.one_of(
    st.builds(SessionStart, line=st.just(0), cwd=st.none() | texts),
    st.builds(Message, line=st.just(0), text=texts),
    st.builds(
        Command,
        line=st.just(0),
        command=texts,
        phase=phases,
        exit_code=st.none() | st.integers(),
        failed=st.booleans(),
        call_id=ids,
        parent=st.none() | texts,
    ),
    st.builds(
        ToolCall,
        line=st.just(0),
        tool=tools,
        phase=phases,
        arguments=arguments | texts,
        failed=st.booleans(),
        denied=st.booleans(),
        call_id=ids,
    ),
    st.builds(FileChange, line=st.just(0), path=texts, kind=st.sampled_from(["add", "update", "delete", "rename"])),
    st.builds(Subagent, line=st.just(0), agent_id=texts, phase=phases),
    st.builds(Unknown, line=st.just(0), name=texts),
)


def _numbered(found: Iterable[AnyEvent]) -> list[AnyEvent]:
    return [msgspec.structs.replace(event, line=number) for number, event in enumerate(found, 1)]


@given(st.lists(events, max_size=30))
def test_any_events_give_lines_in_their_order_that_are_json(found: list[AnyEvent]) -> None:
    numbered = _numbered(found)
    counts = Counts()
    made = list(session_lines(numbered, counts, Told()))
    assert made == list(session_lines(numbered, Counts(), Told()))
    for line in made:
        text = encoded(line)
        assert json.loads(text) == line
        assert text.endswith(b"\n")
        assert all(0x20 <= byte < 0x7F for byte in text[:-1])
    told_as_ended = [int(str(line["line"])) for line in made if line.get("ended", True)]
    assert told_as_ended == sorted(told_as_ended)
    assert sum(isinstance(event, FileChange) for event in found) == sum(line["action"] == "write" for line in made)
    assert counts.ran == sum(line["action"] == "command" and "denied" not in line for line in made)
