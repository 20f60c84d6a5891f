"""The physical lines of a transcript, in constant memory.

A line ends with the byte `\\n` and with nothing else: vendors write U+2028, U+2029 and U+0085 raw into their JSON
(seen with codex 0.169 and opencode 1.18), so that `str.splitlines` would cut lines in two.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO

from pytest_subagents.model import limits
from pytest_subagents.model.value import Value


class Block(Value, frozen=True, kw_only=True):
    """Lines that follow each other, with their line ends: to cut these off would cost as much as to decode a line."""

    first: int
    """The number of the first of them, counted from 1."""
    lines: list[bytes]
    overlong: bool = False
    """It is one line of more than `limits.LINE_BYTES`, which is not held: its text here is empty."""


def blocks(file: BinaryIO) -> Iterator[Block]:
    """All lines of `file` in blocks of about `limits.READ_BYTES`.

    A last line without a line end counts as one; nothing after the last line end does not.
    """
    number = 1
    parts: list[bytes] = []
    held = 0
    size = min(limits.FIRST_READ_BYTES, limits.READ_BYTES)
    while chunk := file.read(size):
        if len(chunk) == size:  # there is more of it: what asks for a megabyte at the end of a file pays for it
            size = min(size * 4, limits.READ_BYTES)
        lines = BytesIO(chunk).readlines()  # seven times as fast as `split`, and ends lines at the same byte
        rest = b"" if lines[-1].endswith(b"\n") else lines.pop()
        if lines:
            if held > limits.LINE_BYTES:
                yield Block(first=number, lines=[b""], overlong=True)
                number += 1
                del lines[0]
            elif parts:
                lines[0] = b"".join((*parts, lines[0]))
            if lines:
                yield Block(first=number, lines=lines)
                number += len(lines)
            parts.clear()
            held = 0
        held += len(rest)
        if held > limits.LINE_BYTES:
            parts.clear()
        elif rest:
            parts.append(rest)
    if held:
        yield Block(first=number, lines=[b"".join(parts)], overlong=held > limits.LINE_BYTES)


def numbered(file: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Each line, without its line end, with its number, counted from 1; None is a line too long to be held."""
    for block in blocks(file):
        if block.overlong:
            yield block.first, None
            continue
        for number, line in enumerate(block.lines, block.first):
            yield number, line.removesuffix(b"\n")
