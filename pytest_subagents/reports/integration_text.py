"""A merge for the terminal: who merges, who conflicts with whom on what, who is stale, and what to do."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
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
    TakenOut,
    Validation,
    Version,
    Waiting,
)
from pytest_subagents.reports import commands
from pytest_subagents.reports.escape import terminal
from pytest_subagents.reports.line import Line, Style
from pytest_subagents.reports.wording import number_of

_SHORT: Final = 12
"""Digits of an id that are shown; JSON has them all."""
_PATHS: Final = 20
_OUTPUT: Final = 10
"""Lines of what a command printed that failed."""
_INDENT: Final = " " * 4


def integration_lines(
    found: Integration, *, applied: bool, texts: Sequence[str] = (), again: Container[str] = ()
) -> tuple[Line, ...]:
    """`applied` says whether a branch was asked for; `texts` are files that were written, as paths from here; `again`
    are the ids of those that a resume runs again."""
    rows = (line for row in found.rows for line in _row(row, found.driver, again))
    checks = (line for validation in found.validations for line in _validation(validation))
    lines = (_headline(found), *rows, *checks, *_end(found, applied), *_files(found, texts))
    return tuple(Line(text=terminal(line.text), style=line.style) for line in lines)


def _headline(found: Integration) -> Line:
    merged = sum(isinstance(row, Merged) for row in found.rows)
    text = f"{found.workflow}: {merged:,} of {number_of(len(found.rows), 'subagent')} merge onto HEAD"
    return Line(text=f"{text} ({found.head[:_SHORT]})", style="heading")


def _row(row: Row, driver: str, again: Container[str]) -> Iterator[Line]:
    match row:
        case Merged(agent=agent, paths=paths, driven=driven):
            yield _first("merged", agent, number_of(len(paths), "file"), "success")
            for path in paths[:_PATHS]:
                yield Line(text=_INDENT + path + (f" (by {driver})" if path in driven else ""))
            yield from _more(len(paths))
        case Conflicted(agent=agent, conflicts=conflicts):
            told = number_of(len(conflicts), "path")
            yield _first("conflict", agent, f"{told}; it is left out as a whole", "failed")
            for conflict in conflicts[:_PATHS]:
                yield from _conflict(conflict)
            yield from _more(len(conflicts))
            what = f"record {agent} again on a branch of the others (--apply makes one)"
            if agent in again:
                what = f"`{commands.resume('once')}` runs {agent} again from what merged before it"
            yield Line(text=f"{_INDENT}what to do: {what}")
        case Stale(agent=agent, why=why, hint=hint):
            yield _first("stale", agent, why, "failed")
            yield Line(text=f"{_INDENT}what to do: {hint}")
        case Nothing(agent=agent, why=why):
            yield _first("nothing", agent, why, "plain")
        case LeftOut(agent=agent, why=why):
            yield _first("left out", agent, why, "not_run")
        case TakenOut(agent=agent, why=why):
            yield _first("taken out", agent, why, "failed")
        case Waiting(agent=agent, why=why):
            yield _first("waiting", agent, why, "not_run")


def _first(word: str, agent: str, text: str, style: Style) -> Line:
    return Line(text=f"  {word:<9} {agent}: {text}", style=style)


def _more(count: int) -> Iterator[Line]:
    if count > _PATHS:
        yield Line(text=f"{_INDENT}and {count - _PATHS:,} more")


def _conflict(conflict: PathConflict) -> Iterator[Line]:
    others = [*conflict.agents, *(["what HEAD has changed since"] if conflict.moved else [])]
    whom = f", with {', '.join(others)}" if others else ""
    where = conflict.path if conflict.line is None else f"{conflict.path}:{conflict.line}"
    about = f": {conflict.about}" if conflict.about else ""
    yield Line(text=f"{_INDENT}{where} ({', '.join(conflict.kinds)}{about}){whom}")
    sides = (("base", conflict.base), ("ours", conflict.ours), ("theirs", conflict.theirs))
    yield Line(text=f"{_INDENT}  {', '.join(f'{name} {_version(side)}' for name, side in sides)}")


def _version(version: Version | None) -> str:
    return "none" if version is None else version.id[:_SHORT]


def _validation(validation: Validation) -> Iterator[Line]:
    told = f"validation of {validation.of}"
    match validation.state:
        case "passed":
            done = number_of(len(validation.results), "command")
            yield Line(text=f"{told}: passed ({done})", style="success")
        case "failed":
            yield Line(text=f"{told}: FAILED, {validation.why}", style="failed")
            output = validation.results[-1].output.splitlines()
            yield from (Line(text=_INDENT + line) for line in output[-_OUTPUT:])
        case "unknown":
            yield Line(text=f"{told}: not known, {validation.why}", style="not_run")


def _end(found: Integration, applied: bool) -> Iterator[Line]:
    same = ", that of HEAD" if found.tree == found.start else ""
    yield Line(text=f"tree {found.tree}{same}", style="heading")
    branch, halt = found.branch, found.halt
    if halt is not None:
        yield Line(text=f"The merge was {halt.kind} after {halt.after}.", style="failed")
        yield from _go_on(found)
    if found.branches:
        yield from _branches(found, applied)
    elif branch is not None:
        there = "is there already, exactly so" if branch.already else "was made; nothing else was touched"
        yield Line(text=f"The branch {branch.name} ({branch.commit[:_SHORT]}) {there}.")
    elif not found.validated:
        yield Line(text="Not all of it is validated, so it becomes no branch: --checks=run runs the commands.")
    elif halt is not None and halt.kind == "aborted":
        yield Line(text="Nothing of it becomes a branch.")
    elif applied:
        yield Line(text="Nothing was merged, so no branch was made.")
    else:
        written = "No branch was made." if found.kept or found.validations else "Nothing was written."
        yield Line(text=f"{written} --apply makes the branch {found.target}.")


def _branches(found: Integration, applied: bool) -> Iterator[Line]:
    for each in found.branches:
        if each.branch is not None:
            there = "is there already, exactly so" if each.branch.already else "was made"
            yield Line(text=f"The branch {each.name} ({each.branch.commit[:_SHORT]}) {there}.", style="success")
        elif each.why:
            yield Line(text=f"No branch {each.name}: {each.why}.", style="failed")
        elif applied:
            yield Line(text=f"No branch {each.name}: another one has failed, and on_failure is abort-workflow.")
        else:
            yield Line(text=f"--apply makes the branch {each.name}.")


def _files(found: Integration, texts: Sequence[str]) -> Iterator[Line]:
    if found.kept and any(isinstance(row, Conflicted) for row in found.rows):
        yield Line(text=f"All sides of the conflicts are in {found.kept}/conflicts.")
    yield from (Line(text=f"Ready to be used: {path}") for path in texts[:_PATHS])
    yield from _more(len(texts))


def _go_on(found: Integration) -> Iterator[Line]:
    names = [row.agent for row in found.rows if isinstance(row, TakenOut)]
    told = f"{', '.join(names[:_PATHS])}{' and more' if len(names) > _PATHS else ''}"
    yield Line(text=f"To go on: record {told} again, then `pytest --subagents` and this command.")
