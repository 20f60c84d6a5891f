"""A merge that is clean as text, looked at as what its files are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from pytest_subagents.merge.beyond_text.finding import Checkers, Finding
from pytest_subagents.merge.beyond_text.lock_files import kind_by_name
from pytest_subagents.merge.beyond_text.python_module import NOTHING, Module, parsed
from pytest_subagents.merge.beyond_text.removed_but_used import Sides, removed_but_used
from pytest_subagents.merge.private_store import Store
from pytest_subagents.model import limits
from pytest_subagents.model.integration import Fault, Version
from pytest_subagents.model.value import Value

_FILES = ("100644", "100755")
_REGENERATE = "no text merge of it can be trusted: generate it again"


def rewritten_by_both(sides: Sides) -> Iterator[Finding]:
    """Lock files and generated files that both sides have changed, each in its own way."""
    paths = (path for path in sides.base.keys() | sides.theirs.keys() if sides.base.get(path) != sides.theirs.get(path))
    for path in sorted(paths):
        ours = sides.ours.get(path)
        both = ours != sides.base.get(path) and ours != sides.theirs.get(path)
        if both and (kind := kind_by_name(path)) is not None:
            yield Finding(path=path, fault=Fault(kind=kind, line=None, about=_REGENERATE))


def beyond_text(store: Store, sides: Sides, checkers: Checkers) -> tuple[Finding, ...]:
    """What is wrong with `sides.new` that is wrong with neither side."""
    looking = _Looking(store=store, sides=sides, checkers=checkers)
    return (*rewritten_by_both(sides), *looking.faults(), *looking.removed())


class _Looking(Value, frozen=True, kw_only=True):
    store: Store
    sides: Sides
    checkers: Checkers

    def faults(self) -> Iterator[Finding]:
        """Of files that are as neither side has them."""
        sides = self.sides
        mixed = [
            path
            for path, version in sides.new.items()
            if version not in (sides.ours.get(path), sides.theirs.get(path)) and version.mode in _FILES
        ]
        texts = self._texts(side.get(path) for path in mixed for side in (sides.new, sides.ours, sides.theirs))
        for path in sorted(mixed):
            checker = next((self.checkers[end] for end in self.checkers if path.endswith(end.encode())), None)
            data = texts.get(sides.new[path].id)
            if checker is None or data is None:
                continue
            before = [
                fault
                for side in (sides.ours, sides.theirs)
                if path in side and (text := texts.get(side[path].id)) is not None
                for fault in checker(text)
            ]
            yield from (Finding(path=path, fault=each) for each in checker(data) if not _known(each, before))

    def removed(self) -> Iterator[Finding]:
        sides = self.sides
        changed = {*sides.changed(sides.ours), *sides.changed(sides.theirs)}
        if len(changed) > limits.MERGE_LOOKED_FILES:
            return
        trees = (sides.base, sides.ours, sides.theirs, sides.new)
        texts = self._texts(tree.get(path) for path in changed for tree in trees)
        known: dict[str, Module | None] = {}
        yield from removed_but_used(sides, partial(_read, texts, known))

    def _texts(self, versions: Iterable[Version | None]) -> Mapping[str, bytes]:
        ids = [each.id for each in versions if each is not None and each.mode in _FILES]
        return self.store.contents_of(ids, at_most=limits.MERGE_PARSED_BYTES)


def _known(fault: Fault, before: Iterable[Fault]) -> bool:
    """A fault of the same kind was there already; what was defined twice may not be defined three times."""
    if fault.kind == "syntax":
        return any(each.kind == "syntax" for each in before)
    return any(each.kind == fault.kind and each.about == fault.about and each.times >= fault.times for each in before)


def _read(texts: Mapping[str, bytes], known: dict[str, Module | None], version: Version | None) -> Module | None:
    if version is None:
        return NOTHING
    if version.id not in known:
        found = parsed(texts[version.id]) if version.id in texts else None
        known[version.id] = None if isinstance(found, Fault) else found
    return known[version.id]
