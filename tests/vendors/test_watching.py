"""A stream that is read while it grows: the same as at once, whatever the pieces, and stopped when it is too much."""

from __future__ import annotations

import json
import os
import re
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from recorded import ANSWER, RECORDINGS, recording

from pytest_subagents.model import limits
from pytest_subagents.model.outcome import Usage
from pytest_subagents.model.spec import Limits
from pytest_subagents.vendors.doing import shortened
from pytest_subagents.vendors.reading import read_transcript
from pytest_subagents.vendors.watching import Progress, Watcher

ALL = sorted(RECORDINGS.glob("*/*.jsonl"))
SMALL = [path for path in ALL if path.stat().st_size < 30_000]


def no_price(model: str | None, usage: Usage) -> float | None:
    return None


def line(kind: str, /, **more: Any) -> bytes:
    return json.dumps({"type": f"subagents.{kind}", **more}).encode() + b"\n"


START = line("start", format=1, session_id="s", model="gpt-5")
COMMAND = line("command", phase="start", command="ls", id="1") + line("command", command="ls", exit_code=0, id="1")


class Growing:
    """A file that somebody writes to while it is watched."""

    def __init__(self, path: Path, given: Limits | None = None, **more: Any) -> None:
        self.path = path
        path.write_bytes(b"")
        self.watcher = Watcher(path, given or Limits(), **{"price": no_price, **more})

    def write(self, data: bytes) -> str | None:
        with self.path.open("ab") as file:
            file.write(data)
        return self.watcher(self.path.stat().st_size)


@pytest.fixture
def growing(tmp_path: Path) -> Growing:
    return Growing(tmp_path / "stream.jsonl")


def watched(path: Path) -> Progress:
    watcher = Watcher(path, Limits(), price=no_price)
    watcher(path.stat().st_size)
    return watcher.finish()


@pytest.mark.parametrize("path", ALL, ids=lambda path: f"{path.parent.name}/{path.stem}"[:60])
def test_a_recording_costs_what_its_transcript_says(path: Path) -> None:
    """Where a run told nothing at its end, what was told on the way is more than nothing."""
    progress, usage = watched(path), read_transcript(path).usage
    assert (usage.input_tokens or 0) <= (progress.input_tokens or 0)
    if usage.input_tokens is not None and b'"subtype":"init"' not in path.read_bytes():
        assert (progress.input_tokens, progress.output_tokens) == (usage.input_tokens, usage.output_tokens)
        assert progress.cached_input_tokens == usage.cached_input_tokens
    if usage.usd is not None:
        assert progress.usd == pytest.approx(usage.usd)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(SMALL), cuts=st.lists(st.floats(0, 1), max_size=12))
def test_pieces_give_what_the_whole_gives(tmp_path: Path, path: Path, cuts: list[float]) -> None:
    data = path.read_bytes()
    growing = Growing(tmp_path / "growing.jsonl")
    turns, begin = 0, 0
    for end in (*sorted(int(cut * len(data)) for cut in cuts), len(data)):
        growing.write(data[begin:end])
        begin = end
        assert growing.watcher.progress.turns >= turns
        turns = growing.watcher.progress.turns
    assert growing.watcher.finish() == watched(path)


@pytest.mark.parametrize("path", sorted(RECORDINGS.glob("claude/*.jsonl")), ids=lambda path: path.stem)
def test_claude_turns_are_the_distinct_messages_of_the_main_agent(path: Path) -> None:
    ids = set()
    for text in path.read_bytes().split(b"\n"):
        try:
            record = json.loads(text)
        except ValueError:
            continue
        for one in record if isinstance(record, list) else [record]:
            if one.get("type") == "assistant" and one["parent_tool_use_id"] is None:
                ids |= {one["message"]["id"]} if one["message"]["model"] != "<synthetic>" else set()
    if b'\n{"type"' in path.read_bytes():
        assert watched(path).turns == len(ids)


@pytest.mark.parametrize("path", sorted(RECORDINGS.glob("opencode/*.jsonl")), ids=lambda path: path.stem)
def test_opencode_turns_are_its_steps(path: Path) -> None:
    steps = path.read_bytes().count(b'"type":"step_start"')
    assert steps - 1 <= watched(path).turns <= max(steps, 1)


@pytest.mark.parametrize(
    ("name", "turns"),
    [("codex/01_success", 1), ("codex/08_full_turn", 5), ("gemini/01_success", 1), ("gemini/07_shell", 2)],
)
def test_turns_of_the_others_follow_from_results(name: str, turns: int) -> None:
    """Of codex/08 there were six: a plan was updated right after a command."""
    assert watched(recording(name)).turns == turns


def test_calls_that_begin_together_are_one_turn(growing: Growing) -> None:
    begin = [line("command", phase="start", command=name, id=name) for name in ("a", "b")]
    end = [line("command", command=name, exit_code=0, id=name) for name in ("a", "b")]
    growing.write(START + line("message", text="Both.") + b"".join(begin + end))
    assert growing.watcher.progress.turns == 1
    growing.write(line("reasoning", text="hm") + line("message", text=ANSWER))
    assert growing.watcher.progress.turns == 2


def test_a_subagents_turns_are_its_own() -> None:
    main = watched(recording("claude/10b_subagent_tools")).turns
    text = recording("claude/10b_subagent_tools").read_text(encoding="utf-8")
    assert len(set(re.findall(r'"id":"msg_[0-9a-f]+"', text))) > main


class TestLimits:
    def test_one_turn_too_many(self, tmp_path: Path) -> None:
        growing = Growing(tmp_path / "stream.jsonl", Limits(max_turns=2))
        assert growing.write(START + COMMAND + COMMAND) is None
        said = growing.write(line("message", text="once more"))
        assert said == "turn 3 began, and limits.max_turns is 2"
        assert growing.watcher.stop_kind == "turn_limit"
        assert growing.write(COMMAND) == said == growing.watcher.stop_message

    def test_one_token_too_many(self, tmp_path: Path) -> None:
        growing = Growing(tmp_path / "stream.jsonl", Limits(max_tokens=1000))
        assert growing.write(START + line("usage", input_tokens=900, output_tokens=100)) is None
        assert growing.write(line("usage", output_tokens=1)) == "1,001 tokens are spent, and limits.max_tokens is 1,000"
        assert growing.watcher.stop_kind == "budget"

    def test_more_dollars_than_allowed(self, tmp_path: Path) -> None:
        growing = Growing(tmp_path / "stream.jsonl", Limits(max_usd=0.5))
        assert growing.write(START + line("usage", usd=0.5)) is None
        assert growing.write(line("usage", usd=0.25)) == "0.7500 USD are spent, and limits.max_usd is 0.5"
        assert (growing.watcher.stop_kind, growing.watcher.progress.priced) == ("budget", False)

    def test_a_price_stands_in_where_no_cost_is_told(self, tmp_path: Path) -> None:
        asked: list[str | None] = []

        def price(model: str | None, usage: Usage) -> float | None:
            asked.append(model)
            return 2.0 if model == "given" else None

        growing = Growing(tmp_path / "stream.jsonl", Limits(max_usd=1.0), model="given", price=price)
        said = growing.write(START + line("usage", input_tokens=1, output_tokens=1))
        assert said == "2.0000 USD are spent by the list of prices, and limits.max_usd is 1"
        assert growing.watcher.progress.priced
        growing.write(COMMAND)
        assert asked == ["gpt-5", "given"]

    def test_claude_is_held_to_tokens_before_it_has_ended(self, tmp_path: Path) -> None:
        data = recording("claude/07_bash").read_bytes()
        growing = Growing(tmp_path / "stream.jsonl", Limits(max_tokens=1500))
        until_end = data[: data.index(b'{"type":"result"')]
        assert growing.write(until_end) == "2,002 tokens are spent, and limits.max_tokens is 1,500"

    def test_an_earlier_session_counts_too(self, tmp_path: Path) -> None:
        growing = Growing(tmp_path / "stream.jsonl", Limits(max_tokens=10))
        spent = line("usage", input_tokens=6, output_tokens=0)
        assert growing.write(START + spent) is None
        assert growing.write(START.replace(b'"s"', b'"t"')) is None
        assert growing.write(spent) is not None
        assert growing.watcher.progress.tokens == 12

    def test_without_limits_nothing_is_too_much(self, growing: Growing) -> None:
        assert growing.write(START + COMMAND * 500 + line("usage", input_tokens=10**12, usd=1e6)) is None


class TestWords:
    @pytest.mark.parametrize(
        ("given", "words"),
        [
            (line("command", phase="start", command="ls\n-la"), "runs ls -la"),
            (line("command", command="false", exit_code=1), "ran false: exit code 1"),
            (line("tool", tool="web", denied=True), "was refused web"),
            (line("file_change", path="src/a.py", kind="add"), "added a.py"),
            (line("message", text="I see.\n\nNow\x1b[31m red"), "said: I see. Now [31m red"),
            (line("failure", message="429", transient=True), "failed: 429"),
            (line("end", ok=True), "ended"),
        ],
    )
    def test_each_event_has_its_words(self, growing: Growing, given: bytes, words: str) -> None:
        growing.write(START + given)
        assert growing.watcher.progress.did == words

    def test_they_are_short_and_in_one_line(self, growing: Growing) -> None:
        growing.write(START + line("message", text="\x9b\u202e word" * 100_000))
        did = growing.watcher.progress.did
        assert limits.PROGRESS_CHARS < len(did) < 5 * limits.PROGRESS_CHARS
        assert len(shortened(did)) == limits.PROGRESS_CHARS
        assert did.isprintable()

    def test_usage_alone_says_nothing_new(self, growing: Growing) -> None:
        growing.write(START + COMMAND + line("usage", input_tokens=1))
        assert growing.watcher.progress.did == "ran ls"


class TestHarm:
    def test_half_a_line_is_not_read_before_its_end(self, growing: Growing) -> None:
        growing.write(START + COMMAND[:-20])
        assert growing.watcher.progress.did == "runs ls"
        growing.write(COMMAND[-20:])
        assert growing.watcher.progress.did == "ran ls"

    def test_a_last_line_without_an_end_is_read_by_finish(self, growing: Growing) -> None:
        growing.write(START + line("usage", input_tokens=7).rstrip())
        assert growing.watcher.progress.tokens is None
        assert growing.watcher.finish().tokens == 7

    def test_a_flood_and_a_line_without_end_cost_no_memory(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(limits, "LINE_BYTES", 1_000_000)
        growing = Growing(tmp_path / "stream.jsonl")
        growing.write(START)
        noise = b"x" * 4_000_000
        tracemalloc.start()
        try:
            for _ in range(5):
                growing.write(noise)
            growing.write(b"\n" + b"noise of a library\n" * 5_000)
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        growing.write(line("usage", input_tokens=7))
        assert growing.watcher.progress.tokens == 7
        assert most < 12_000_000  # of which the test's own write needs some

    def test_a_line_that_is_long_but_allowed_is_read(self, growing: Growing) -> None:
        text = line("message", text="y" * 3_000_000)
        for begin in range(0, len(text), 100_001):
            growing.write(text[begin : begin + 100_001])
        assert growing.watcher.progress.did.startswith("said: yyy")

    def test_a_file_that_is_not_there_or_no_file_is_nothing(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "fifo")
        for path in (tmp_path / "none", tmp_path, tmp_path / "fifo"):
            watcher = Watcher(path, Limits(max_turns=1))
            assert watcher(10) is None
            assert watcher.finish() == Progress()

    @given(data=st.binary(max_size=400))
    @settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_no_bytes_make_it_raise(self, tmp_path: Path, data: bytes) -> None:
        growing = Growing(tmp_path / "any.jsonl", Limits(max_turns=1, max_tokens=1, max_usd=0.1))
        growing.write(START + data)
        growing.watcher.finish()

    def test_it_lets_go_of_the_file(self, growing: Growing) -> None:
        before = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else 0
        growing.write(START)
        growing.watcher.finish()
        assert growing.watcher.finish() == growing.watcher.progress
        assert growing.write(START) is None
        if before:
            assert len(os.listdir("/proc/self/fd")) <= before


def test_progress_is_a_value() -> None:
    assert replace(Progress(), input_tokens=3).tokens == 3
    assert Progress().tokens is None
