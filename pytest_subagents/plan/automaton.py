"""A glob as an automaton: what may come next in a path, from each place in the glob."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from pytest_subagents.model.glob import Char, Piece, pieces_of
from pytest_subagents.model.value import Value

_NOT_SLASH: Final = Char(r"[^/]")
_ANY: Final = Char(r"(?s:.)")
_SLASH: Final = Char("/", "/")


@dataclass(frozen=True, slots=True)
class Step:
    """One character of some kind, and the places where the path may be afterwards."""

    char: Char
    after: tuple[int, ...]


class Automaton(Value, frozen=True, kw_only=True):
    """The places of a glob that read a character, each with its steps, and those where a path may end.

    Its size is linear in the glob, as a group of braces is written once.
    """

    start: tuple[int, ...]
    steps: tuple[tuple[Step, ...], ...]
    ends: frozenset[int]
    chars: frozenset[str]
    """The characters at which a kind of character in it may begin or end to hold."""


@lru_cache(maxsize=4096)
def automaton_of(glob: str) -> Automaton:
    """The automaton of what `model.glob.pattern_of` matches."""
    building = _Building()
    last = building.sequence(pieces_of(glob))
    reached = [building.closure(place) for place in range(len(building.reads))]
    return Automaton(
        start=reached[0],
        steps=tuple(tuple(Step(char, reached[to]) for char, to in reads) for reads in building.reads),
        ends=frozenset([last]),
        chars=frozenset(glob),
    )


@lru_cache(maxsize=65536)
def fits(char: Char, text: str) -> bool:
    """Whether the character `text` is of this kind."""
    return char.literal == text if char.literal else re.fullmatch(char.pattern, text) is not None


@dataclass(slots=True)
class _Building:
    """Places with the characters that lead on from them, and those that are reached without one."""

    reads: list[list[tuple[Char, int]]] = field(default_factory=lambda: [[]])
    free: list[list[int]] = field(default_factory=lambda: [[]])

    def place(self) -> int:
        self.reads.append([])
        self.free.append([])
        return len(self.reads) - 1

    def sequence(self, pieces: tuple[Piece, ...]) -> int:
        """Adds all pieces behind place 0; the place where they end."""
        here = 0
        groups: list[tuple[int, int]] = []
        for piece in pieces:
            match piece:
                case Char():
                    here = self._read(here, piece)
                case "many":
                    here = self._loop(here)
                case "rest":
                    here = self._read(here, _ANY)
                    self.reads[here].append((_ANY, here))
                case "folders":
                    here = self._folders(here)
                case "open":
                    groups.append((here, self.place()))
                    here = self._free(here)
                case "or":
                    before, behind = groups[-1]
                    self.free[here].append(behind)
                    here = self._free(before)
                case "close":
                    _, behind = groups.pop()
                    self.free[here].append(behind)
                    here = behind
        return here

    def closure(self, place: int) -> tuple[int, ...]:
        """All places that are reached from `place` without a character and read one, or end the glob."""
        seen = {place}
        waiting = [place]
        while waiting:
            for to in self.free[waiting.pop()]:
                if to not in seen:
                    seen.add(to)
                    waiting.append(to)
        last = len(self.reads)
        return tuple(sorted(one for one in seen if one < last and (self.reads[one] or not self.free[one])))

    def _read(self, here: int, char: Char) -> int:
        to = self.place()
        self.reads[here].append((char, to))
        return to

    def _free(self, here: int) -> int:
        to = self.place()
        self.free[here].append(to)
        return to

    def _loop(self, here: int) -> int:
        """`[^/]*`, at a place of its own: `here` may be inside of another loop."""
        loop = self._free(here)
        self.reads[loop].append((_NOT_SLASH, loop))
        return self._free(loop)

    def _folders(self, here: int) -> int:
        """`(?:[^/]+/)*`."""
        loop = self._free(here)
        name = self._read(loop, _NOT_SLASH)
        self.reads[name].append((_NOT_SLASH, name))
        self.reads[name].append((_SLASH, loop))
        return self._free(loop)
