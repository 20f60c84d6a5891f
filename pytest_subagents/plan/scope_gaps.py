"""How a declared scope differs from what a subagent really read and wrote, and the scope that it should declare."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from pytest_subagents.model.glob import glob_of, literal_of, literal_start, matches, with_folders
from pytest_subagents.model.limits import SCOPE_PATHS
from pytest_subagents.model.scope import Scope
from pytest_subagents.model.scope_use import ScopeGaps, ScopeUse
from pytest_subagents.plan.meeting import meeting_of

_TOGETHER: Final = 4
"""Files of one folder that become one glob."""
_WILDCARDS: Final = 4
_CHARS: Final = 120
"""Of a glob with more, the folder that it begins with stands for it, as an agent may search for anything."""
_COMPARED: Final = 1_000
"""Pairs of globs that are compared; of more, none is said to be unused."""


def scope_gaps(scope: Scope, use: ScopeUse, *, ended_well: bool = True) -> ScopeGaps:
    """What is used and not declared, what is declared and not used, and the scope without both.

    Of a run that did not end well nothing is said that it made no use of: it may have been about to. What lies outside
    of the workspace, no scope can name.
    """
    read = use.read[:SCOPE_PATHS]
    written = use.written[:SCOPE_PATHS]
    searched = tuple(sorted({_simple(glob) for glob in use.searched[:SCOPE_PATHS]}))
    all_known = ended_well and not use.more
    unused_write: tuple[str, ...] = ()
    if all_known and use.diffed and written:
        unused_write = _unused(scope.write, written, ())
    unused_read: tuple[str, ...] = ()
    if all_known and not use.unknown and (read or searched):
        listed = (_simple(glob) for glob in use.listed[:SCOPE_PATHS])
        met = (*searched, *(glob for glob in listed if not glob.startswith("**")))
        unused_read = _unused(scope.read or (), (*read, *written), met)

    declared = (*(scope.read or ()), *scope.write)
    beyond_write = _beyond(written, scope.write)
    write = (*_without(scope.write, unused_write), *_globs_of(beyond_write))
    kept = (*_without(scope.read or (), unused_read), *write)
    searches = (glob for glob in searched if _is_narrow(glob) and not _in(glob, kept))
    more = tuple(dict.fromkeys((*_globs_of(_beyond(read, kept)), *searches)))
    undeclared = scope.read is not None
    corrected = Scope(
        read=None if scope.read is None and not more else (*_without(scope.read or (), unused_read), *more),
        write=write,
    )
    uncovered = [glob for glob in searched if undeclared and not _in(glob, declared)]
    return ScopeGaps(
        undeclared_read=_beyond(read, declared) if undeclared else (),
        undeclared_searched=tuple(filter(_is_narrow, uncovered)),
        searched_all=not all(map(_is_narrow, uncovered)),
        undeclared_written=beyond_write,
        unused_read=unused_read,
        unused_write=unused_write,
        corrected=corrected,
    )


def _beyond(paths: Iterable[str], globs: Iterable[str]) -> tuple[str, ...]:
    scope = tuple(with_folders(globs))
    return tuple(sorted(path for path in set(paths) if not matches(path, scope)))


def _unused(globs: Sequence[str], paths: Sequence[str], met: Sequence[str]) -> tuple[str, ...]:
    if len(globs) * len(met) > _COMPARED:
        return ()
    return tuple(
        glob
        for glob in globs
        if glob not in met
        and not any(matches(path, tuple(with_folders((glob,)))) for path in paths)
        and meeting_of((glob,), met) is None
    )


def _without(globs: Iterable[str], left_out: Iterable[str]) -> Iterator[str]:
    unwanted = set(left_out)
    return (glob for glob in globs if glob not in unwanted)


def _globs_of(paths: Iterable[str]) -> Iterator[str]:
    """Globs that match these, as few as are not far wider: where several lie in one folder, what lies in it."""
    folders: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        if path.partition("/")[0] != "..":
            folders[posixpath.dirname(path)].append(path)
    for folder, inside in sorted(folders.items()):
        if folder and len(inside) >= _TOGETHER:
            yield f"{glob_of(folder)}/*"
        else:
            yield from map(glob_of, inside)


def _simple(glob: str) -> str:
    if (len(glob) <= _CHARS and sum(map(glob.count, "*?[{")) <= _WILDCARDS) or literal_of(glob) is not None:
        return glob
    start = literal_start(glob)
    return f"{start.rpartition('/')[0]}/" if "/" in start else "**"


def _is_narrow(glob: str) -> bool:
    return not glob.startswith("**")


def _in(glob: str, scope: Sequence[str]) -> bool:
    """Whether all that `glob` matches is in `scope`: certain where it is said, as some is not found."""
    if glob in scope:
        return True
    path = literal_of(glob.rstrip("/"))
    if path is not None and not glob.endswith("/") and matches(path, scope):
        return True
    folder = path if path is not None else literal_start(glob).rpartition("/")[0]
    above = tuple(_and_above(folder))
    return any(not base or any(matches(each, (base,)) for each in above) for base in _bases(scope))


def _bases(scope: Iterable[str]) -> Iterator[str]:
    """Of the globs that match all below a folder, that folder; empty is the workspace."""
    for glob in with_folders(scope):
        glob = glob.removeprefix("./")
        if glob in ("**", "**/*"):
            yield ""
        elif glob.endswith(("/", "/**")):
            yield glob.removesuffix("**").rstrip("/")


def _and_above(folder: str) -> Iterator[str]:
    while folder:
        yield folder
        folder = posixpath.dirname(folder)
