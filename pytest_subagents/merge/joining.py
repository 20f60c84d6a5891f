"""Many trees to one: a fold of three-way merges in the order of the plan, which must not matter.

A tree that conflicts is left out as a whole, and nothing is resolved for anyone. A merge without a conflict is no proof
that it is the only one: where lines repeat, three changes can land in different places in different orders. So all that
was joined is joined again from the end, a file that three and more have changed in every order (`any_order`), and where
that gives something else, whoever makes the difference is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypeAlias

from pytest_subagents.merge.any_order import AnyOrder
from pytest_subagents.merge.beyond_text.finding import Checkers, Finding
from pytest_subagents.merge.beyond_text.looking import beyond_text, rewritten_by_both
from pytest_subagents.merge.beyond_text.removed_but_used import Sides
from pytest_subagents.merge.built_on import all_below, all_under, last_first
from pytest_subagents.merge.private_store import Store
from pytest_subagents.merge.three_way import Clashing, Clean, three_way
from pytest_subagents.merge.work import Rebuilt
from pytest_subagents.model.integration import Conflicted, Merged, Nothing, PathConflict, Version, Waiting
from pytest_subagents.model.value import Value

JoinedRow: TypeAlias = Merged | Conflicted | Nothing | Waiting


class Joined(Value, frozen=True, kw_only=True):
    tree: str
    rows: tuple[JoinedRow, ...]
    """One for each tree, in their order."""


def join(store: Store, start: str, works: Sequence[Rebuilt], *, shown: Callable[[bytes], str]) -> Joined:
    """All of `works` on top of the tree `start`; each has a base of its own. `shown` makes a path one for people."""
    joining = Joining(store=store, start=start, works=works, shown=shown)
    rows = joining.add(works)
    return Joined(tree=joining.tree, rows=rows)


class _State(Value, frozen=True, kw_only=True):
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
    checkers: Checkers = field(default_factory=lambda: MappingProxyType({}))
    driver: str = ""
    """The command of an external merge driver."""
    needs: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By id, whom a subagent needs; those come before it, as does everyone whose work its own is built on."""
    out: frozenset[str] = frozenset()
    """Ids of those whose work cannot come at all."""
    _below: Mapping[str, Sequence[str]] = field(init=False)
    """By id, all whose work must be there first."""
    _under: Mapping[str, frozenset[str]] = field(init=False)
    """The same, with all whose work must be there before that."""
    _orders: AnyOrder = field(init=False)
    _files: dict[str, Mapping[bytes, Version]] = field(init=False, default_factory=dict)
    """By tree, those that were asked for."""
    _before: Mapping[bytes, Version] = field(init=False)
    """The files of `start`."""
    _state: _State = field(init=False)
    _last: _State = field(init=False)

    def __post_init__(self) -> None:
        self._below = all_below(self.works, self.needs)
        self._under = all_under(self._below)
        self.store.bring_trees(self.start)
        self._before = self._files_of(self.start)
        self.store.bring_files(self._before.get(path) for work in self.works for path in work.paths)
        self._orders = AnyOrder(git=self.store.writing, start=self._before, files_of=self._files_of, driver=self.driver)
        self._state = self._last = _State(tree=self.start, out=self.out)

    @property
    def tree(self) -> str:
        return self._state.tree

    def fresh(self) -> Joining:
        """Another one, to which nothing is joined."""
        return replace(self)

    def add(self, works: Sequence[Rebuilt]) -> tuple[JoinedRow, ...]:
        """Joins `works` one after the other to what is there; one row for each."""
        before = self._state
        state, rows = self._fold(before, works, careful=False)
        if state.kept != before.kept and not self._is_of_any_order(state):
            state, rows = self._fold(before, works, careful=True)
        self._state, self._last = state, before
        return rows

    def _is_of_any_order(self, state: _State) -> bool:
        backwards = self._backwards(state.kept) == Clean(tree=state.tree)
        return backwards and self._orders.differing(state.kept, self._under) is None

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
        missing = next((need for need in self._below[work.agent] if need in state.out), None)
        if missing is not None:
            why = f"it builds on {missing}, whose work is not merged"
            return Waiting(agent=work.agent, why=why, on=missing)
        found = self._three_way(work, state.tree)
        other = self._backwards([*state.kept, work]) if careful and isinstance(found, Clean) else None
        differs = self._orders.differing([*state.kept, work], self._under) if other == found else None
        match found:
            case Clashing():
                findings = tuple(rewritten_by_both(self._sides(work, state.tree, state.tree)))
                return self._conflicted(work, found, state.kept, findings, ours=state.tree, theirs=work.tree)
            case Clean(tree=new) if new not in (state.tree, work.tree) and (findings := self._look(work, state, new)):
                nothing = Clashing(kinds={})
                return self._conflicted(work, nothing, state.kept, findings, ours=state.tree, theirs=work.tree)
            case Clean(tree=new) if other is not None and other != Clean(tree=new):
                return self._unordered(work, state.kept, new, other)
            case Clean(tree=new) if differs is not None:
                kinds = {differs.path: ("order", *differs.kinds)}
                theirs = differs.tree or work.tree
                return self._conflicted(work, Clashing(kinds=kinds), state.kept, ours=new, theirs=theirs)
            case Clean(tree=new) if new == state.tree:
                why = "it changed nothing" if work.tree == work.base else "what it changed is there already"
                return Nothing(agent=work.agent, why=why)
            case Clean(tree=new, driven=driven):
                paths, by_driver = (tuple(sorted(map(self.shown, each))) for each in (work.paths, driven))
                return Merged(agent=work.agent, paths=paths, tree=new, driven=by_driver)

    def _look(self, work: Rebuilt, state: _State, new: str) -> tuple[Finding, ...]:
        return beyond_text(self.store, self._sides(work, state.tree, new), self.checkers)

    def _sides(self, work: Rebuilt, ours: str, new: str) -> Sides:
        base, mine, theirs, found = (self._files_of(tree) for tree in (work.base, ours, work.tree, new))
        return Sides(base=base, ours=mine, theirs=theirs, new=found)

    def _files_of(self, tree: str) -> Mapping[bytes, Version]:
        if tree not in self._files:
            self._files[tree] = self.store.files_of(tree)
        return self._files[tree]

    def _backwards(self, works: Sequence[Rebuilt]) -> Clean | Clashing:
        """The same from the end, as far as each can come before what it does not build on."""
        found = Clean(tree=self.start)
        for work in last_first(works, self._below):
            step = self._three_way(work, found.tree)
            if isinstance(step, Clashing):
                return step
            found = Clean(tree=step.tree)
        return found

    def _three_way(self, work: Rebuilt, ours: str) -> Clean | Clashing:
        return three_way(self.store.writing, base=work.base, ours=ours, theirs=work.tree, driver=self.driver)

    def _conflicted(
        self,
        work: Rebuilt,
        found: Clashing,
        kept: Sequence[Rebuilt],
        findings: Sequence[Finding] = (),
        *,
        ours: str,
        theirs: str,
    ) -> Conflicted:
        base, mine, other = (self._files_of(tree) for tree in (work.base, ours, theirs))
        told, kinds = {each.path: each for each in reversed(findings)}, found.kinds
        conflicts = [
            PathConflict(
                path=self.shown(path),
                kinds=tuple(dict.fromkeys((*kinds.get(path, ()), *_kinds(findings, path)))),
                base=base.get(path),
                ours=mine.get(path),
                theirs=other.get(path),
                agents=tuple(earlier.agent for earlier in kept if _touches_any(earlier, path, told.get(path))),
                moved=self._moved(work, kept, path, told.get(path)),
                marked=found.marked.get(path),
                line=told[path].fault.line if path in told else None,
                about=told[path].fault.about if path in told else "",
            )
            for path in kinds.keys() | told.keys()
        ]
        return Conflicted(agent=work.agent, conflicts=tuple(sorted(conflicts, key=lambda one: one.path)))

    def _moved(self, work: Rebuilt, kept: Sequence[Rebuilt], path: bytes, finding: Finding | None) -> bool:
        """Whether HEAD has changed it since `work` started, and not only somebody that `work` builds on."""
        base, needs = self._files_of(work.base), self._below[work.agent]
        places = [path] if finding is None or finding.also is None else [path, finding.also]
        return any(
            base.get(one) != self._before.get(one)
            for place in places
            if not any(_touches(earlier, place) for earlier in kept if earlier.agent in needs)
            for one in _around(place, base, self._before)
        )

    def _unordered(self, work: Rebuilt, kept: Sequence[Rebuilt], new: str, other: Clean | Clashing) -> Conflicted:
        """Joined without a conflict, and in another order there is one, or another result."""
        match other:
            case Clean(tree=tree):
                one, two = self._files_of(new), self._files_of(tree)
                paths = [path for path in one.keys() | two.keys() if one.get(path) != two.get(path)]
                kinds: dict[bytes, tuple[str, ...]] = dict.fromkeys(paths, ("order",))
                return self._conflicted(work, Clashing(kinds=kinds), kept, ours=new, theirs=tree)
            case Clashing(kinds=found):
                kinds = {path: ("order", *names) for path, names in found.items()}
                return self._conflicted(work, Clashing(kinds=kinds), kept, ours=new, theirs=work.tree)


def _kinds(findings: Iterable[Finding], path: bytes) -> Iterator[str]:
    return (each.fault.kind for each in findings if each.path == path)


def _touches_any(work: Rebuilt, path: bytes, finding: Finding | None) -> bool:
    also = finding.also if finding is not None else None
    return _touches(work, path) or (also is not None and _touches(work, also))


def _touches(work: Rebuilt, path: bytes) -> bool:
    """Whether `work` changed `path`, something in it, or the file that a folder of it was."""
    return any(_meet(path, one) for one in work.paths)


def _around(path: bytes, *trees: Mapping[bytes, Version]) -> Iterator[bytes]:
    return (one for tree in trees for one in tree if _meet(path, one))


def _meet(one: bytes, two: bytes) -> bool:
    return one == two or one.startswith(two + b"/") or two.startswith(one + b"/")
