"""The violations of one answer: all counted, the first ones kept, in an order of their own.

The order is that of the places in the answer (indexes as numbers), then of keyword and message; it depends neither
on the order of keys in schema or answer nor on the library's. Only as many are held as are shown, so that 50,000
violations cost no more memory than a hundred.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from pytest_subagents.contract.pointers import Part
from pytest_subagents.model import limits
from pytest_subagents.model.json_value import JsonValue

Violation: TypeAlias = tuple[tuple[Part, ...], str, str]
"""Path, keyword, message. Paths compare: where two part they stand in one container, whose parts are of one type."""

Mismatch: TypeAlias = tuple[str, JsonValue]
"""The keyword that turned the value as a whole away (`type`, `const`, `enum`), and what it asked for."""

_HELD: Final = 2 * limits.VIOLATIONS_SHOWN


class Tally:
    """Counts violations and keeps the first ones."""

    __slots__ = ("_last", "_violations", "count", "misfits", "mismatches")

    def __init__(self) -> None:
        self.count = 0
        self.mismatches: list[Mismatch] = []
        """Why the value is not even of the right sort."""
        self.misfits = 0
        """How many of its own keys have a value that tells it is meant for something else."""
        self._violations: list[Violation] = []
        self._last: tuple[Part, ...] | None = None

    def wants(self, path: tuple[Part, ...]) -> bool:
        """Whether a violation there may still be among the first ones, and so needs a message."""
        return self._last is None or path <= self._last

    def add(self, path: tuple[Part, ...], keyword: str, message: str) -> None:
        """Keeps one violation; counting it is the caller's part."""
        self._violations.append((path, keyword, message))
        if len(self._violations) >= _HELD:
            self._cut()

    def absorb(self, inner: Tally, prefix: tuple[Part, ...]) -> None:
        """Adds the violations of a part of the answer, which lies at `prefix`."""
        self.count += inner.count
        for path, keyword, message in inner.violations():
            self.add((*prefix, *path), keyword, message)

    def violations(self) -> list[Violation]:
        """The first ones, each once, in order."""
        self._cut()
        return self._violations

    def _cut(self) -> None:
        self._violations = sorted(set(self._violations))[: limits.VIOLATIONS_SHOWN]
        if len(self._violations) == limits.VIOLATIONS_SHOWN:
            self._last = self._violations[-1][0]


def rank(tally: Tally) -> tuple[bool, int, int]:
    """How far an answer is from an alternative; the least is the one that was probably meant."""
    return bool(tally.mismatches), tally.misfits, tally.count
