"""Lines end with the byte \\n alone, whatever is in them, and a file is never held as a whole."""

from __future__ import annotations

import io
import tracemalloc
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_subagents.model import limits
from pytest_subagents.transcript.lines import blocks, numbered


def lines_of(data: bytes) -> list[tuple[int, bytes | None]]:
    return list(numbered(io.BytesIO(data)))


class Trickle(io.RawIOBase):
    """Gives a few bytes at a time, as a pipe or a network file system may."""

    def __init__(self, data: bytes, step: int) -> None:
        self._data, self._step, self._at = data, step, 0

    def read(self, size: int = -1, /) -> bytes:
        self._at += self._step
        return self._data[self._at - self._step : self._at]


class Endless(io.RawIOBase):
    """So many bytes of the same, without holding them."""

    def __init__(self, size: int) -> None:
        self._left = size

    def read(self, size: int = -1, /) -> bytes:
        given = min(size, self._left)
        self._left -= given
        return b"x" * given


@given(st.binary(), st.integers(1, 7))
def test_lines_are_those_between_newline_bytes(data: bytes, step: int) -> None:
    expected: list[tuple[int, bytes | None]] = list(enumerate(data.split(b"\n"), 1))
    if expected[-1][1] == b"":
        expected.pop()
    assert lines_of(data) == expected
    assert list(numbered(_binary(Trickle(data, step)))) == expected


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\u0085", "\x0b", "\x0c", "\x1c", "\r"])
def test_nothing_else_ends_a_line(separator: str) -> None:
    assert lines_of(f"a{separator}b\n".encode()) == [(1, f"a{separator}b".encode())]


def test_a_carriage_return_stays_on_its_line() -> None:
    assert lines_of(b"a\r\nb\r\n") == [(1, b"a\r"), (2, b"b\r")]


def test_blank_lines_are_lines() -> None:
    assert lines_of(b"\n\na\n\n") == [(1, b""), (2, b""), (3, b"a"), (4, b"")]


def test_the_last_line_needs_no_end() -> None:
    assert lines_of(b"a\nb") == [(1, b"a"), (2, b"b")]


def test_an_empty_file_has_no_lines() -> None:
    assert lines_of(b"") == []


def test_a_line_longer_than_the_limit_is_named_and_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "READ_BYTES", 4)
    monkeypatch.setattr(limits, "LINE_BYTES", 10)
    data = b"one\n" + b"x" * 30 + b"\nthree\n" + b"y" * 12
    assert lines_of(data) == [(1, b"one"), (2, None), (3, b"three"), (4, None)]


def test_lines_around_an_overlong_one_keep_their_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "READ_BYTES", 8)
    monkeypatch.setattr(limits, "LINE_BYTES", 8)
    found = lines_of(b"x" * 20 + b"\n\nb\n" + b"z" * 20 + b"\nlast")
    assert found == [(1, None), (2, b""), (3, b"b"), (4, None), (5, b"last")]


def test_blocks_number_their_first_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "READ_BYTES", 6)
    found = [(block.first, block.lines) for block in blocks(io.BytesIO(b"a\nb\nc\nd\ne\nf\n"))]
    assert found == [(1, [b"a\n", b"b\n", b"c\n"]), (4, [b"d\n", b"e\n", b"f\n"])]


def test_a_line_four_times_too_long_is_read_in_the_memory_of_one() -> None:
    tracemalloc.start()
    try:
        found = list(numbered(_binary(Endless(4 * limits.LINE_BYTES))))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found == [(1, None)]
    assert peak < 2 * limits.LINE_BYTES


def _binary(raw: io.RawIOBase) -> BinaryIO:
    return raw  # type: ignore[return-value]  # only read() is asked of it
