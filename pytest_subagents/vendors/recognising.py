"""Finds out, line by line, which dialect a line is of, and counts what is of none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pytest_subagents.model import limits
from pytest_subagents.model.event import AnyEvent, End, Notice
from pytest_subagents.transcript.lines import Block
from pytest_subagents.vendors.dialects.interface import Dialect, Sink
from pytest_subagents.vendors.dialects.registry import ADDRESSES, dialect
from pytest_subagents.vendors.dialects.wire import parse_object
from pytest_subagents.vendors.prefixes import behind_prefix

_AT_ONCE: Final = 256
"""Lines given to a dialect at once: a log of which every other line is noise must not be copied again and again."""
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class Recogniser:
    """Reads the lines of one file, in their order."""

    def __init__(self) -> None:
        self.lines = 0
        self.last_line = 0
        self.unreadable = 0
        self.unreadable_lines: list[int] = []
        self.damaged_line = 0
        self.foreign = 0
        self.prefixed = False
        """Whether a line that is no JSON has an object behind a log's prefix."""
        self.spoken: dict[str, None] = {}
        """The dialects met, in the order of their first line."""
        self._dialects: dict[str, Dialect] = {}
        self._current: Dialect | None = None
        self._excerpt: list[str] = []
        self._excerpted = 0

    @property
    def vendor(self) -> str | None:
        return self._current.vendor if self._current is not None else None

    @property
    def excerpt(self) -> str:
        """The first text that is no protocol."""
        return "\n".join(self._excerpt)[: limits.EXCERPT_CHARS]

    def read(self, block: Block, sink: Sink) -> None:
        """Reads a block of lines, at the speed of the dialect that speaks for as long as it does."""
        if block.overlong:
            self._count_line(block.first)
            self._lose(b"", block.first)
            return
        lines, first, index = block.lines, block.first, 0
        while index < len(lines):
            if self._current is not None and lines[index].startswith(b"{"):
                read = self._current.digest(lines[index : index + _AT_ONCE], first + index, sink)
                if read:
                    index += read
                    self.lines += read
                    self.last_line = first + index - 1
                    continue
            for event in self.one(lines[index], first + index):
                sink.take(event)
            index += 1

    def one(self, line: bytes, number: int) -> Sequence[AnyEvent]:
        """The events of one line, whatever it is and whether or not it has its line end."""
        if not line.strip():
            return ()
        self._count_line(number)
        line = line.removeprefix(BYTE_ORDER_MARK)  # of the file, or of one that was appended to it
        if self._current is not None:
            events = self._current.decode(line, number)
            if events is not None:
                return events
        record = parse_object(line)
        if record is None:
            self._lose(line, number)
            return ()
        for name in ADDRESSES:
            candidate = self._dialect(name)
            if candidate is not self._current and candidate.claims(record):
                events = candidate.decode(line, number)
                if events is not None:
                    if self._current is not None and name not in self.spoken and _only_ends(events):
                        return (Notice(line=number, message=f"the end of a run of {candidate.vendor}"),)
                    self.spoken.setdefault(name)
                    self._current = candidate
                    return events
        self.foreign += 1
        self._keep(line)
        return ()

    def finish(self) -> Sequence[AnyEvent]:
        """The events that follow from the end of the file."""
        return self._current.finish(self.last_line) if self._current is not None else ()

    def _dialect(self, name: str) -> Dialect:
        found = self._dialects.get(name)
        if found is None:
            found = self._dialects[name] = dialect(name)
        return found

    def _count_line(self, number: int) -> None:
        self.lines += 1
        self.last_line = number

    def _lose(self, line: bytes, number: int) -> None:
        self.unreadable += 1
        if len(self.unreadable_lines) < limits.UNREADABLE_LINES_SHOWN:
            self.unreadable_lines.append(number)
        if line.startswith(b'{"'):
            self.damaged_line = number
        self.prefixed = self.prefixed or behind_prefix(line) is not None
        self._keep(line)

    def _keep(self, line: bytes) -> None:
        if self._excerpted < limits.EXCERPT_CHARS and b"\0" not in line[: limits.EXCERPT_CHARS]:
            text = line[: 4 * limits.EXCERPT_CHARS].decode("utf-8", "replace").rstrip("\r\n")[: limits.EXCERPT_CHARS]
            self._excerpt.append(text)
            self._excerpted += len(text) + 1


def _only_ends(events: Sequence[AnyEvent]) -> bool:
    """Whether a line says that a run ended well, without an answer: of a dialect not met before it is another run's."""
    return any(isinstance(event, End) and event.ok and not event.text and event.structured is None for event in events)
