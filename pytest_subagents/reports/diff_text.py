"""Recorded patches for the terminal, escaped: file by file, or agent by agent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pytest_subagents.model.value import Value
from pytest_subagents.reports.cells import cells, pad
from pytest_subagents.reports.escape import terminal
from pytest_subagents.reports.line import Line, Style


class FileDiff(Value, frozen=True, kw_only=True):
    """What one subagent changed in one file."""

    path: str
    added: int
    removed: int
    binary: bool
    text: str
    """Its part of the patch."""


class AgentDiff(Value, frozen=True, kw_only=True):
    """What one subagent changed."""

    agent: str
    files: tuple[FileDiff, ...] = ()
    fault: str = ""
    """Why its patch cannot be shown."""


def by_file(diffs: Sequence[AgentDiff]) -> Iterator[Line]:
    """Sorted by path; of a path that several changed, all of them, in their order."""
    yield from _faults(diffs)
    paths = sorted({file.path for diff in diffs for file in diff.files})
    for path in paths:
        parts = [(diff.agent, file) for diff in diffs for file in diff.files if file.path == path]
        for agent, file in parts:
            others = "" if len(parts) == 1 else f", one of {len(parts)}"
            yield Line(text=f"{terminal(path)}  ({terminal(agent)}{others}: {_size(file)})", style="heading")
            yield from _body(file)


def by_agent(diffs: Sequence[AgentDiff]) -> Iterator[Line]:
    """One agent after the other."""
    yield from _faults(diffs)
    for diff in diffs:
        if not diff.fault:
            yield Line(text=f"{terminal(diff.agent)}: {size_of(diff)}", style="heading")
            for file in diff.files:
                yield from _body(file)


def sizes(diffs: Sequence[AgentDiff], *, grouped: bool) -> Iterator[Line]:
    """How much of which file each has changed, sorted by path, or `grouped` by agent; then the sum."""
    yield from _faults(diffs)
    pairs = [(diff.agent, file) for diff in diffs for file in diff.files]
    if not grouped:
        pairs.sort(key=lambda pair: pair[1].path)
    agents = max((cells(terminal(agent)) for agent, _ in pairs), default=0)
    numbers = max((len(_size(file)) for _, file in pairs), default=0)
    for agent, file in pairs:
        yield Line(text=f"{pad(terminal(agent), agents)}  {_size(file):>{numbers}}  {terminal(file.path)}")
    if pairs:
        yield Line(text=size_of(AgentDiff(agent="", files=tuple(file for _, file in pairs))), style="heading")


def size_of(diff: AgentDiff) -> str:
    """`2 files, +12 -4`."""
    if not diff.files:
        return "no changes"
    number = len({file.path for file in diff.files})
    files = "1 file" if number == 1 else f"{number:,} files"
    binary = sum(file.binary for file in diff.files)
    more = f", {binary:,} binary" if binary else ""
    return f"{files}, +{sum(f.added for f in diff.files):,} -{sum(f.removed for f in diff.files):,}{more}"


def _faults(diffs: Iterable[AgentDiff]) -> Iterator[Line]:
    for diff in diffs:
        if diff.fault:
            yield Line(text=f"{terminal(diff.agent)}: {terminal(diff.fault)}", style="failed")


def _size(file: FileDiff) -> str:
    return "binary" if file.binary else f"+{file.added:,} -{file.removed:,}"


def _body(file: FileDiff) -> Iterator[Line]:
    text = file.text.partition("\nGIT binary patch\n")[0] if file.binary else file.text.removesuffix("\n")
    for line in text.split("\n"):
        yield Line(text=terminal(line, multiline=True), style=_style(line))


def _style(line: str) -> Style:
    if line.startswith("+"):
        return "success"
    if line.startswith("-"):
        return "failed"
    return "expected" if line.startswith("@@") else "plain"
