"""What worker and warden tell each other, and what is left on disk of it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_subagents.runners.supervision.ending_record import (
    decode_ending,
    decode_fields,
    read_ending,
    write_ending,
)
from pytest_subagents.runners.supervision.order import Ending
from pytest_subagents.runners.supervision.warden.ending_text import quoted
from pytest_subagents.runners.supervision.warden.job import Job, decode, encode

WORD = st.binary(max_size=40).filter(lambda word: b"\0" not in word)
NAME = WORD.filter(lambda word: bool(word) and b"=" not in word)
PATH = WORD.map(lambda word: b"/" + word)
SECONDS = st.none() | st.floats(0, 1e9)


@st.composite
def jobs(draw: st.DrawFn) -> Job:
    return Job(
        argv=draw(st.lists(WORD, max_size=5)),
        env=draw(st.dictionaries(NAME, WORD, max_size=5)),
        mark=draw(NAME),
        cwd=draw(PATH),
        stdin=draw(st.none() | PATH),
        stdout=draw(PATH),
        stderr=draw(PATH),
        end=draw(PATH),
        worker=draw(st.integers(1, 2**22)),
        timeout=draw(SECONDS),
        idle_timeout=draw(SECONDS),
        start_timeout=draw(SECONDS),
        output_bytes=draw(st.none() | st.integers(0, 2**50)),
        grace=draw(st.floats(0, 1e9)),
        stderr_bytes=draw(st.integers(1, 2**30)),
        kill_seconds=draw(st.floats(0, 100)),
        leftover_seconds=draw(st.floats(0, 100)),
        watch_seconds=draw(SECONDS),
    )


@given(jobs())
def test_a_job_arrives_as_it_was_sent(job: Job) -> None:
    head, body = encode(job).split(b"\n", 1)
    assert int(head) == len(body)
    came = decode(body)
    assert {name: getattr(came, name) for name in Job.__slots__} == {name: getattr(job, name) for name in Job.__slots__}


@given(st.text(st.characters()))
def test_words_are_json_and_plain_letters(text: str) -> None:
    assert json.loads(quoted(text)) == text
    assert quoted(text).isascii()
    assert "\n" not in quoted(text)


ENDINGS = st.builds(
    Ending,
    cause=st.sampled_from(["exited", "launch", "lost", "watch"]),
    exit_code=st.none() | st.integers(-64, 255),
    message=st.text(st.characters(codec="utf-8")),
    runtime_ms=st.integers(0, 2**40),
    left_behind=st.integers(0, 1000),
)


@given(ENDINGS)
def test_an_ending_is_read_as_it_was_written(tmp_path_factory: pytest.TempPathFactory, ending: Ending) -> None:
    path = tmp_path_factory.mktemp("e") / "end.json"
    write_ending(path, ending)
    assert read_ending(path) == ending


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"cause": "exited"}']
    + [
        json.dumps(
            {"cause": "exited", "exit_code": 0, "message": "", "runtime_ms": 1, "left_behind": 0} | {key: value}
        ).encode()
        for key, value in [
            ("cause", "won"),
            ("exit_code", "0"),
            ("exit_code", 1.5),
            ("message", 3),
            ("left_behind", None),
        ]
    ],
    ids=lambda data: repr(data[:80]),
)
def test_what_is_no_ending_is_none(data: bytes) -> None:
    assert decode_ending(data) is None


def test_only_a_regular_file_is_read(tmp_path: Path) -> None:
    write_ending(tmp_path / "end.json", Ending(cause="exited", exit_code=0))
    (tmp_path / "link").symlink_to("end.json")
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "big").write_bytes(b" " * 2_000_000)
    for name in ("link", "fifo", "big", "missing", "."):
        assert read_ending(tmp_path / name) is None
    assert read_ending(tmp_path / "end.json") is not None


def test_what_a_warden_says_of_it() -> None:
    assert decode_fields(b"timeout\0-15\x0012\x003\0words \0 and more") == Ending(
        cause="timeout", exit_code=-15, runtime_ms=12, left_behind=3, message="words \0 and more"
    )
    assert decode_fields(b"launch\0\x000\x000\0").exit_code is None
