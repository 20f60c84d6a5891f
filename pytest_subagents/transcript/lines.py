"""The physical lines of a transcript, in constant memory.

A line ends with the byte `\\n` and with nothing else: vendors write U+2028, U+2029 and U+0085 raw into their JSON
(seen with codex 0.169 and opencode 1.18), so that `str.splitlines` would cut lines in two.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from pytest_subagents.model import limits

_FIRST_READ_BYTES: Final = 16 * 1024
"""Most transcripts are smaller than a block, and to ask for a megabyte costs more than to read such a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Lines that follow each other, without their line ends; a carriage return before one stays on its line."""

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
    overlong = False
    size = min(_FIRST_READ_BYTES, limits.READ_BYTES)
    while chunk := file.read(size):
        if len(chunk) == size:  # there is more of it: what asks for a megabyte at the end of a file pays for it
            size = min(size * 4, limits.READ_BYTES)
        cut = chunk.rfind(b"\n")
        if cut < 0:
            held += len(chunk)
            overlong = overlong or held > limits.LINE_BYTES
            if overlong:
                parts.clear()
            else:
                parts.append(chunk)
            continue
        start = 0
        if overlong:
            start = chunk.index(b"\n") + 1
            yield Block(first=number, lines=[b""], overlong=True)
            number += 1
        if start <= cut:
            parts.append(chunk[start:cut])
            lines = b"".join(parts).split(b"\n")
            yield Block(first=number, lines=lines)
            number += len(lines)
        parts = [chunk[cut + 1 :]]
        held = len(parts[0])
        overlong = False
    rest = b"".join(parts)
    if rest or overlong:
        yield Block(first=number, lines=[rest], overlong=overlong)


def numbered(file: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Each line with its number, counted from 1; None stands for a line that is too long to be held."""
    for block in blocks(file):
        if block.overlong:
            yield block.first, None
        else:
            yield from enumerate(block.lines, block.first)
