"""Hypothesis strategies for what disks, kills and merged logs make of a transcript."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal, TypeAlias, get_args

from pytest_subagents.testing.hypothesis_extra import st

Way: TypeAlias = Literal["cut", "cut line", "drop line", "double line", "move line", "flip bits", "insert"]
"""`cut` is the end of the file at any byte, as a kill leaves it; the others happen inside."""

_GARBAGE: Final = (
    b"\0" * 40 + b"\n",
    b"Warning: something of a library\n",
    b'{"type":"unknown.to.all"}\n',
    b'{"type":\n',
    b"[2026-01-01T00:00:00Z] [INFO] {}\n",
    b"\xff\xfe\xff\n",
    b"[" * 2_000 + b"\n",
    b"\n\n\r\n",
)


def damaged(transcript: bytes | Path, *, ways: Sequence[Way] = get_args(Way)) -> st.SearchStrategy[bytes]:
    """The transcript (its bytes, or a file of them) after one to three accidents of these kinds.

    Any of them must give a result. That of a transcript that is only `cut` is never better than that of the whole,
    unless it was cut before the failure that ended the run.
    """
    whole = transcript if isinstance(transcript, bytes) else transcript.read_bytes()

    @st.composite
    def accidents(draw: st.DrawFn) -> bytes:
        data = whole
        for way in draw(st.lists(st.sampled_from(tuple(ways)), min_size=1, max_size=3)):
            data = _WAYS[way](draw, data)
        return data

    return accidents()


def _cut(draw: st.DrawFn, data: bytes) -> bytes:
    return data[: _place(draw, data)]


def _cut_line(draw: st.DrawFn, data: bytes) -> bytes:
    lines, index = _line(draw, data)
    lines[index] = lines[index][: _place(draw, lines[index])] + b"\n"
    return b"".join(lines)


def _drop(draw: st.DrawFn, data: bytes) -> bytes:
    lines, index = _line(draw, data)
    del lines[index]
    return b"".join(lines)


def _double(draw: st.DrawFn, data: bytes) -> bytes:
    lines, index = _line(draw, data)
    lines.insert(draw(st.integers(index, len(lines))), lines[index])
    return b"".join(lines)


def _move(draw: st.DrawFn, data: bytes) -> bytes:
    lines, index = _line(draw, data)
    moved = lines.pop(index)
    lines.insert(draw(st.integers(0, len(lines))), moved)
    return b"".join(lines)


def _flip(draw: st.DrawFn, data: bytes) -> bytes:
    flipped = bytearray(data or b"\0")
    for _ in range(draw(st.integers(1, 4))):
        flipped[_place(draw, flipped[:-1])] ^= 1 << draw(st.integers(0, 7))
    return bytes(flipped)


def _insert(draw: st.DrawFn, data: bytes) -> bytes:
    place = _place(draw, data)
    return data[:place] + draw(st.sampled_from(_GARBAGE) | st.binary(min_size=1, max_size=40)) + data[place:]


def _line(draw: st.DrawFn, data: bytes) -> tuple[list[bytes], int]:
    lines = BytesIO(data).readlines() or [b""]  # `splitlines` would also cut at a carriage return
    return lines, draw(st.integers(0, len(lines) - 1))


def _place(draw: st.DrawFn, data: bytes | bytearray) -> int:
    return draw(st.integers(0, len(data)))


_WAYS: Final[Mapping[Way, Callable[[st.DrawFn, bytes], bytes]]] = MappingProxyType(
    {
        "cut": _cut,
        "cut line": _cut_line,
        "drop line": _drop,
        "double line": _double,
        "move line": _move,
        "flip bits": _flip,
        "insert": _insert,
    }
)
