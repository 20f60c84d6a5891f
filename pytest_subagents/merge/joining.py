"""Many trees to one: a fold of three-way merges in the order of the plan, which must not matter.

A tree that conflicts is left out as a whole, and nothing is resolved for anyone. A merge without a conflict is no proof
that it is the only one: where lines repeat, three changes can land in different places in different orders. So all that
was joined is joined again from the end, and where that gives something else, whoever makes the difference is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pytest_subagents.git.command import Git
from pytest_subagents.merge.built_on import Joint, last_first, missing_below
from pytest_subagents.merge.private_store import Store
from pytest_subagents.merge.three_way import Clashing, Clean, three_way
from pytest_subagents.merge.work import Rebuilt
from pytest_subagents.model.integration import Conflicted, LeftOut, Merged, Nothing, PathConflict, Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    tree: str
    rows: tuple[Joint, ...]
    """One for each tree, in their order."""


def join(store: Store, start: str, works: Sequence[Rebuilt], *, shown: Callable[[bytes], str]) -> Joined:
    """All of `works` on top of the tree `start`; each has a base of its own. `shown` makes a path one for people."""
    store.bring_trees(start)
    before = store.files_of(start)
    store.bring_files(before.get(path) for work in works for path in work.paths)
    folding = _Folding(store=store, start=start, before=before, shown=shown)
    joined, kept = folding.fold(works, careful=False)
    if folding.backwards(kept) != Clean(tree=joined.tree):
        joined, _ = folding.fold(works, careful=True)
    return joined


@dataclass(frozen=True, slots=True, kw_only=True)
class _Folding:
    store: Store
    start: str
    before: Mapping[bytes, Version]
    """The files of `start`."""
    shown: Callable[[bytes], str]

    def fold(self, works: Sequence[Rebuilt], *, careful: bool) -> tuple[Joined, list[Rebuilt]]:
        """With `careful`, each that is joined is held against the other order of all before it."""
        tree, kept, rows = self.start, list[Rebuilt](), list[Joint]()
        for work in works:
            if (missing := missing_below(work, rows)) is not None:
                rows.append(LeftOut(agent=work.agent, why=f"it is built on the work of {missing}, which is not merged"))
                continue
            found = three_way(self._git, base=work.base, ours=tree, theirs=work.tree)
            other = self.backwards([*kept, work]) if careful and isinstance(found, Clean) else found
            match found:
                case Clashing(kinds=kinds):
                    rows.append(self._conflicted(work, kinds, kept, ours=tree, theirs=work.tree))
                case Clean(tree=new) if other != found:
                    rows.append(self._unordered(work, kept, new, other))
                case Clean(tree=new) if new == tree:
                    why = "it changed nothing" if work.tree == work.base else "what it changed is there already"
                    rows.append(Nothing(agent=work.agent, why=why))
                case Clean(tree=new):
                    rows.append(Merged(agent=work.agent, paths=tuple(sorted(map(self.shown, work.paths))), tree=new))
                    tree = new
                    kept.append(work)
        return Joined(tree=tree, rows=tuple(rows)), kept

    def backwards(self, works: Sequence[Rebuilt]) -> Clean | Clashing:
        """The same from the end; who is built on another one comes behind it all the same."""
        found = Clean(tree=self.start)
        for work in last_first(works):
            step = three_way(self._git, base=work.base, ours=found.tree, theirs=work.tree)
            if isinstance(step, Clashing):
                return step
            found = step
        return found

    @property
    def _git(self) -> Git:
        return self.store.writing

    def _conflicted(
        self, work: Rebuilt, kinds: Mapping[bytes, tuple[str, ...]], kept: Sequence[Rebuilt], *, ours: str, theirs: str
    ) -> Conflicted:
        base, mine, other = (self.store.files_of(tree) for tree in (work.base, ours, theirs))
        conflicts = [
            PathConflict(
                path=self.shown(path),
                kinds=kinds[path],
                base=base.get(path),
                ours=mine.get(path),
                theirs=other.get(path),
                agents=tuple(earlier.agent for earlier in kept if _touches(earlier, path)),
                moved=any(base.get(one) != self.before.get(one) for one in _around(path, base, self.before)),
            )
            for path in kinds
        ]
        return Conflicted(agent=work.agent, conflicts=tuple(sorted(conflicts, key=lambda one: one.path)))

    def _unordered(self, work: Rebuilt, kept: Sequence[Rebuilt], new: str, other: Clean | Clashing) -> Conflicted:
        """Joined without a conflict, and in another order there is one, or another result."""
        match other:
            case Clean(tree=tree):
                one, two = self.store.files_of(new), self.store.files_of(tree)
                paths = [path for path in one.keys() | two.keys() if one.get(path) != two.get(path)]
                kinds: dict[bytes, tuple[str, ...]] = dict.fromkeys(paths, ("order",))
                return self._conflicted(work, kinds, kept, ours=new, theirs=tree)
            case Clashing(kinds=found):
                kinds = {path: ("order", *names) for path, names in found.items()}
                return self._conflicted(work, kinds, kept, ours=new, theirs=work.tree)


def _touches(work: Rebuilt, path: bytes) -> bool:
    """Whether `work` changed `path`, something in it, or the file that a folder of it was."""
    return any(_meet(path, one) for one in work.paths)


def _around(path: bytes, *trees: Mapping[bytes, Version]) -> Iterator[bytes]:
    return (one for tree in trees for one in tree if _meet(path, one))


def _meet(one: bytes, two: bytes) -> bool:
    return one == two or one.startswith(two + b"/") or two.startswith(one + b"/")
