"""What a dialect does: it turns the lines of one vendor's stream into events."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import Protocol

from pytest_subagents.model.event import AnyEvent


class Sink(Protocol):
    """Where a dialect puts what it read while many lines are read at once."""

    @property
    def counts(self) -> MutableMapping[type, int]:
        """How many events of each class were met and not handed over, for what can change nothing but a count."""
        ...

    @property
    def take(self) -> Callable[[AnyEvent], None]:
        """Takes an event, and counts it."""
        ...


class Dialect(Protocol):
    """One vendor's way to write a run as lines of JSON. An instance reads one file, and remembers what it must.

    No method raises, whatever the bytes.
    """

    @property
    def name(self) -> str: ...

    @property
    def vendor(self) -> str: ...

    def claims(self, record: Mapping[str, object]) -> bool:
        """Whether a JSON object is a line of this dialect, as far as it can be told from the line alone."""
        ...

    def decode(self, line: bytes, number: int) -> Sequence[AnyEvent] | None:
        """The events of a line, which may be none; None where it is no line of this dialect."""
        ...

    def digest(self, lines: Sequence[bytes], first: int, sink: Sink) -> int:
        """Reads lines for as long as they are plainly of this dialect; returns how many were.

        `first` is the number of `lines[0]`. The same as `decode` on each, but quicker: what cannot matter to the
        outcome of a run is only counted.
        """
        ...

    def finish(self, number: int) -> Sequence[AnyEvent]:
        """The events that follow from the end of the file, whose last line has this number."""
        ...
