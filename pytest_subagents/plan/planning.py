"""From a workflow to its plan, before anything is started. Pure: what is known of files and recordings is handed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median_low
from typing import Final

from msgspec.structs import replace

from pytest_subagents.model.limits import DEFAULT_RUNTIME_MS, SIMULATED_WORKERS
from pytest_subagents.model.plan import Estimate, Facts, Makespan, Plan
from pytest_subagents.model.spec import Workflow
from pytest_subagents.plan.advising import WORTH, Known, advice_on
from pytest_subagents.plan.arranging import access_matrix, tasks_of
from pytest_subagents.plan.chains import critical_path, remaining, waves_apart
from pytest_subagents.plan.hazards import hazards_of, refuse_overlaps
from pytest_subagents.plan.ordering import ordering_of
from pytest_subagents.plan.several_runs import runs_of, with_all_runs
from pytest_subagents.plan.simulating import simulated
from pytest_subagents.plan.task import Task

_NOTHING: Final = Facts()


def plan_of(workflow: Workflow, facts: Mapping[str, Facts] | None = None, *, most: int | None = None) -> Plan:
    """The plan of a workflow; `facts` by id. With `most`, never more run at a time, whatever the workflow says.

    `BadUsage` for a circle that `depends_on` closes, an overlap where `on_overlap: error` forbids it, and a writer in
    a broadcast.
    """
    known_facts = facts or {}
    access = access_matrix(workflow)
    ordering = ordering_of(workflow, access)
    hazards = hazards_of(workflow, access, ordering)
    refuse_overlaps(workflow, hazards)
    estimates = _estimates(workflow, known_facts)
    tasks = tuple(tasks_of(workflow, ordering, [one.milliseconds for one in estimates]))
    ids = [agent.id for agent in workflow.agents]
    path = critical_path(tasks)
    unlimited = _makespans(with_all_runs(tasks, [one.runs for one in estimates]), workflow.execution.stagger)
    at_once = workflow.execution.max_concurrent_agents
    free = unlimited if most is None else _limited(unlimited, most)
    at_once = at_once if most is None else min(at_once, most)
    makespans = _limited(unlimited, at_once)
    chosen = _worth_using(makespans)
    known = Known(
        workflow=workflow,
        facts=known_facts,
        access=access,
        ordering=ordering,
        hazards=hazards,
        estimates=estimates,
        makespan=chosen,
        unlimited=_worth_using(free),
    )
    return Plan(
        name=workflow.name,
        access=access,
        hazards=hazards,
        edges=ordering.edges,
        waves=tuple(tuple(ids[index] for index in wave) for wave in waves_apart(tasks)),
        critical_path=tuple(ids[index] for index in path),
        critical_ms=sum(estimates[index].milliseconds for index in path),
        total_ms=sum(estimate.milliseconds * estimate.runs for estimate in estimates),
        estimates=estimates,
        makespans=makespans,
        workers=chosen.workers,
        at_once=at_once,
        advice=advice_on(known),
    )


def _estimates(workflow: Workflow, facts: Mapping[str, Facts]) -> tuple[Estimate, ...]:
    """The times of the last runs; where there is none, the median of those that there are, or else a default."""
    known = {agent.id: facts.get(agent.id, _NOTHING) for agent in workflow.agents}
    runs = {agent.id: runs_of(agent) for agent in workflow.agents}
    times = [one.runtime_ms for one in known.values() if one.runtime_ms is not None]
    otherwise = median_low(times) if times else DEFAULT_RUNTIME_MS
    return tuple(
        Estimate(id=id, milliseconds=otherwise, source="default", runs=runs[id])
        if one.runtime_ms is None
        else Estimate(id=id, milliseconds=one.runtime_ms, source=one.source or "recording", runs=runs[id])
        for id, one in known.items()
    )


def _makespans(tasks: Sequence[Task], stagger: float) -> tuple[Makespan, ...]:
    """By workers, if all of them may be busy; more of them than there are runs change nothing."""
    chains = remaining(tasks)
    most = max(1, min(SIMULATED_WORKERS, len(tasks)))
    times: list[int] = []
    for workers in range(1, most + 1):
        spans = simulated(tasks, workers=workers, stagger=round(stagger * 1000), chains=chains)
        times.append(round(max((span.end for span in spans), default=0)))
    times += [times[-1]] * (SIMULATED_WORKERS - most)
    return tuple(Makespan(workers=index + 1, milliseconds=time) for index, time in enumerate(times))


def _limited(makespans: Sequence[Makespan], at_once: int) -> tuple[Makespan, ...]:
    """The same with so many at a time: more workers change nothing."""
    return tuple(replace(makespans[min(one.workers, at_once) - 1], workers=one.workers) for one in makespans)


def _worth_using(makespans: Sequence[Makespan]) -> Makespan:
    best = min(one.milliseconds for one in makespans)
    return next(one for one in makespans if one.milliseconds <= best * WORTH)
