"""Who waits for whom in a run of a workflow, and in which order its subagents go where one runs at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from pytest_subagents.errors import BadUsage
from pytest_subagents.model.plan import Access
from pytest_subagents.model.spec import Workflow
from pytest_subagents.model.value import Value
from pytest_subagents.plan.access import access_of
from pytest_subagents.plan.chains import in_order, waves_apart
from pytest_subagents.plan.hazards import hazards_of, refuse_overlaps
from pytest_subagents.plan.ordering import Ordering, ordering_of
from pytest_subagents.plan.task import Task


class Arrangement(Value, frozen=True, kw_only=True):
    """Of each subagent, by its position in the file."""

    needs: tuple[tuple[int, ...], ...]
    """Those that must have ended well: what it depends on, then what it reads from."""
    points: tuple[tuple[tuple[int, str], ...], ...]
    """Checkpoints of others that must have been passed."""
    after: tuple[tuple[int, ...], ...]
    """Further ones that must have ended, however that was."""
    waves: tuple[int, ...]
    """From 1 on: each may start when the wave before has ended, and no two of one wave exclude each other."""
    order: tuple[int, ...]
    """Every one after all it waits for, else by priority, then as in the file."""


def arranged(workflow: Workflow, behind: Collection[tuple[int, int]] = ()) -> Arrangement:
    """`BadUsage` for a circle that `depends_on` closes, an overlap where that is forbidden, and a writer in a
    broadcast. `behind`: see `ordering_of`."""
    access = access_matrix(workflow)
    ordering = ordering_of(workflow, access, behind)
    if workflow.execution.on_overlap == "error":
        refuse_overlaps(workflow, hazards_of(workflow, access, ordering))
    tasks = tuple(tasks_of(workflow, ordering, [0] * len(access)))
    waves = {index: number for number, wave in enumerate(waves_apart(tasks), start=1) for index in wave}
    return Arrangement(
        needs=ordering.needs,
        points=ordering.points,
        after=ordering.after,
        waves=tuple(waves[index] for index in range(len(tasks))),
        order=in_order(tasks),
    )


def access_matrix(workflow: Workflow) -> tuple[Access, ...]:
    """One row for each subagent; `BadUsage` for a writer in a broadcast."""
    access = tuple(map(access_of, workflow.agents))
    for agent, row in zip(workflow.agents, access, strict=True):
        if row.write and workflow.coordination == "broadcast":
            raise BadUsage(
                agent.where or workflow.where,
                f"in a broadcast nobody writes, but {agent.id!r} may write {row.write[0]!r}",
                hint="take 'scope.write' from the agent, or another 'coordination.strategy'",
            )
    return access


def tasks_of(workflow: Workflow, ordering: Ordering, durations: Sequence[float]) -> Iterator[Task]:
    """As in a run where all do well. When a checkpoint is passed nobody knows, so there one waits for the end."""
    for index, agent in enumerate(workflow.agents):
        yield Task(
            duration=durations[index],
            needs=(*ordering.needs[index], *(other for other, _ in ordering.points[index])),
            after=ordering.after[index],
            priority=agent.priority,
            limits=tuple(dict.fromkeys(agent.resources)),
            pace=workflow.name,
        )
