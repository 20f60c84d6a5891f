"""Whether all who changed one file come to the same in every order.

Each file is merged by itself (`three_way`), so where two have changed it, the order of the plan and its reverse are all
there is; where more have, each order is looked at. What a set of them comes to, whoever is the last one of it, is asked
of the sets from the small ones on: that is all orders, without going through each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TypeAlias

from pytest_subagents.git.command import Git
from pytest_subagents.merge.three_way import Clashing, three_way, tree_of
from pytest_subagents.merge.work import Rebuilt
from pytest_subagents.model import limits
from pytest_subagents.model.integration import Version
from pytest_subagents.model.value import Value

Files: TypeAlias = Mapping[bytes, Version]


class Differs(Value, frozen=True, kw_only=True):
    """In some order of those who changed a file there is a conflict, or another result."""

    path: bytes
    kinds: tuple[str, ...] = ()
    """What git calls the conflict; none where there is another result."""
    tree: str | None = None
    """A tree with that result alone."""


@dataclass(slots=True, kw_only=True)
class AnyOrder:
    git: Git
    start: Files
    files_of: Callable[[str], Files]
    """Of a tree."""
    driver: str = ""
    _known: dict[tuple[bytes, frozenset[str]], str] = field(default_factory=dict)
    """What a set comes to, as a tree with that file alone."""

    def differing(self, works: Sequence[Rebuilt], under: Mapping[str, frozenset[str]]) -> Differs | None:
        """The first file that an order of `works` makes a difference in. Nobody comes before those `under` it."""
        touching: dict[bytes, list[Rebuilt]] = {}
        for work in works:
            for path in work.paths:
                touching.setdefault(path, []).append(work)
        for path, crowd in sorted(touching.items()):
            if 2 < len(crowd) <= limits.MERGE_ORDERED:
                found = self._of(path, {work.agent: work for work in crowd}, under)
                if found is not None:
                    return found
        return None

    def _of(self, path: bytes, crowd: Mapping[str, Rebuilt], under: Mapping[str, frozenset[str]]) -> Differs | None:
        self._known[path, frozenset()] = self._tree(path, self.start)
        for size in range(1, len(crowd) + 1):
            for members in map(frozenset, combinations(crowd, size)):
                if (path, members) in self._known or any(under[each] & crowd.keys() - members for each in members):
                    continue
                results: list[str] = []
                for last in _last_ones(members, under):
                    found = three_way(
                        self.git,
                        base=self._tree(path, self.files_of(crowd[last].base)),
                        ours=self._known[path, members - {last}],
                        theirs=self._tree(path, self.files_of(crowd[last].tree)),
                        driver=self.driver,
                    )
                    if isinstance(found, Clashing):
                        return Differs(path=path, kinds=found.kinds.get(path, ()))
                    if results and found.tree not in results:
                        return Differs(path=path, tree=found.tree)
                    results.append(found.tree)
                self._known[path, members] = results[0]
        return None

    def _tree(self, path: bytes, files: Files) -> str:
        return tree_of(self.git, {path: files[path]} if path in files else {})


def _last_ones(members: frozenset[str], under: Mapping[str, frozenset[str]]) -> Iterator[str]:
    """Who of them may be the last."""
    return (each for each in sorted(members) if not any(each in under[other] for other in members))
