"""The access matrix, and the pairs of subagents that touch a common path.

Pairs are looked for among different scopes, not among subagents, and only where one glob begins as the other does, so
the work grows with the pairs that can meet.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final, TypeAlias

from pytest_subagents.model.glob import literal_start, with_folders
from pytest_subagents.model.plan import Access
from pytest_subagents.model.spec import Subagent
from pytest_subagents.plan.meeting import Meeting, meeting_of

_WRITING_TOOLS: Final = frozenset({"edit", "shell"})

Globs: TypeAlias = tuple[str, ...]


def access_of(subagent: Subagent) -> Access:
    """What a subagent may touch. One whose tools can only read writes nothing, whatever its scope says."""
    writes = subagent.tools is None or not _WRITING_TOOLS.isdisjoint(subagent.tools)
    return Access(
        id=subagent.id,
        read=subagent.scope.read,
        write=subagent.scope.write if writes else (),
        resources=subagent.resources,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Touching:
    """Two scopes with a common path, and the positions of the subagents that have them, in order.

    A scope of writers meets itself where several have it.
    """

    firsts: tuple[int, ...]
    seconds: tuple[int, ...]
    meeting: Meeting


def writers_of_one_path(access: Sequence[Access]) -> tuple[Touching, ...]:
    """All scopes of writers that meet, each pair once."""
    groups = _grouped((row.write, index) for index, row in enumerate(access))
    return tuple(_touching(groups, groups, ordered=True))


def writers_and_readers(access: Sequence[Access]) -> tuple[Touching, ...]:
    """All scopes of writers (first) and of readers (second) that meet."""
    return tuple(
        _touching(
            _grouped((row.write, index) for index, row in enumerate(access)),
            _grouped((row.read or (), index) for index, row in enumerate(access)),
            ordered=False,
        )
    )


def _grouped(scopes: Iterable[tuple[Globs, int]]) -> dict[Globs, tuple[int, ...]]:
    groups: dict[Globs, list[int]] = defaultdict(list)
    for globs, index in scopes:
        if globs:
            groups[tuple(sorted(set(globs)))].append(index)
    return {globs: tuple(indices) for globs, indices in groups.items()}


def _touching(
    firsts: Mapping[Globs, tuple[int, ...]], seconds: Mapping[Globs, tuple[int, ...]], *, ordered: bool
) -> Iterator[Touching]:
    """With `ordered`, the pairs of one kind of scope: each once, the one whose first subagent comes first in front."""
    for first, second in sorted(_candidates(firsts, seconds), key=lambda pair: (firsts[pair[0]], seconds[pair[1]])):
        one, other = firsts[first], seconds[second]
        if ordered and (one[0] > other[0] or (first == second and len(one) == 1)):
            continue
        if not ordered and one == other and len(one) == 1:
            continue
        found = meeting_of(first, second)
        if found is not None:
            yield Touching(firsts=one, seconds=other, meeting=found)


def _candidates(firsts: Iterable[Globs], seconds: Iterable[Globs]) -> set[tuple[Globs, Globs]]:
    """The pairs of which a glob of one begins as a glob of the other does."""
    left, right = _by_start(firsts), _by_start(seconds)
    found: set[tuple[Globs, Globs]] = set()
    for start, scopes in left.items():
        for begun in _beginnings(start, right):
            found.update(product(scopes, right[begun]))
    for start, scopes in right.items():
        for begun in _beginnings(start, left):
            found.update(product(left[begun], scopes))
    return found


def _by_start(scopes: Iterable[Globs]) -> dict[str, set[Globs]]:
    starts: dict[str, set[Globs]] = defaultdict(set)
    for globs in scopes:
        for glob in with_folders(globs):
            starts[literal_start(glob)].add(globs)
    return starts


def _beginnings(start: str, known: Mapping[str, object]) -> Iterator[str]:
    return (start[:length] for length in range(len(start) + 1) if start[:length] in known)
