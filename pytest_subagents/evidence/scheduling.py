"""When each run of a report was at work: measured by a live run, else by its durations in the order of the plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Final, TypeAlias

from pytest_subagents.model.attempts import Attempt
from pytest_subagents.model.evidence import Schedule, Span
from pytest_subagents.model.report import Report
from pytest_subagents.plan.chains import critical_path
from pytest_subagents.plan.meeting import meeting_of
from pytest_subagents.plan.simulating import simulated
from pytest_subagents.plan.task import Task

AT_ONCE: Final = 4
"""As many as `execution.max_concurrent_agents` lets run at a time by default: no report says what a file asked for."""
_Others: TypeAlias = list[tuple[int, ...]]
"""Of each row, the places of others."""
_COMPARED: Final = 50
"""Others that one is compared with."""


def schedule_of(report: Report, measured: Schedule | None = None) -> Schedule:
    """`measured` is what a live run knows of its own; the longest chain follows from the report in any case."""
    rows = report.agents
    places = {row.planned.nodeid: index for index, row in enumerate(rows)}
    needs = [tuple(places[need] for need in row.planned.needs if need in places) for row in rows]
    if _circular(needs):  # in a report that somebody made by hand
        return measured or Schedule(kind="simulated")
    after = [_apart(report, index, needed) for index, needed in enumerate(needs)]
    took = [max((run.runtime_ms or 0 for run in row.runs if run.status != "not_run"), default=0) for row in rows]
    path = critical_path(
        [Task(duration=took[index], needs=needs[index], after=after[index]) for index in range(len(rows))]
    )
    chain = tuple(rows[index].planned.nodeid for index in path)
    found = Schedule(
        kind="simulated",
        at_once=AT_ONCE,
        critical=chain,
        critical_ms=sum(took[index] for index in path),
        apart={
            rows[index].planned.nodeid: tuple(rows[one].planned.nodeid for one in each)
            for index, each in enumerate(after)
            if each
        },
    )
    if measured is not None:
        return replace(found, kind="measured", at_once=measured.at_once, spans=measured.spans)
    return replace(found, spans=dict(_simulated(report, needs, after)))


def _apart(report: Report, index: int, needed: tuple[int, ...]) -> tuple[int, ...]:
    """Those of the wave before that write what it writes, where nothing that it needs says why it is in its wave."""
    rows = report.agents
    own = rows[index].planned
    before = own.wave - 1
    if not before or not own.scope.write or any(rows[need].planned.wave == before for need in needed):
        return ()
    file = own.nodeid.partition("::")[0]
    others = (
        (place, row.planned)
        for place, row in enumerate(rows)
        if row.planned.wave == before and row.planned.scope.write and row.planned.nodeid.partition("::")[0] == file
    )
    return tuple(place for place, other in islice(others, _COMPARED) if meeting_of(own.scope.write, other.scope.write))


def _simulated(
    report: Report, needs: list[tuple[int, ...]], after: list[tuple[int, ...]]
) -> Iterator[tuple[str, Span]]:
    """Each run is a task; in the place of a row of several stands what takes no time and ends with the last of them."""
    tasks: list[Task] = []
    names: list[str] = []
    rows = report.agents
    for row, needed, others in zip(rows, needs, after, strict=True):
        tasks.append(Task(duration=0 if row.attempts else row.runtime_ms or 0, needs=needed, after=others))
        names.append(row.planned.nodeid)
    for index, row in enumerate(rows):
        first = len(tasks)
        for run in row.attempts:
            tasks.append(Task(duration=run.runtime_ms or 0, needs=needs[index], after=after[index]))
            names.append(run.nodeid)
        if row.attempts:
            tasks[index] = Task(needs=tuple(range(first, len(tasks))))
    ran = [run for row in rows for run in row.runs if run.runtime_ms is not None and run.status != "not_run"]
    known = {run.nodeid if isinstance(run, Attempt) else run.planned.nodeid for run in ran}
    for name, span in zip(names, simulated(tasks, workers=AT_ONCE), strict=True):
        if name in known:
            yield name, Span(start=round(span.start), end=round(span.end))


def _circular(needs: _Others) -> bool:
    waiting = [len(set(each)) for each in needs]
    following: list[list[int]] = [[] for _ in needs]
    for index, each in enumerate(needs):
        for need in set(each):
            following[need].append(index)
    ready = [index for index, count in enumerate(waiting) if not count]
    done = 0
    while ready:
        done += 1
        for after in following[ready.pop()]:
            waiting[after] -= 1
            if not waiting[after]:
                ready.append(after)
    return done < len(needs)
