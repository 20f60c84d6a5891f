"""Whether two globs match a common path, decided without listing a file, and a shortest such path.

The search walks both automata and a third one that knows what a path is (segments that are not empty, `.` or `..`) side
by side, breadth first: at most as many steps as pairs of places, so nothing explodes. What would take more than
`limits.OVERLAP_STEPS` is taken to overlap, as two that are kept apart for nothing do no harm.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final, TypeAlias

from pytest_subagents.model.glob import Char, literal_of, literal_start, matches, with_folders
from pytest_subagents.model.limits import OVERLAP_STEPS
from pytest_subagents.model.value import Value
from pytest_subagents.plan.automaton import Automaton, automaton_of, fits

_FRESH: Final = "axAX0_-"
"""The characters that a witness has where any would do, the nicest first."""
_EVERYTHING: Final = "\x01 !~\x80\U00010000"
_NO_NAME: Final = frozenset("/.\0")
"""Characters that are no part of a name, or not always."""

# Where a path is: at the start of a segment, behind `.` or `..` that begin one, or within a name.
_START, _DOT, _DOTS, _NAME = range(4)

_State: TypeAlias = tuple[int, int, int]
"""A place in each glob, and where the path is."""
_Came: TypeAlias = dict[_State, tuple[_State, str] | None]
"""Of each state, the one it was first reached from, and the character that led there."""


class Meeting(Value, frozen=True, kw_only=True):
    """Two globs that match a common path."""

    first: str
    second: str
    witness: str | None
    """A shortest path that both match; None where it was not decided whether there is one."""


def meeting_of(firsts: Iterable[str], seconds: Iterable[str]) -> Meeting | None:
    """Where two scopes meet: the shortest witness of any pair of their globs; None where no path is in both.

    A folder means everything below it (`model.glob.with_folders`).
    """
    best: Meeting | None = None
    others = tuple(with_folders(seconds))
    for first in with_folders(firsts):
        for second in others:
            found = meeting(first, second)
            if found is not None and (best is None or _rank(found) < _rank(best)):
                best = found
    return best


@lru_cache(maxsize=65536)
def meeting(first: str, second: str) -> Meeting | None:
    """Where two globs meet, read exactly as `model.glob.pattern_of` does."""
    start, other = literal_start(first), literal_start(second)
    if not (start.startswith(other) or other.startswith(start)):
        return None
    for fixed, glob in ((first, second), (second, first)):
        path = literal_of(fixed)
        if path is not None:
            return Meeting(first=first, second=second, witness=path) if _in_both(path, glob) else None
    return _searched(first, second)


def _rank(found: Meeting) -> tuple[bool, int, str, str, str]:
    return found.witness is None, len(found.witness or ""), found.witness or "", found.first, found.second


def _in_both(path: str, glob: str) -> bool:
    """Whether the one text that a glob matches is a path, and the other glob matches it."""
    return matches(path, [glob]) and "\0" not in path and all(part not in ("", ".", "..") for part in path.split("/"))


def _searched(first: str, second: str) -> Meeting | None:
    left, right = automaton_of(first), automaton_of(second)
    common = _Common(left, right)
    waiting = [(p, q, _START) for p in left.start for q in right.start]
    came: _Came = dict.fromkeys(waiting)
    steps = 0
    for state in waiting:  # which grows meanwhile
        p, q, at = state
        if at == _NAME and p in left.ends and q in right.ends:
            return Meeting(first=first, second=second, witness=_path(came, state))
        for one in left.steps[p]:
            for other in right.steps[q]:
                for text, to in common.next(one.char, other.char, at):
                    for after in one.after:
                        for beside in other.after:
                            steps += 1
                            reached = (after, beside, to)
                            if reached not in came:
                                came[reached] = (state, text)
                                waiting.append(reached)
        if steps > OVERLAP_STEPS:
            return Meeting(first=first, second=second, witness=None)
    return None


def _path(
    came: dict[tuple[int, int, int], tuple[tuple[int, int, int], str] | None], state: tuple[int, int, int]
) -> str:
    text: list[str] = []
    while (step := came[state]) is not None:
        state = step[0]
        text.append(step[1])
    return "".join(reversed(text))


class _Common:
    """The characters that two kinds have in common.

    A kind begins and ends to hold only at a character that stands in its glob, or right behind one, so that one
    character for each stretch between these stands for all of Unicode.
    """

    def __init__(self, left: Automaton, right: Automaton) -> None:
        named = left.chars | right.chars
        near = {chr(code) for char in named for code in (ord(char), ord(char) + 1) if code <= 0x10FFFF}
        self._names = (*_FRESH, *sorted({*near, *_EVERYTHING} - {*_FRESH} - _NO_NAME, key=_niceness))
        self._known: dict[tuple[Char, Char], tuple[bool, bool, str | None]] = {}

    def next(self, one: Char, other: Char, at: int) -> Iterator[tuple[str, int]]:
        """A character of both kinds for each way a path may go on from `at`, and where it is then."""
        slash, dot, name = self._both(one, other)
        if name is not None:
            yield name, _NAME
        if dot:
            yield ".", min(at + 1, _NAME)
        if slash and at == _NAME:
            yield "/", _START

    def _both(self, one: Char, other: Char) -> tuple[bool, bool, str | None]:
        known = self._known.get((one, other))
        if known is None:
            slash, dot = (fits(one, char) and fits(other, char) for char in "/.")
            only = one.literal or other.literal
            names = self._names if not only else () if only in _NO_NAME else (only,)
            name = next((char for char in names if fits(one, char) and fits(other, char)), None)
            known = self._known[one, other] = (slash, dot, name)
        return known


def _niceness(char: str) -> tuple[bool, bool, str]:
    return not char.isascii(), not char.isprintable(), char
