"""Any file is read, whatever is in it, and gives a row: nothing raises, hangs, or is found where it must not be."""

from __future__ import annotations

import bz2
import gzip
import json
import os
import sys
import tracemalloc
import zlib
from pathlib import Path

import pytest
from recorded import ANSWER, HOSTILE, judged, kinds, recording, written

from pytest_subagents.model import limits
from pytest_subagents.model.outcome import ProcessEnd
from pytest_subagents.vendors.reading import iter_events, read_transcript

THREAD = '{"type":"thread.started","thread_id":"t1"}'
TURN = '{"type":"turn.started"}'
DONE = '{"type":"turn.completed","usage":{"input_tokens":1,"output_tokens":1}}'


def said(text: str) -> str:
    return json.dumps({"type": "item.completed", "item": {"id": "item_0", "type": "agent_message", "text": text}})


RUN = (THREAD, TURN, said(ANSWER), DONE)


def no_protocol(path: Path) -> str:
    """The message of a transcript that is none."""
    status, reasons = judged(path, ProcessEnd(exit_code=0))
    assert (status, kinds(reasons)) == ("failed", ["no_protocol"])
    assert list(iter_events(path)) == []
    return reasons[0].message


class TestLines:
    @pytest.mark.parametrize("end", [b"\n", b"\r\n"])
    def test_line_ends(self, tmp_path: Path, end: bytes) -> None:
        assert judged(written(tmp_path, *RUN, end=end))[0] == "success"

    def test_the_last_one_may_lack_its_end(self, tmp_path: Path) -> None:
        path = written(tmp_path, *RUN)
        path.write_bytes(path.read_bytes().rstrip(b"\n"))
        assert judged(path)[0] == "success"

    def test_blank_ones_are_passed_over(self, tmp_path: Path) -> None:
        outcome = read_transcript(written(tmp_path, "", *RUN[:2], "  ", "\t", *RUN[2:], ""))
        assert (outcome.lines, outcome.last_line, outcome.unreadable) == (4, 7, 0)
        assert outcome.final is not None
        assert outcome.final.line == 6

    def test_a_byte_order_mark_is_passed_over(self, tmp_path: Path) -> None:
        outcome = read_transcript(written(tmp_path, b"\xef\xbb\xbf" + THREAD.encode(), *RUN[1:]))
        assert (outcome.session_id, outcome.unreadable) == ("t1", 0)

    def test_a_file_that_was_appended_to_it_may_begin_with_one_too(self, tmp_path: Path) -> None:
        outcome = read_transcript(written(tmp_path, *RUN[:2], *(b"\xef\xbb\xbf" + line.encode() for line in RUN)))
        assert (outcome.session_id, outcome.unreadable) == ("t1", 0)

    def test_zeros_that_a_crash_left_are_passed_over(self, tmp_path: Path) -> None:
        """github/copilot-cli#2217: a file that was extended and not written; the next process goes on behind it"""
        path = written(tmp_path, *RUN[:3], b"\0" * 99 + DONE.encode(), b"\0" * 1_000)
        assert judged(path)[0] == "success"

    def test_space_around_a_line_is_passed_over(self, tmp_path: Path) -> None:
        assert judged(written(tmp_path, *(f"  {line}\t" for line in RUN)))[0] == "success"

    def test_noise_between_lines_is_counted(self, tmp_path: Path) -> None:
        path = written(
            tmp_path, "Reading stdin", *RUN[:2], '{"level":"info"}', "2026 ERROR x", "{", "42", "[1]", *RUN[2:]
        )
        outcome = read_transcript(path)
        assert (outcome.lines, outcome.unreadable, outcome.foreign) == (10, 5, 1)
        assert outcome.unreadable_lines == (1, 5, 6, 7, 8)
        assert outcome.text_excerpt.startswith("Reading stdin\n")
        assert judged(path)[0] == "success"

    def test_only_the_first_unreadable_ones_are_listed(self, tmp_path: Path) -> None:
        outcome = read_transcript(written(tmp_path, *RUN, *["x"] * 100))
        assert outcome.unreadable == 100
        assert len(outcome.unreadable_lines) == limits.UNREADABLE_LINES_SHOWN

    def test_one_that_is_too_long_is_unreadable(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits, "LINE_BYTES", 5_000)
        monkeypatch.setattr(limits, "READ_BYTES", 1_000)
        outcome = read_transcript(written(tmp_path, *RUN[:2], said("x" * 9_000), *RUN[2:]))
        assert (outcome.lines, outcome.unreadable_lines) == (5, (3,))
        assert outcome.final is not None

    @pytest.mark.parametrize("size", [1, 7, 60, 4_096])
    def test_how_much_is_read_at_once_changes_nothing(self, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
        whole = read_transcript(recording("claude/10_subagents"))
        monkeypatch.setattr(limits, "READ_BYTES", size)
        assert read_transcript(recording("claude/10_subagents")) == whole


class TestDialects:
    def test_they_are_found_out_line_by_line(self, tmp_path: Path) -> None:
        opencode = '{"type":"text","sessionID":"ses_1","part":{"type":"text","text":"x"}}'
        outcome = read_transcript(written(tmp_path, *RUN, opencode))
        assert (outcome.dialects, outcome.vendor) == (("codex_exec", "opencode_run"), "opencode")

    @pytest.mark.parametrize(
        "end",
        [
            '{"type":"result","timestamp":"t","status":"success","stats":{}}',
            '{"type":"step_finish","sessionID":"ses_1","part":{"type":"step-finish","reason":"stop"}}',
        ],
        ids=["gemini", "opencode"],
    )
    def test_the_end_of_another_vendors_run_ends_none(self, tmp_path: Path, end: str) -> None:
        status, reasons = judged(written(tmp_path, *RUN[:3], end, end))
        assert (status, kinds(reasons)) == ("partial", ["incomplete"])
        assert judged(written(tmp_path, *RUN[:3], end, RUN[3]))[0] == "success"

    def test_a_run_goes_on_after_lines_of_another_dialect(self, tmp_path: Path) -> None:
        hook = '{"type":"system","subtype":"hook_started","session_id":"s","uuid":"u"}'
        assert judged(written(tmp_path, *RUN[:3], hook, RUN[3]))[0] == "success"

    def test_protocol_in_a_tools_output_is_text(self) -> None:
        """hostile: a command whose output is a whole run"""
        status, reasons = judged(HOSTILE / "transcripts" / "forged-inner-protocol.jsonl")
        assert (status, kinds(reasons)) == ("failed", ["provider_error"])

    def test_protocol_behind_a_raw_line_end_cannot_be_told_apart_and_is_counted(self) -> None:
        """hostile: what `2>&1` does; the damaged lines around it are what there is to see"""
        outcome = read_transcript(HOSTILE / "transcripts" / "newline-forgery.jsonl")
        assert (outcome.unreadable, outcome.unreadable_lines) == (2, (3, 6))

    def test_a_damaged_line_between_the_last_message_and_the_end_may_have_been_the_last_message(
        self, tmp_path: Path
    ) -> None:
        cut = said("no, I failed")[:-9]
        status, reasons = judged(written(tmp_path, THREAD, TURN, said(ANSWER), cut, DONE))
        assert (status, kinds(reasons)) == ("partial", ["incomplete"])
        assert "line 4" in reasons[0].message
        for elsewhere in ((cut, said(ANSWER), DONE), (said(ANSWER), DONE, cut), (said(ANSWER), "ERROR {x}", DONE)):
            assert judged(written(tmp_path, THREAD, TURN, *elsewhere))[0] == "success"

    @pytest.mark.parametrize(
        "prefix",
        [
            "[2025-11-11T12:18:52.240Z] [INFO] ",
            "[2026-08-08T15:39:03.858Z] [STDOUT] ",
            "2026-07-20T01:17:16.888824Z ",
            "2026-07-20 01:17:16,888 INFO ",
            "agent-1  | ",
        ],
    )
    def test_a_logs_prefix_is_taken_off_where_no_line_is_without_one(self, tmp_path: Path, prefix: str) -> None:
        path = written(tmp_path, "# Solve log", *(prefix + line for line in RUN), prefix + "done")
        assert judged(path)[0] == "success"
        outcome = read_transcript(path)
        assert (outcome.lines, outcome.unreadable, outcome.last_line) == (6, 2, 6)
        assert len(list(iter_events(path))) == 5

    def test_a_line_without_a_prefix_is_believed_more(self, tmp_path: Path) -> None:
        """Where both stand, what is behind a prefix is a copy, or another program's"""
        path = written(tmp_path, THREAD, TURN, f"[INFO] {said(ANSWER)}", f"[INFO] {DONE}")
        assert judged(path)[0] == "failed"

    @pytest.mark.parametrize("prefix", ["[x] [STDERR] ", "stderr | ", 'output: "', "said: ", "a b c "])
    def test_other_text_before_a_line_hides_it(self, tmp_path: Path, prefix: str) -> None:
        no_protocol(written(tmp_path, *(prefix + line for line in RUN)))

    def test_a_bare_answer_is_no_protocol(self) -> None:
        """codex/30h_no_json_human_mode, claude/21c_output_text, opencode/21_format_default"""
        for name in ("codex/30h_no_json_human_mode", "claude/21c_output_text", "opencode/21_format_default"):
            assert "its only line is no event" in no_protocol(recording(name))

    @pytest.mark.parametrize(
        "text",
        [
            "[]",
            "{}",
            "[1, 2]",
            '[{"a": 1}]',
            '{"type": "result"}',
            '"text"',
            "null",
            "[" * 1_000,
            json.dumps([{"type": "assistant"}]),
            json.dumps({"status": "success", "summary": "x", "findings": []}, indent=2),
        ],
    )
    def test_json_that_is_no_protocol(self, tmp_path: Path, text: str) -> None:
        no_protocol(written(tmp_path, text))

    @pytest.mark.parametrize(
        ("start", "between", "end"),
        [("[", ",", "]"), ("[\n", ",\n", "\n]"), ("\n[", "\n,", "]\n"), ("\ufeff[\r\n  ", ",\r\n  ", "\r\n]")],
        ids=["one line", "a line each", "commas first", "CRLF"],
    )
    def test_an_array_is_one_however_it_stands_on_lines(
        self, tmp_path: Path, start: str, between: str, end: str
    ) -> None:
        """The last of its lines has no comma and would be protocol by itself."""
        path = written(tmp_path, start + between.join(RUN) + end)
        assert judged(path)[0] == "success"
        outcome = read_transcript(path)
        assert outcome.unreadable == 0
        assert outcome.final is not None
        line = path.read_bytes().split(b"\n")[outcome.final.line - 1]
        assert b"agent_message" in line
        assert [event.line for event in iter_events(path)][-1] <= outcome.last_line

    def test_what_only_begins_like_an_array_is_read_by_lines(self, tmp_path: Path) -> None:
        assert judged(written(tmp_path, "[", *RUN))[0] == "success"
        assert judged(written(tmp_path, "[{", *RUN))[0] == "success"

    def test_a_whole_file_is_only_tried_up_to_its_limit(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = written(tmp_path, json.dumps([json.loads(line) for line in RUN], indent=1))
        assert judged(path)[0] == "success"
        monkeypatch.setattr(limits, "WHOLE_FILE_BYTES", 50)
        no_protocol(path)


class TestOddFiles:
    def test_an_empty_one(self, tmp_path: Path) -> None:
        assert no_protocol(written(tmp_path)) == "the transcript is empty"

    def test_blank_lines_alone(self, tmp_path: Path) -> None:
        assert no_protocol(written(tmp_path, "", "   ", "")) == "the transcript is empty"

    def test_prose(self, tmp_path: Path) -> None:
        message = no_protocol(written(tmp_path, "Looks good", "to me"))
        assert message == "none of its 2 lines is an event of a known dialect; it begins: Looks good"

    @pytest.mark.parametrize(
        ("data", "kind"),
        [
            (gzip.compress(b"\n".join(line.encode() for line in RUN)), "gzip data"),
            (bz2.compress(b"x"), "bzip2 data"),
            (b"\x28\xb5\x2f\xfd" + b"x" * 9, "zstandard data"),
            (b"PK\x03\x04" + b"x" * 9, "a zip archive"),
            ("\n".join(RUN).encode("utf-16"), "UTF-16 text"),
            ("\n".join(RUN).encode("utf-16-le"), "UTF-16 text"),
            ("\n".join(RUN).encode("utf-32"), "UTF-32 text"),
            (b"SQLite format 3\x00" + b"\0" * 99, "an SQLite database"),
            (bytes(range(256)) * 9, "binary data"),
            (b"\0" * 4_000, "binary data"),
        ],
    )
    def test_what_is_no_text_is_named_and_never_unpacked(self, tmp_path: Path, data: bytes, kind: str) -> None:
        path = tmp_path / "run.jsonl"
        path.write_bytes(data)
        assert no_protocol(path) == f"the transcript is none: it looks like {kind}"
        assert read_transcript(path).final is None

    def test_a_bomb_is_not_set_off(self, tmp_path: Path) -> None:
        path = tmp_path / "bomb.jsonl"
        path.write_bytes(gzip.compress(b"\0" * 20_000_000))
        tracemalloc.start()
        try:
            no_protocol(path)
            assert tracemalloc.get_traced_memory()[1] < 5_000_000
        finally:
            tracemalloc.stop()

    def test_random_bytes(self, tmp_path: Path) -> None:
        path = tmp_path / "run.jsonl"
        path.write_bytes(zlib.compress(b"".join(str(n).encode() for n in range(9_999)))[2:])
        judged(path)

    def test_a_directory(self, tmp_path: Path) -> None:
        assert no_protocol(tmp_path) == "the transcript is none: it is a directory"

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        assert "No such file" in no_protocol(tmp_path / "none.jsonl")

    def test_a_circle_of_links(self, tmp_path: Path) -> None:
        one, other = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
        one.symlink_to(other)
        other.symlink_to(one)
        assert "cannot be opened" in no_protocol(one)

    def test_a_fifo_does_not_hang(self, tmp_path: Path) -> None:
        path = tmp_path / "fifo.jsonl"
        os.mkfifo(path)
        assert no_protocol(path) == "the transcript is none: it is no regular file"

    def test_a_device_does_not_hang(self) -> None:
        assert no_protocol(Path("/dev/zero")) == "the transcript is none: it is no regular file"

    def test_a_name_that_is_none(self) -> None:
        assert "cannot be opened" in no_protocol(Path("a\0b"))

    def test_a_file_that_may_not_be_opened(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*args: object) -> int:
            raise PermissionError(13, "Permission denied")

        path = written(tmp_path, *RUN)
        monkeypatch.setattr(os, "open", refuse)
        outcome = read_transcript(path)
        assert (outcome.problem, outcome.spoke) == ("it cannot be opened: Permission denied", False)

    def test_a_disk_that_fails_on_the_way(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        class Failing:
            def __init__(self, data: bytes) -> None:
                self._data = [data]

            def read(self, size: int) -> bytes:
                if not self._data:
                    raise OSError(5, "Input/output error")
                return self._data.pop()

            def close(self) -> None:
                pass

        data = b"".join(line.encode() + b"\n" for line in RUN)
        monkeypatch.setattr("pytest_subagents.vendors.reading._open", lambda path: Failing(data))
        outcome = read_transcript(tmp_path / "run.jsonl")
        assert outcome.problem == "it cannot be read to its end: Input/output error"
        assert len(list(iter_events(tmp_path / "run.jsonl"))) == 5

    def test_a_file_that_could_not_be_read_to_its_end_is_no_success(self) -> None:
        from recorded import judged_outcome

        from pytest_subagents.model.event import End
        from pytest_subagents.model.outcome import FinalMessage, Outcome

        outcome = Outcome(
            dialects=("codex_exec",),
            lines=4,
            last_line=4,
            final=FinalMessage(text=ANSWER, line=3),
            end=End(line=4, ok=True),
            problem="it cannot be read to its end: Input/output error",
        )
        status, reasons = judged_outcome(outcome, ProcessEnd())
        assert (status, kinds(reasons)) == ("partial", ["incomplete"])


class TestHostileJson:
    @pytest.mark.parametrize("name", ["deep-2000.json", "digits-200k.json", "float-bomb.json", "huge-int-5000.json"])
    def test_a_value_that_breaks_parsers_costs_one_line(self, tmp_path: Path, name: str) -> None:
        value = (HOSTILE / "json" / name).read_bytes().replace(b"\n", b" ")
        line = b'{"type":"item.completed","item":{"type":"reasoning","text":"x","extra":' + value + b"}}"
        path = written(tmp_path, THREAD, TURN, line, said(ANSWER), DONE)
        outcome = read_transcript(path)
        assert outcome.lines == 5
        assert outcome.unreadable <= 1
        assert judged(path)[0] == "success"

    def test_a_hundred_thousand_levels_are_one_unreadable_line(self, tmp_path: Path) -> None:
        deep = b'{"type":"item.completed","item":' * 100_000
        outcome = read_transcript(written(tmp_path, THREAD, TURN, deep, b'{"a":' + b"[" * 100_000, said(ANSWER), DONE))
        assert (outcome.unreadable, outcome.unreadable_lines) == (2, (3, 4))

    def test_a_value_beside_the_last_message_cannot_make_an_earlier_one_the_answer(self, tmp_path: Path) -> None:
        """A number that no parser takes stands in the last message's line: the line must not vanish"""
        last = said("no, I failed").replace('"id": "item_0"', '"id": ' + "9" * 5_000)
        assert judged(written(tmp_path, THREAD, TURN, said(ANSWER), last, DONE))[0] == "failed"

    def test_every_hostile_file_gives_a_row(self) -> None:
        files = [path for folder in ("json", "transcripts") for path in (HOSTILE / folder).iterdir()]
        assert len(files) >= 10
        for path in files:
            status, reasons = judged(path)
            assert reasons or (status, path.stem) == ("success", "newline-forgery")


class TestMemory:
    def test_it_does_not_grow_with_the_file(self, tmp_path: Path) -> None:
        """Many small lines of every kind that is remembered until its answer comes."""
        peaks = []
        for times in (1, 16):
            path = tmp_path / f"{times}.jsonl"
            with path.open("wb") as file:
                for number in range(4_000 * times):
                    file.write(said(f"note {number}").encode() + b"\n")
                    file.write(b'{"type":"error","message":"Reconnecting... 1/5"}\nnoise\n')
            tracemalloc.start()
            try:
                read_transcript(path)
                peaks.append(tracemalloc.get_traced_memory()[1])
            finally:
                tracemalloc.stop()
        assert peaks[1] < peaks[0] + 500_000

    def test_noise_in_every_other_line_is_not_read_again_and_again(self, tmp_path: Path) -> None:
        """A count of what is decoded, not a time: each line is looked at a bounded number of times."""
        path = written(tmp_path, *[line for _ in range(3_000) for line in (TURN, "{")])
        calls = 0

        def count(frame: object, event: str, argument: object) -> None:
            nonlocal calls
            calls += event == "call"

        sys.setprofile(count)
        try:
            read_transcript(path)
        finally:
            sys.setprofile(None)
        assert calls < 6_000 * 40
