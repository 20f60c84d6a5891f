"""When each run of a report was at work: measured by a live run, else by its durations in the order of the plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from pytest_subagents.model.attempts import Attempt
from pytest_subagents.model.evidence import Schedule, Span
from pytest_subagents.model.report import Report
from pytest_subagents.plan.chains import critical_path
from pytest_subagents.plan.simulating import simulated
from pytest_subagents.plan.task import Task

AT_ONCE: Final = 4
"""As many as `execution.max_concurrent_agents` lets run at a time by default: no report says what a file asked for."""


def schedule_of(report: Report, measured: Schedule | None = None) -> Schedule:
    """`measured` is what a live run knows of its own; the longest chain follows from the report in any case."""
    rows = report.agents
    places = {row.planned.nodeid: index for index, row in enumerate(rows)}
    needs = [tuple(places[need] for need in row.planned.needs if need in places) for row in rows]
    if _circular(needs):  # in a report that somebody made by hand
        return measured or Schedule(kind="simulated")
    took = [max((run.runtime_ms or 0 for run in row.runs), default=0) for row in rows]
    path = critical_path([Task(duration=took[index], needs=needs[index]) for index in range(len(rows))])
    chain = tuple(rows[index].planned.nodeid for index in path)
    length = sum(took[index] for index in path)
    if measured is not None:
        return replace(measured, critical=chain, critical_ms=length)
    spans = dict(_simulated(report, needs))
    return Schedule(kind="simulated", spans=spans, at_once=AT_ONCE, critical=chain, critical_ms=length)


def _simulated(report: Report, needs: list[tuple[int, ...]]) -> Iterator[tuple[str, Span]]:
    """Each run is a task; in the place of a row of several stands what takes no time and ends with the last of them."""
    tasks: list[Task] = []
    names: list[str] = []
    rows = report.agents
    for row, needed in zip(rows, needs, strict=True):
        tasks.append(Task(duration=0 if row.attempts else row.runtime_ms or 0, needs=needed))
        names.append(row.planned.nodeid)
    for index, row in enumerate(rows):
        first = len(tasks)
        for run in row.attempts:
            tasks.append(Task(duration=run.runtime_ms or 0, needs=needs[index]))
            names.append(run.nodeid)
        if row.attempts:
            tasks[index] = Task(needs=tuple(range(first, len(tasks))))
    ran = [run for row in rows for run in row.runs if run.runtime_ms is not None and run.status != "not_run"]
    known = {run.nodeid if isinstance(run, Attempt) else run.planned.nodeid for run in ran}
    for name, span in zip(names, simulated(tasks, workers=AT_ONCE), strict=True):
        if name in known:
            yield name, Span(start=round(span.start), end=round(span.end))


def _circular(needs: list[tuple[int, ...]]) -> bool:
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
