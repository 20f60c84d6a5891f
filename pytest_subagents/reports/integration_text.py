"""A merge for the terminal: who merges, who conflicts with whom on what, who is stale, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pytest_subagents.model.integration import (
    Conflicted,
    Integration,
    LeftOut,
    Merged,
    Nothing,
    PathConflict,
    Row,
    Stale,
    Version,
)
from pytest_subagents.reports.escape import terminal
from pytest_subagents.reports.line import Line, Style
from pytest_subagents.reports.wording import number_of

_SHORT: Final = 12
"""Digits of an id that are shown; JSON has them all."""
_PATHS: Final = 20
_INDENT: Final = " " * 4


def integration_lines(found: Integration, *, applied: bool) -> tuple[Line, ...]:
    """`applied` says whether a branch was asked for."""
    lines = (_headline(found), *(line for row in found.rows for line in _row(row)), *_end(found, applied))
    return tuple(Line(text=terminal(line.text), style=line.style) for line in lines)


def _headline(found: Integration) -> Line:
    merged = sum(isinstance(row, Merged) for row in found.rows)
    text = f"{found.workflow}: {merged:,} of {number_of(len(found.rows), 'subagent')} merge onto HEAD"
    return Line(text=f"{text} ({found.head[:_SHORT]})", style="heading")


def _row(row: Row) -> Iterator[Line]:
    match row:
        case Merged(agent=agent, paths=paths):
            yield _first("merged", agent, number_of(len(paths), "file"), "success")
            yield from (Line(text=_INDENT + path) for path in paths[:_PATHS])
            yield from _more(len(paths))
        case Conflicted(agent=agent, conflicts=conflicts):
            told = number_of(len(conflicts), "path")
            yield _first("conflict", agent, f"{told}; it is left out as a whole", "failed")
            for conflict in conflicts[:_PATHS]:
                yield from _conflict(conflict)
            yield from _more(len(conflicts))
            yield Line(text=f"{_INDENT}what to do: record {agent} again on a branch of the others (--apply makes one)")
        case Stale(agent=agent, why=why, hint=hint):
            yield _first("stale", agent, why, "failed")
            yield Line(text=f"{_INDENT}what to do: {hint}")
        case Nothing(agent=agent, why=why):
            yield _first("nothing", agent, why, "plain")
        case LeftOut(agent=agent, why=why):
            yield _first("left out", agent, why, "not_run")


def _first(word: str, agent: str, text: str, style: Style) -> Line:
    return Line(text=f"  {word:<9} {agent}: {text}", style=style)


def _more(count: int) -> Iterator[Line]:
    if count > _PATHS:
        yield Line(text=f"{_INDENT}and {count - _PATHS:,} more")


def _conflict(conflict: PathConflict) -> Iterator[Line]:
    others = [*conflict.agents, *(["what HEAD has changed since"] if conflict.moved else [])]
    whom = f", with {', '.join(others)}" if others else ""
    yield Line(text=f"{_INDENT}{conflict.path} ({', '.join(conflict.kinds)}){whom}")
    sides = (("base", conflict.base), ("ours", conflict.ours), ("theirs", conflict.theirs))
    yield Line(text=f"{_INDENT}  {', '.join(f'{name} {_version(side)}' for name, side in sides)}")


def _version(version: Version | None) -> str:
    return "none" if version is None else version.id[:_SHORT]


def _end(found: Integration, applied: bool) -> Iterator[Line]:
    same = ", that of HEAD" if found.tree == found.start else ""
    yield Line(text=f"tree {found.tree}{same}", style="heading")
    branch = found.branch
    if branch is not None:
        there = "is there already, exactly so" if branch.already else "was made; nothing else was touched"
        yield Line(text=f"The branch {branch.name} ({branch.commit[:_SHORT]}) {there}.")
    elif applied:
        yield Line(text="Nothing was merged, so no branch was made.")
    else:
        yield Line(text=f"Nothing was written. --apply makes the branch {found.target}.")
