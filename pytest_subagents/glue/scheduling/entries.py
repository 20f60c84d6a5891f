"""What the controller must know of each subagent to dispatch it, as the workers that have collected it tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
import pytest

from pytest_subagents.conduct.assignment import NO_TEAM, Assignment
from pytest_subagents.glue.run import NODE_KEY, Run
from pytest_subagents.model.attempts import AttemptOf
from pytest_subagents.model.limits import DEFAULT_RUNTIME_MS
from pytest_subagents.model.value import Value
from pytest_subagents.transcript.runtimes import Runtimes

_INSTANT: Final = 0.0


class Entry(Value, frozen=True, kw_only=True):
    """A subagent that is to be run live, or one that waits for such; or a row that several of them make."""

    item: int
    """Its index among the items that were collected; -1 for a row, which is none."""
    nodeid: str
    live: bool
    """Whether an agent is started for it, or commands are: only then the limits hold for it."""
    needs: tuple[str, ...] = ()
    """Node ids of other entries that must have ended well."""
    points: tuple[tuple[str, str], ...] = ()
    """Checkpoints of others that must have been passed: node id, and name."""
    after: tuple[str, ...] = ()
    """Node ids of others that must have ended."""
    behind: tuple[str, ...] = ()
    """Those of `after` from whose work it starts, so that its worker must be told what they came to."""
    priority: int = 0
    seconds: float = _INSTANT
    """How long it will probably take."""
    resources: tuple[str, ...] = ()
    team: str = ""
    """The workflow file; subagents of marks are in none."""
    at_once: int | None = None
    """How many of its team may run at a time."""
    stagger: float = 0.0
    """Seconds between two starts of its team."""
    vendor: str = ""
    row: str = ""
    """The node id of the row that it is one of several runs of."""
    runs: tuple[str, ...] = ()
    """Of a row, the node ids of those runs that are selected."""
    abort: bool = False
    """Of a row, whether nothing more of its team starts once it has failed."""


def entries_of(run: Run, items: Sequence[pytest.Item]) -> tuple[Entry, ...]:
    """Those of the selected items that cannot be run by anybody at any time: the live ones, and what waits for them."""
    nodeids = {index: item.stash[NODE_KEY] for index, item in enumerate(items) if NODE_KEY in item.stash}
    live = {nodeid for nodeid in nodeids.values() if run.runs(nodeid)}
    rows = {nodeid: attempt.row for nodeid in nodeids.values() if (attempt := _attempt(run, nodeid)) is not None}
    begun = {rows[nodeid] for nodeid in live if nodeid in rows}
    waiting = live | begun | {nodeid for nodeid, row in rows.items() if row in begun}
    for nodeid in nodeids.values():  # each stands behind all that it waits for
        if not waiting.isdisjoint(run.assignments[nodeid].waits_for):
            waiting.update((nodeid, rows.get(nodeid, nodeid)))
    runtimes = Runtimes(run.settings.run_dir) if live else None
    known = {
        nodeid: found.milliseconds
        for nodeid in live
        if runtimes is not None and (found := runtimes.of(nodeid, run.assignments[nodeid].recording)) is not None
    }
    usual = sorted(known.values())[len(known) // 2] if known else DEFAULT_RUNTIME_MS
    entries = [
        _entry(
            index,
            run.assignments[nodeid],
            waiting,
            live=nodeid in live,
            starts=run.starts(nodeid),
            seconds=known.get(nodeid, usual) / 1000,
        )
        for index, nodeid in nodeids.items()
        if nodeid in waiting
    ]
    return (*entries, *(_row(run, row) for row in dict.fromkeys(rows.values()) if row in waiting))


def _row(run: Run, row: str) -> Entry:
    runs = run.runs_of(row)
    team = run.assignments[runs[0]].team or NO_TEAM
    return Entry(
        item=-1,
        nodeid=row,
        live=False,
        runs=runs,
        team=team.where,
        at_once=team.at_once,
        stagger=team.stagger,
        abort=team.abort_on_failure,
    )


def _attempt(run: Run, nodeid: str) -> AttemptOf | None:
    return run.assignments[nodeid].planned.attempt


def _entry(index: int, assignment: Assignment, waiting: set[str], *, live: bool, starts: bool, seconds: float) -> Entry:
    planned, team = assignment.planned, assignment.team or NO_TEAM
    return Entry(
        item=index,
        nodeid=planned.nodeid,
        live=live,
        needs=tuple(need for need in planned.needs if need in waiting),
        points=tuple((point.nodeid, point.checkpoint) for point in planned.points if point.nodeid in waiting),
        after=tuple(other for other in assignment.after if other in waiting),
        behind=tuple(other for other in assignment.behind if other in waiting),
        priority=assignment.subagent.priority,
        seconds=seconds if live else _INSTANT,
        resources=(*assignment.subagent.resources, *_place(assignment)),
        team=team.where,
        at_once=team.at_once,
        stagger=team.stagger if starts else 0.0,
        vendor=planned.vendor or "",
        row=planned.attempt.row if planned.attempt is not None else "",
    )


def _place(assignment: Assignment) -> Iterator[str]:
    """What no two attempts use at once: the person's own files, where each writes in those."""
    attempt, agent = assignment.planned.attempt, assignment.subagent
    if attempt is not None and agent.isolation == "none" and agent.scope.write:
        yield f"the files of {attempt.row}"


def to_plain(entry: Entry) -> dict[str, Any]:
    return msgspec.to_builtins(entry)  # type: ignore[no-any-return]


def entry_of(plain: object) -> Entry:
    """`msgspec.MsgspecError` for what is none: a worker runs users' code."""
    return msgspec.convert(plain, Entry, strict=True)
