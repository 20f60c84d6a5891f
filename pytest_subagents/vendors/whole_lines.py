"""Bytes of a stream as they arrive -> its whole lines, in constant memory."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

from pytest_subagents.model import limits
from pytest_subagents.transcript.lines import Block


class WholeLines:
    """Holds what has no line end yet, up to `limits.LINE_BYTES`; the same lines as `transcript.lines.blocks` gives."""

    def __init__(self) -> None:
        self._number = 1
        self._parts: list[bytes] = []
        self._held = 0

    def feed(self, data: bytes) -> Iterator[Block]:
        """The lines that `data` completes."""
        if not data:
            return
        lines = BytesIO(data).readlines()
        rest = b"" if lines[-1].endswith(b"\n") else lines.pop()
        if lines:
            yield from self._completed(lines)
        self._held += len(rest)
        if self._held > limits.LINE_BYTES:
            self._parts.clear()
        elif rest:
            self._parts.append(rest)

    def end(self) -> Iterator[Block]:
        """The last line, where it has no line end."""
        if self._held:
            yield Block(first=self._number, lines=[b"".join(self._parts)], overlong=self._held > limits.LINE_BYTES)
            self._parts.clear()
            self._held = 0

    def _completed(self, lines: list[bytes]) -> Iterator[Block]:
        if self._held > limits.LINE_BYTES:
            yield Block(first=self._number, lines=[b""], overlong=True)
            self._number += 1
            del lines[0]
        elif self._parts:
            lines[0] = b"".join((*self._parts, lines[0]))
        self._parts.clear()
        self._held = 0
        if lines:
            yield Block(first=self._number, lines=lines)
            self._number += len(lines)
