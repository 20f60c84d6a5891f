"""Python definitions that one side of a merge has removed, and that code of the other side is the first to use.

Only what is certain is told: the module is found by its path, and says by its text all names that it has.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from pytest_subagents.merge.beyond_text.finding import Finding
from pytest_subagents.merge.beyond_text.python_module import NOTHING, Import, Module
from pytest_subagents.model.integration import Fault, Version
from pytest_subagents.model.value import Value

_ROOTS: Final = ("", "src/", "lib/", "python/")
"""Folders that a repository imports from, besides those above a file."""

Files = Mapping[bytes, Version]


class Sides(Value, frozen=True, kw_only=True):
    """The trees of a merge."""

    base: Files
    ours: Files
    theirs: Files
    new: Files

    def changed(self, side: Files) -> Iterator[bytes]:
        paths = self.base.keys() | side.keys()
        changed = (path for path in paths if self.base.get(path) != side.get(path))
        return iter(sorted(path for path in changed if path.endswith(b".py")))


def removed_but_used(sides: Sides, read: Callable[[Version | None], Module | None]) -> Iterator[Finding]:
    """`read` gives what a version of a file says, nothing said for None, and None where nobody can tell."""
    for remover, user in ((sides.theirs, sides.ours), (sides.ours, sides.theirs)):
        removed = dict(_removed(sides, remover, read))
        for path in sides.changed(user) if removed else ():
            before, after, new = (read(each.get(path)) for each in (sides.base, user, sides.new))
            if before is None or after is None or new is None or path not in sides.new:
                continue
            others = read(remover.get(path)) or NOTHING
            for home, names in removed.items():
                if home == path:
                    yield from _used_here(path, names, before, after, new)
                else:
                    yield from _used_elsewhere(path, home, names, (before, others, new), sides)


def _removed(
    sides: Sides, remover: Files, read: Callable[[Version | None], Module | None]
) -> Iterator[tuple[bytes, frozenset[str]]]:
    for path in sides.changed(remover):
        before, after, new = (read(each.get(path)) for each in (sides.base, remover, sides.new))
        if before is None or after is None or new is None or new.dynamic:
            continue
        gone = frozenset(name for name in before.definitions if name not in after.bound and name not in new.bound)
        if gone:
            yield path, gone


def _used_here(path: bytes, names: frozenset[str], before: Module, after: Module, new: Module) -> Iterator[Finding]:
    for name in sorted(names):
        more = len(after.loads.get(name, ())) > len(before.loads.get(name, ()))
        if more and name in new.loads and not hasattr(builtins, name):
            yield Finding(path=path, fault=_fault(new.loads[name][0], name, path))


def _used_elsewhere(
    path: bytes, home: bytes, names: frozenset[str], said: tuple[Module, Module, Module], sides: Sides
) -> Iterator[Finding]:
    before, others, new = said
    known = {each.said for each in (*before.imports, *others.imports)}
    for each in new.imports:
        if each.guarded:
            continue
        if each.name in names and each.said not in known and _is_of(each, path, home, sides):
            yield Finding(path=path, fault=_fault(each.line, str(each.name), home), also=home)
        elif _is_module(each, path, home, sides) and new.bound.get(each.bound) == 1:
            for name in sorted(names):
                lines = new.attributes.get((each.bound, name), ())
                if lines and not before.attributes.get((each.bound, name)):
                    yield Finding(path=path, fault=_fault(lines[0], name, home), also=home)


def _is_of(one: Import, path: bytes, home: bytes, sides: Sides) -> bool:
    """Whether `from MODULE import NAME` in the file `path` means a name of `home` and no module in a folder."""
    if one.name is None or not _means(one.module, one.level, path, home, sides):
        return False
    inside = home.removesuffix(b"__init__.py") + one.name.encode()
    return not home.endswith(b"/__init__.py") or not {inside + b".py", inside + b"/__init__.py"} & sides.new.keys()


def _is_module(one: Import, path: bytes, home: bytes, sides: Sides) -> bool:
    """Whether what is imported is the module `home` itself, under a name of one part."""
    if one.name is None:
        return ("." not in one.module or one.bound != one.module.partition(".")[0]) and _means(
            one.module, 0, path, home, sides
        )
    module = f"{one.module}.{one.name}" if one.module else one.name
    return _means(module, one.level, path, home, sides)


def _means(module: str, level: int, path: bytes, home: bytes, sides: Sides) -> bool:
    """Whether `module` can be no other file of the repository than `home`, for the file `path`."""
    folders = path.split(b"/")[:-1]
    below = module.replace(".", "/").encode()
    if level:
        if level - 1 > len(folders):
            return False
        roots = [b"/".join(folders[: len(folders) - (level - 1)])]
        roots = [root + b"/" if root else b"" for root in roots]
    elif module.partition(".")[0] in sys.stdlib_module_names:
        return False
    else:
        above = [b"/".join(folders[:number]) + b"/" for number in range(1, len(folders) + 1)]
        roots = [*(root.encode() for root in _ROOTS), *above]
    ends = (b".py", b"/__init__.py") if below else (b"__init__.py",)
    found = {root + below + end for root in roots for end in ends}
    return found & (sides.base.keys() | sides.ours.keys() | sides.theirs.keys()) == {home}


def _fault(line: int, name: str, home: bytes) -> Fault:
    told = home.decode("utf-8", "backslashreplace")
    return Fault(kind="removed but used", line=line, about=f"{name}, which was in {told}")
