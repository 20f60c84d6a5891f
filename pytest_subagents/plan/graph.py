"""The dependency graph of subagents: a stable order, the waves, and the circle where there is none.

A graph is a mapping from each node to the nodes that it needs; needs that are no nodes are no edges.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping, Sequence

from pytest_subagents.errors import BadUsage


def ordered(
    needs: Mapping[str, Sequence[str]], *, where: Callable[[str], str], shown: Callable[[str], str] = str
) -> tuple[str, ...]:
    """The nodes with everything after what it needs, else in the order given.

    A circle raises `BadUsage` that prints it: `where` gives the place of a node, `shown` its name.
    """
    nodes = list(needs)
    position = {node: index for index, node in enumerate(nodes)}
    waiting_for = [0] * len(nodes)
    dependents: list[list[int]] = [[] for _ in nodes]
    for index, node in enumerate(nodes):
        for needed in set(needs[node]) & position.keys():
            waiting_for[index] += 1
            dependents[position[needed]].append(index)
    ready = [index for index, count in enumerate(waiting_for) if count == 0]
    order: list[str] = []
    while ready:
        index = heapq.heappop(ready)
        order.append(nodes[index])
        for dependent in dependents[index]:
            waiting_for[dependent] -= 1
            if waiting_for[dependent] == 0:
                heapq.heappush(ready, dependent)
    if len(order) < len(nodes):
        stuck = {node: needs[node] for index, node in enumerate(nodes) if waiting_for[index]}
        circle = _circle(stuck)
        raise BadUsage(
            where(circle[0]),
            f"'depends_on' closes a circle: {' -> '.join(map(shown, [*circle, circle[0]]))}",
            hint="an arrow means 'needs'; remove one of them",
        )
    return tuple(order)


def waves_of(needs: Mapping[str, Sequence[str]], order: Sequence[str]) -> Mapping[str, int]:
    """The wave of each node: 1 for what needs nothing, else one more than the latest that it needs.

    `order` is what `ordered` gave for `needs`.
    """
    waves: dict[str, int] = {}
    for node in order:
        waves[node] = 1 + max((waves.get(needed, 0) for needed in needs[node]), default=0)
    return waves


def _circle(stuck: Mapping[str, Sequence[str]]) -> list[str]:
    """A circle among nodes of which each needs another one or stands behind one that does.

    Every run names the same circle in the same way: from its smallest node on.
    """
    path: list[str] = []
    seen: dict[str, int] = {}
    here = next(iter(stuck))
    while here not in seen:
        seen[here] = len(path)
        path.append(here)
        here = next(needed for needed in stuck[here] if needed in stuck)
    circle = path[seen[here] :]
    first = circle.index(min(circle))
    return circle[first:] + circle[:first]
