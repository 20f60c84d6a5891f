"""The access matrix, and the pairs of subagents that touch a common path.

Pairs are looked for among different scopes, not among subagents, and only where one glob begins as the other does, so
the work grows with the pairs that can meet. Writers of whom many say the same glob are not compared with each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Final, TypeAlias

from pytest_subagents.model.glob import literal_start, with_folders
from pytest_subagents.model.limits import PLAN_PAIRS
from pytest_subagents.model.plan import Access
from pytest_subagents.model.spec import Subagent
from pytest_subagents.model.value import Value
from pytest_subagents.plan.meeting import Meeting, meeting_of

_WRITING_TOOLS: Final = frozenset({"edit", "shell"})
_MANY: Final = 12
"""Scopes with a glob in common that are compared with each other; of more, that glob says it all."""

Globs: TypeAlias = tuple[str, ...]
_Holding: TypeAlias = tuple[tuple[frozenset[str], Sequence[Globs]], ...]
"""Scopes by the common globs that they hold."""


class TooManyPairs(Exception):
    """More pairs of scopes may meet than can be compared."""


def access_of(subagent: Subagent) -> Access:
    """What a subagent may touch. One whose tools can only read writes nothing, whatever its scope says."""
    writes = subagent.tools is None or not _WRITING_TOOLS.isdisjoint(subagent.tools)
    return Access(
        id=subagent.id,
        read=subagent.scope.read,
        write=subagent.scope.write if writes else (),
        resources=subagent.resources,
    )


class Touching(Value, frozen=True, kw_only=True):
    """Two scopes with a common path, and the positions of the subagents that have them, in order.

    A scope of writers meets itself where several have it; so do those that have a glob in common with many others.
    """

    firsts: tuple[int, ...]
    seconds: tuple[int, ...]
    meeting: Meeting


def writers_of_one_path(access: Sequence[Access]) -> tuple[Touching, ...]:
    """All scopes of writers that meet, each pair once, but for pairs with several globs in common with many others.
    `TooManyPairs` where they cannot be compared."""
    groups = _grouped((row.write, index) for index, row in enumerate(access))
    common = _common(groups)
    together = _together(groups, common)
    return tuple(sorted((*together, *_touching(groups, groups, frozenset(common), ordered=True)), key=_place))


def writers_and_readers(access: Sequence[Access]) -> tuple[Touching, ...]:
    """All scopes of writers (first) and of readers (second) that meet; `TooManyPairs` where they cannot be compared."""
    return tuple(
        _touching(
            _grouped((row.write, index) for index, row in enumerate(access)),
            _grouped((row.read or (), index) for index, row in enumerate(access)),
            frozenset(),
            ordered=False,
        )
    )


def _place(touching: Touching) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return touching.firsts, touching.seconds


def _grouped(scopes: Iterable[tuple[Globs, int]]) -> dict[Globs, tuple[int, ...]]:
    groups: dict[Globs, list[int]] = defaultdict(list)
    for globs, index in scopes:
        if globs:
            groups[tuple(sorted(set(globs)))].append(index)
    return {globs: tuple(indices) for globs, indices in groups.items()}


def _common(scopes: Iterable[Globs]) -> dict[str, list[Globs]]:
    """The globs that many scopes say, and that match any path at all, with these scopes."""
    having: dict[str, list[Globs]] = defaultdict(list)
    for globs in scopes:
        for glob in dict.fromkeys(with_folders(globs)):
            having[glob].append(globs)
    return {glob: found for glob, found in having.items() if len(found) >= _MANY and meeting_of([glob], [glob])}


def _together(groups: Mapping[Globs, tuple[int, ...]], common: Mapping[str, list[Globs]]) -> Iterator[Touching]:
    """For each common glob, all who have it; none of whom the same is said already."""
    said: dict[Globs, list[set[Globs]]] = defaultdict(list)
    for glob, scopes in sorted(common.items(), key=lambda item: (-len(item[1]), len(item[0]), item[0])):
        if not any(known.issuperset(scopes) for known in said[scopes[0]]):
            together = set(scopes)
            for globs in scopes:
                said[globs].append(together)
            everybody = tuple(sorted(index for globs in scopes for index in groups[globs]))
            found = meeting_of([glob], [glob])
            assert found is not None
            yield Touching(firsts=everybody, seconds=everybody, meeting=found)


def _touching(
    firsts: Mapping[Globs, tuple[int, ...]],
    seconds: Mapping[Globs, tuple[int, ...]],
    common: frozenset[str],
    *,
    ordered: bool,
) -> Iterator[Touching]:
    """With `ordered`, the pairs of one kind of scope: each once, the one whose first subagent comes first in front."""
    pairs = _candidates(firsts, seconds, common, ordered=ordered)
    for first, second in sorted(pairs, key=lambda pair: (firsts[pair[0]], seconds[pair[1]])):
        one, other = firsts[first], seconds[second]
        if one == other and len(one) == 1:
            continue
        found = meeting_of(first, second)
        if found is not None:
            yield Touching(firsts=one, seconds=other, meeting=found)


def _candidates(
    firsts: Mapping[Globs, tuple[int, ...]],
    seconds: Mapping[Globs, tuple[int, ...]],
    common: frozenset[str],
    *,
    ordered: bool,
) -> set[tuple[Globs, Globs]]:
    """The pairs of which a glob of one begins as a glob of the other does, without those that have a common one."""
    left, right = _by_start(firsts, common), _by_start(seconds, common)
    found: set[tuple[Globs, Globs]] = set()

    def add(some: _Holding, others: _Holding) -> None:
        for (held, ones), (beside, twos) in product(some, others):
            if held.isdisjoint(beside):
                for first in ones:
                    place = firsts[first][0] if ordered else 0
                    found.update((first, second) for second in twos if seconds[second][0] >= place)
                    if len(found) > PLAN_PAIRS:
                        raise TooManyPairs

    for start, scopes in left.items():
        for begun in _beginnings(start, right):
            add(scopes, right[begun])
    for start, scopes in right.items():
        for begun in _beginnings(start, left):
            add(left[begun], scopes)
    return found


def _by_start(scopes: Iterable[Globs], common: frozenset[str]) -> dict[str, _Holding]:
    starts: dict[str, list[Globs]] = defaultdict(list)
    for globs in scopes:
        for start in dict.fromkeys(map(literal_start, with_folders(globs))):
            starts[start].append(globs)
    return {start: _by_held(found, common) for start, found in starts.items()}


def _by_held(scopes: Sequence[Globs], common: frozenset[str]) -> _Holding:
    if not common:
        return ((common, scopes),)
    held: dict[frozenset[str], list[Globs]] = defaultdict(list)
    for globs in scopes:
        held[common.intersection(with_folders(globs))].append(globs)
    return tuple(held.items())


def _beginnings(start: str, known: Mapping[str, object]) -> Iterator[str]:
    return (start[:length] for length in range(len(start) + 1) if start[:length] in known)
