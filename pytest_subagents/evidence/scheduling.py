"""When each run of a report was at work: measured by a live run, else by its durations in the order of the plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Final, TypeAlias

from msgspec.structs import replace

from pytest_subagents.evidence.workflows import file_of
from pytest_subagents.model.attempts import Attempt
from pytest_subagents.model.evidence import Schedule, Span
from pytest_subagents.model.report import Report
from pytest_subagents.model.result import Result
from pytest_subagents.plan.chains import critical_path
from pytest_subagents.plan.meeting import meeting_of
from pytest_subagents.plan.simulating import simulated
from pytest_subagents.plan.task import Task

AT_ONCE: Final = 4
"""As many as `execution.max_concurrent_agents` lets run at a time by default: assumed where no file says it."""
_ASSUMED: Final = "::"
"""What stands in the place of a file; no file is called so."""
_Others: TypeAlias = list[tuple[int, ...]]
"""Of each row, the places of others."""
_COMPARED: Final = 50
"""Others that one is compared with."""


def schedule_of(
    report: Report, measured: Schedule | None = None, *, at_once: Callable[[str], int | None] = lambda file: None
) -> Schedule:
    """`measured` is what a live run knows of its own; the longest chain follows from the report in any case.

    `at_once` tells how many subagents of a workflow file may be at work at a time; None where that is not known.
    """
    rows = report.agents
    position = {row.planned.nodeid: index for index, row in enumerate(rows)}
    needs = [tuple(position[need] for need in row.planned.needs if need in position) for row in rows]
    if _circular(needs):  # in a report that somebody made by hand
        return measured or Schedule(kind="simulated")
    after = [_apart(report, index, needed) for index, needed in enumerate(needs)]
    took = [max((run.runtime_ms or 0 for run in row.runs if run.status != "not_run"), default=0) for row in rows]
    path = critical_path(
        [Task(duration=took[index], needs=needs[index], after=after[index]) for index in range(len(rows))]
    )
    chain = tuple(rows[index].planned.nodeid for index in path)
    known = {file: at_once(file) for file in dict.fromkeys(file_of(row.planned) for row in rows)}
    places = _places(known)
    found = Schedule(
        kind="simulated",
        at_once=sum(places.values()),
        assumed=places.get(_ASSUMED, 0),
        critical=chain,
        critical_ms=sum(took[index] for index in path),
        apart={
            rows[index].planned.nodeid: tuple(rows[one].planned.nodeid for one in each)
            for index, each in enumerate(after)
            if each
        },
    )
    if measured is not None:
        return replace(found, kind="measured", at_once=measured.at_once, assumed=0, spans=measured.spans)
    return replace(found, spans=dict(_simulated(report, needs, after, places)))


def _places(known: Mapping[str, int | None]) -> dict[str, int]:
    """By file; those of which it is not known share what is assumed."""
    places = {file: most for file, most in known.items() if most is not None}
    return places if len(places) == len(known) else {**places, _ASSUMED: AT_ONCE}


def _apart(report: Report, index: int, needed: tuple[int, ...]) -> tuple[int, ...]:
    """Those of the wave before that write what it writes, where nothing that it needs says why it is in its wave."""
    rows = report.agents
    own = rows[index].planned
    before = own.wave - 1
    if not before or not own.scope.write or any(rows[need].planned.wave == before for need in needed):
        return ()
    file = file_of(own)
    others = (
        (place, row.planned)
        for place, row in enumerate(rows)
        if row.planned.wave == before and row.planned.scope.write and file_of(row.planned) == file
    )
    return tuple(place for place, other in islice(others, _COMPARED) if meeting_of(own.scope.write, other.scope.write))


def _simulated(report: Report, needs: _Others, after: _Others, places: Mapping[str, int]) -> Iterator[tuple[str, Span]]:
    """Each run is a task; in the place of a row of several stands what takes no time and ends with the last of them."""
    tasks: list[Task] = []
    names: list[str] = []
    rows = report.agents
    for row, needed, others in zip(rows, needs, after, strict=True):
        limits = _limits(row, places)
        alone = not row.attempts
        duration = row.runtime_ms or 0 if alone else 0
        tasks.append(Task(duration=duration, needs=needed, after=others, limits=limits if alone else ()))
        names.append(row.planned.nodeid)
    for index, row in enumerate(rows):
        first = len(tasks)
        for run in row.attempts:
            limits = _limits(row, places)
            tasks.append(Task(duration=run.runtime_ms or 0, needs=needs[index], after=after[index], limits=limits))
            names.append(run.nodeid)
        if row.attempts:
            tasks[index] = Task(needs=tuple(range(first, len(tasks))))
    ran = [run for row in rows for run in row.runs if run.runtime_ms is not None and run.status != "not_run"]
    known = {run.nodeid if isinstance(run, Attempt) else run.planned.nodeid for run in ran}
    for name, span in zip(names, simulated(tasks, workers=len(tasks), places=places), strict=True):
        if name in known:
            yield name, Span(start=round(span.start), end=round(span.end))


def _limits(row: Result, places: Mapping[str, int]) -> tuple[str, ...]:
    file = file_of(row.planned)
    return (file if file in places else _ASSUMED,)


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
