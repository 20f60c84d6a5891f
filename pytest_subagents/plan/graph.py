"""The dependency graph of a workflow: a stable order, the waves, and the circle where there is none."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence

from pytest_subagents.errors import BadUsage
from pytest_subagents.model.spec import Subagent


def order_agents(agents: Sequence[Subagent]) -> tuple[Subagent, ...]:
    """`agents` with everything after what it needs, else in the order given.

    Ids that are not among `agents` are no edges. A circle raises `BadUsage` that prints it.
    """
    position = {agent.id: index for index, agent in enumerate(agents)}
    waiting_for = [0] * len(agents)
    dependents: list[list[int]] = [[] for _ in agents]
    for index, agent in enumerate(agents):
        for needed in {dependency.agent for dependency in agent.depends_on}:
            if needed in position:
                waiting_for[index] += 1
                dependents[position[needed]].append(index)
    ready = [index for index, count in enumerate(waiting_for) if count == 0]
    ordered: list[Subagent] = []
    while ready:
        index = heapq.heappop(ready)
        ordered.append(agents[index])
        for dependent in dependents[index]:
            waiting_for[dependent] -= 1
            if waiting_for[dependent] == 0:
                heapq.heappush(ready, dependent)
    if len(ordered) < len(agents):
        raise _circle_error([agent for index, agent in enumerate(agents) if waiting_for[index]])
    return tuple(ordered)


def waves_of(ordered: Sequence[Subagent]) -> Mapping[str, int]:
    """The wave of each id: 1 for what needs nothing, else one more than the latest that it needs.

    `ordered` is what `order_agents` gave.
    """
    waves: dict[str, int] = {}
    for agent in ordered:
        waves[agent.id] = 1 + max((waves.get(dependency.agent, 0) for dependency in agent.depends_on), default=0)
    return waves


def _circle_error(stuck: Sequence[Subagent]) -> BadUsage:
    """Every subagent in `stuck` needs another one of them, so walking along must come back to one seen."""
    by_id = {agent.id: agent for agent in stuck}
    path: list[str] = []
    seen: dict[str, int] = {}
    here = stuck[0].id
    while here not in seen:
        seen[here] = len(path)
        path.append(here)
        here = next(dependency.agent for dependency in by_id[here].depends_on if dependency.agent in by_id)
    circle = path[seen[here] :]
    # Every run names the same circle in the same way: from its smallest id on.
    first = circle.index(min(circle))
    circle = circle[first:] + circle[:first]
    return BadUsage(
        by_id[circle[0]].where,
        f"'depends_on' closes a circle: {' -> '.join([*circle, circle[0]])}",
        hint="an arrow means 'needs'; remove one of them",
    )
