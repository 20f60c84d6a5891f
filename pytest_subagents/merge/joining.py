"""Many trees to one: a fold of three-way merges in the order of the plan, which must not matter.

A tree that conflicts is left out as a whole, and nothing is resolved for anyone. A merge without a conflict is no proof
that it is the only one: where lines repeat, three changes can land in different places in different orders. So all that
was joined is joined again from the end, and where that gives something else, whoever makes the difference is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from pytest_subagents.git.command import Git
from pytest_subagents.merge.private_store import Store
from pytest_subagents.merge.three_way import Clashing, Clean, three_way
from pytest_subagents.merge.work import Rebuilt
from pytest_subagents.model.integration import Conflicted, Merged, Nothing, PathConflict, Version, Waiting

JoinedRow: TypeAlias = Merged | Conflicted | Nothing | Waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    tree: str
    rows: tuple[JoinedRow, ...]
    """One for each tree, in their order."""


def join(store: Store, start: str, works: Sequence[Rebuilt], *, shown: Callable[[bytes], str]) -> Joined:
    """All of `works` on top of the tree `start`; each has a base of its own. `shown` makes a path one for people."""
    joining = Joining(store=store, start=start, works=works, shown=shown)
    rows = joining.add(works)
    return Joined(tree=joining.tree, rows=rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """What was joined so far."""

    tree: str
    kept: tuple[Rebuilt, ...] = ()
    out: frozenset[str] = frozenset()
    """Whose work is not in the tree although it should be: what builds on it cannot be, either."""


@dataclass(slots=True, kw_only=True)
class Joining:
    """A tree that grows, by as many works at a time as belong together; what came last can be taken out again."""

    store: Store
    start: str
    works: Sequence[Rebuilt]
    """All that may come."""
    shown: Callable[[bytes], str]
    needs: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By id, whose work a subagent builds on; those come before it."""
    out: frozenset[str] = frozenset()
    """Ids of those whose work cannot come at all."""
    _before: Mapping[bytes, Version] = field(init=False)
    """The files of `start`."""
    _state: _State = field(init=False)
    _last: _State = field(init=False)

    def __post_init__(self) -> None:
        self.store.bring_trees(self.start)
        self._before = self.store.files_of(self.start)
        self.store.bring_files(self._before.get(path) for work in self.works for path in work.paths)
        self._state = self._last = _State(tree=self.start, out=self.out)

    @property
    def tree(self) -> str:
        return self._state.tree

    def add(self, works: Sequence[Rebuilt]) -> tuple[JoinedRow, ...]:
        """Joins `works` one after the other to what is there; one row for each."""
        before = self._state
        state, rows = self._fold(before, works, careful=False)
        if state.kept != before.kept and self._backwards(state.kept) != Clean(tree=state.tree):
            state, rows = self._fold(before, works, careful=True)
        self._state, self._last = state, before
        return rows

    def take_out(self, agents: Sequence[str]) -> None:
        """What the last `add` joined is not in the tree any more; `agents` are those that it was of."""
        self._state = replace(self._last, out=self._state.out | set(agents))

    def leave_out(self, agents: Sequence[str]) -> None:
        """These will not come."""
        self._state = replace(self._state, out=self._state.out | set(agents))

    def _fold(self, state: _State, works: Sequence[Rebuilt], *, careful: bool) -> tuple[_State, tuple[JoinedRow, ...]]:
        """With `careful`, each that is joined is held against the other order of all before it."""
        rows: list[JoinedRow] = []
        for work in works:
            row = self._step(state, work, careful=careful)
            rows.append(row)
            match row:
                case Merged(tree=tree):
                    state = replace(state, tree=tree, kept=(*state.kept, work))
                case Conflicted() | Waiting():
                    state = replace(state, out=state.out | {work.agent})
        return state, tuple(rows)

    def _step(self, state: _State, work: Rebuilt, *, careful: bool) -> JoinedRow:
        missing = next((need for need in self.needs.get(work.agent, ()) if need in state.out), None)
        if missing is not None:
            why = f"it builds on {missing}, whose work is not merged"
            return Waiting(agent=work.agent, why=why, on=missing)
        found = three_way(self._git, base=work.base, ours=state.tree, theirs=work.tree)
        other = self._backwards([*state.kept, work]) if careful and isinstance(found, Clean) else found
        match found:
            case Clashing(kinds=kinds):
                return self._conflicted(work, kinds, state.kept, ours=state.tree, theirs=work.tree)
            case Clean(tree=new) if other != found:
                return self._unordered(work, state.kept, new, other)
            case Clean(tree=new) if new == state.tree:
                why = "it changed nothing" if work.tree == work.base else "what it changed is there already"
                return Nothing(agent=work.agent, why=why)
            case Clean(tree=new):
                return Merged(agent=work.agent, paths=tuple(sorted(map(self.shown, work.paths))), tree=new)

    def _backwards(self, works: Sequence[Rebuilt]) -> Clean | Clashing:
        """The same from the end, as far as each can come before what it does not build on."""
        found = Clean(tree=self.start)
        for work in _from_the_end(works, self.needs):
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
        built_on = [earlier for earlier in kept if earlier.agent in self.needs.get(work.agent, ())]
        conflicts = [
            PathConflict(
                path=self.shown(path),
                kinds=kinds[path],
                base=base.get(path),
                ours=mine.get(path),
                theirs=other.get(path),
                agents=tuple(earlier.agent for earlier in kept if _touches(earlier, path)),
                moved=any(base.get(one) != self._before.get(one) for one in _around(path, base, self._before))
                and not any(_touches(earlier, path) for earlier in built_on),
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


def _from_the_end(works: Sequence[Rebuilt], needs: Mapping[str, Sequence[str]]) -> Iterator[Rebuilt]:
    """`works` in the other order, but each still after what it builds on: it may have started from that."""
    known = {work.agent: work for work in works}
    done: set[str] = set()
    for last in reversed(works):
        waiting = [last.agent]
        while waiting:
            agent = waiting[-1]
            open_needs = [need for need in needs.get(agent, ()) if need in known and need not in done]
            if agent in done or not open_needs:
                waiting.pop()
                if agent not in done:
                    done.add(agent)
                    yield known[agent]
            else:
                waiting += open_needs


def _touches(work: Rebuilt, path: bytes) -> bool:
    """Whether `work` changed `path`, something in it, or the file that a folder of it was."""
    return any(_meet(path, one) for one in work.paths)


def _around(path: bytes, *trees: Mapping[bytes, Version]) -> Iterator[bytes]:
    return (one for tree in trees for one in tree if _meet(path, one))


def _meet(one: bytes, two: bytes) -> bool:
    return one == two or one.startswith(two + b"/") or two.startswith(one + b"/")
