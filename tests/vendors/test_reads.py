"""What the events of a stream say that an agent read and wrote, whatever its dialect."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded import RECORDINGS, recording

from pytest_subagents.model import limits
from pytest_subagents.model.event import AnyEvent, Command, FileChange, Message, SessionStart, Subagent, ToolCall
from pytest_subagents.model.scope_use import ScopeUse
from pytest_subagents.model.spec import Limits
from pytest_subagents.testing.scripts import transcript_of
from pytest_subagents.testing.steps import Answer, Change, Deny, Run, Step, Use
from pytest_subagents.vendors.reading import iter_events
from pytest_subagents.vendors.reads import Reads
from pytest_subagents.vendors.watching import Watcher

ALL = sorted(RECORDINGS.glob("*/*.jsonl"))
DIALECTS = ("claude_stream", "codex_exec", "gemini_stream", "opencode_run", "subagents_events")


def used(*events: AnyEvent, workspace: str = "/w") -> ScopeUse:
    found = Reads(workspaces=[workspace])
    for event in events:
        found.take(event)
    return found.use()


def tool(name: str, **arguments: Any) -> ToolCall:
    return ToolCall(line=1, tool=name, phase="end", arguments=json.dumps(arguments), call_id="1")


def command(text: str) -> Command:
    return Command(line=1, command=text, phase="end", call_id="1")


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        # Claude Code
        (tool("Read", file_path="/w/src/a.py", offset=1), ScopeUse(read=("src/a.py",))),
        (tool("Read", file_path="/etc/hosts"), ScopeUse(outside=("/etc/hosts",))),
        (tool("Grep", pattern="x", path="/w/src"), ScopeUse(searched=("src",))),
        (tool("Grep", pattern="x"), ScopeUse(searched=("**",))),
        (tool("Grep", pattern="x", path="/w"), ScopeUse(searched=("**",))),
        (tool("Grep", pattern="x", glob="src/**/*.ts"), ScopeUse(searched=("src/**/*.ts",))),
        (tool("Grep", pattern="x", glob="*.ts"), ScopeUse(searched=("**",))),
        (tool("Grep", pattern="x", glob="!src/**"), ScopeUse(searched=("**",))),
        (tool("Glob", pattern="**/*.py"), ScopeUse(listed=("**/*.py",))),
        (tool("Glob", pattern="*.py", path="/w/src"), ScopeUse(listed=("src/*.py",))),
        (tool("LS", path="/w/src"), ScopeUse(listed=("src/*",))),
        (tool("LS", path="/w"), ScopeUse(listed=("*",))),
        (tool("TodoWrite", todos=[]), ScopeUse()),
        (tool("mcp__files__read", path="a"), ScopeUse(unknown=1)),
        (tool("Agent", prompt="x"), ScopeUse(unknown=1)),
        # Gemini CLI
        (tool("read_file", absolute_path="/w/a.md"), ScopeUse(read=("a.md",))),
        (tool("read_file", file_path="a.md"), ScopeUse(read=("a.md",))),
        (tool("read_many_files", paths=["docs/**/*.md", "a.md"]), ScopeUse(searched=("a.md", "docs/**/*.md"))),
        (tool("read_many_files", include=["."]), ScopeUse(searched=("**",))),
        (tool("search_file_content", pattern="x", dir_path="src"), ScopeUse(searched=("src",))),
        (tool("search_file_content", pattern="x", include="src/*.py"), ScopeUse(searched=("src/*.py",))),
        (tool("list_directory", dir_path="src"), ScopeUse(listed=("src/*",))),
        (tool("glob", pattern="*.md", dir_path="docs"), ScopeUse(listed=("docs/*.md",))),
        # OpenCode
        (tool("read", filePath="/w/a.md"), ScopeUse(read=("a.md",))),
        (tool("grep", pattern="x", path="src", include="*.ts"), ScopeUse(searched=("src",))),
        (tool("list", path="/w/src"), ScopeUse(listed=("src/*",))),
        # Any
        (tool("Read"), ScopeUse(unknown=1)),
        (tool("Glob"), ScopeUse(unknown=1)),
        (tool("Read", file_path=["a"]), ScopeUse(unknown=1)),
        (tool("Read", file_path="a[1].py"), ScopeUse(read=("a[1].py",))),
        (tool("Grep", pattern="x", path="a[1]"), ScopeUse(searched=("a[[]1]",))),
        (tool("Read", file_path="<workspace>/a"), ScopeUse(read=("a",))),
        (tool("Read", file_path="../a"), ScopeUse(outside=("../a",))),
        (command("cat a.py && rg x src"), ScopeUse(read=("a.py",), searched=("src",))),
        (command("ls"), ScopeUse(listed=("*",))),
        (command("find . -name a"), ScopeUse(listed=("**",))),
        (command("pytest"), ScopeUse(unknown=1)),
        (FileChange(line=1, path="/w/out.txt", kind="add"), ScopeUse(written=("out.txt",))),
        (FileChange(line=1, path="/w/out.txt", kind="add", failed=True), ScopeUse()),
        (FileChange(line=1, path="/tmp/x", kind="add"), ScopeUse(outside=("/tmp/x",))),
        (Subagent(line=1, agent_id="x", phase="end"), ScopeUse(unknown=1)),
        (Message(line=1, text="cat a.py"), ScopeUse()),
    ],
)
def test_what_one_event_tells(event: AnyEvent, expected: ScopeUse) -> None:
    assert used(event) == expected


@pytest.mark.parametrize("arguments", ["", "{", "[]", "1", '"a"', "\ud800", "[" * 100_000])
def test_arguments_that_are_none_tell_nothing(arguments: str) -> None:
    assert used(ToolCall(line=1, tool="Grep", phase="end", arguments=arguments)) == ScopeUse(unknown=1)


def test_who_has_said_nothing_has_told_nothing() -> None:
    assert used() == ScopeUse(unknown=1)


def test_a_call_counts_once_and_only_if_it_came_to_something() -> None:
    start = ToolCall(line=1, tool="Read", phase="start", arguments='{"file_path": "a"}', call_id="1")
    end = ToolCall(line=2, tool="Read", phase="end", call_id="1")
    failed = ToolCall(line=2, tool="Read", phase="end", call_id="1", failed=True)
    assert used(start, end).read == used(start).read == ("a",)
    assert used(start, failed) == ScopeUse()
    asked = Command(line=1, command="pytest", phase="start", call_id="2")
    ran = Command(line=2, command="pytest", phase="end", call_id="2", exit_code=1, failed=True)
    refused = ToolCall(line=2, tool="Bash", phase="end", call_id="2", denied=True, failed=True)
    assert used(asked, ran) == used(asked) == ScopeUse(unknown=1)
    assert used(asked, refused) == ScopeUse()


def test_a_subagent_of_its_own_is_counted_once_however_it_is_told() -> None:
    call = ToolCall(line=1, tool="Agent", phase="start", arguments="{}", call_id="1")
    begins = Subagent(line=2, agent_id="x", phase="start")
    ends = Subagent(line=3, agent_id="x", phase="end")
    assert used(call, begins, ends).unknown == 1


def test_where_a_shell_that_may_live_on_has_gone_is_not_known() -> None:
    assert used(command("cd src && ls"), command("cat a")) == ScopeUse(listed=("src/*",), unknown=1)
    assert used(command("cd src"), tool("Read", file_path="/w/a")) == ScopeUse(read=("a",))
    assert used(command("cd src"), tool("Grep", pattern="x")) == ScopeUse(unknown=1)
    assert used(command("cd src"), command("cd /w && cat a"), command("cat b")) == ScopeUse(read=("a", "b"))
    assert used(command("bash -lc 'cd src && cat a'"), command("cat b")) == ScopeUse(read=("b", "src/a"))


def test_names_of_the_workspace_are_learnt() -> None:
    start = SessionStart(line=1, cwd="/elsewhere")
    assert used(start, tool("Read", file_path="/elsewhere/a")).read == ("a",)


def test_only_so_many_paths_are_kept() -> None:
    found = used(*(tool("Read", file_path=f"{number}.py") for number in range(limits.SCOPE_PATHS + 1)))
    assert (len(found.read), found.more) == (limits.SCOPE_PATHS, True)
    assert used(tool("Read", file_path="a" * (limits.PATH_BYTES + 1))) == ScopeUse(more=True)


STEPS: tuple[Step, ...] = (
    Run("cat src/a.py | head"),
    Run("npm test", exit_code=1),
    Change("out/new.txt", "x"),
    Deny("Read"),
    Answer({"status": "success"}),
)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_tells_the_same(dialect: str, tmp_path: Path) -> None:
    path = tmp_path / "stream.jsonl"
    path.write_bytes(transcript_of(dialect, *STEPS, cwd="/w"))
    assert used(*iter_events(path)) == ScopeUse(read=("src/a.py",), written=("out/new.txt",), unknown=1)


@pytest.mark.parametrize("dialect", ["claude_stream", "gemini_stream", "opencode_run", "subagents_events"])
def test_tools_that_read_are_told_by_every_dialect_that_has_them(dialect: str, tmp_path: Path) -> None:
    steps = (
        Use("read", arguments={"filePath": "/w/a"}),
        Use("read", arguments={"filePath": "/w/b"}, failed=True),
        Use("grep", arguments={"pattern": "x", "path": "src"}),
        Answer({"status": "success"}),
    )
    path = tmp_path / "stream.jsonl"
    path.write_bytes(transcript_of(dialect, *steps, cwd="/w"))
    assert used(*iter_events(path)) == ScopeUse(read=("a",), searched=("src",))


@pytest.mark.parametrize("path", ALL, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_stream_that_is_watched_tells_what_its_events_tell(path: Path) -> None:
    reads = Reads(workspaces=["/w"])
    watcher = Watcher(path, Limits(), reads=reads)
    watcher(path.stat().st_size)
    watcher.finish()
    assert reads.use() == used(*iter_events(path))


@pytest.mark.parametrize(
    ("name", "read", "written"),
    [
        ("claude/07_bash", ("seen.txt",), ()),
        ("claude/08_write_edit", ("out/new.py",), ("out/new.py",)),
        ("claude/10b_subagent_tools", ("a.out",), ("b.out",)),
        ("codex/08_full_turn", ("src/app.py",), ()),
        ("gemini/07_shell", ("seen.txt",), ()),
        ("opencode/07_bash", ("seen.txt",), ()),
    ],
)
def test_real_runs(name: str, read: tuple[str, ...], written: tuple[str, ...]) -> None:
    found = used(*iter_events(recording(name)))
    assert (found.read, found.outside) == (read, ())
    assert set(found.written) >= set(written)


TEXTS = st.one_of(st.text(max_size=20), st.sampled_from(["a", "/w/a", "../x", "**", "~", "<home>/x", "src/*.py", "\0"]))
EVENTS = st.lists(
    st.one_of(
        st.builds(
            Command, line=st.just(1), command=TEXTS.map("cat {}".format), phase=st.sampled_from(["start", "end"])
        ),
        st.builds(FileChange, line=st.just(1), path=TEXTS, kind=st.sampled_from(["add", "update"])),
        st.builds(SessionStart, line=st.just(1), cwd=TEXTS),
        st.builds(
            ToolCall,
            line=st.just(1),
            tool=st.sampled_from(["Read", "Grep", "Glob", "LS", "read_many_files", "x"]),
            phase=st.sampled_from(["start", "end"]),
            arguments=st.dictionaries(
                st.sampled_from(["path", "file_path", "pattern", "glob", "paths"]), TEXTS | st.lists(TEXTS)
            ).map(json.dumps),
            call_id=st.sampled_from([None, "1", "2"]),
            failed=st.booleans(),
        ),
    ),
    max_size=8,
)


@given(EVENTS)
def test_no_stream_is_too_much(events: list[AnyEvent]) -> None:
    found = used(*events)
    for paths in (found.read, found.searched, found.listed, found.written, found.outside):
        assert list(paths) == sorted(set(paths))
        assert all(path.encode("utf-8") for path in paths)
    assert not set(found.outside) & set(found.read)
