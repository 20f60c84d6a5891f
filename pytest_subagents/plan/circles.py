"""Circles in a graph whose edges have reasons."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence


def knots_of(after: Sequence[Iterable[int]]) -> tuple[tuple[int, ...], ...]:
    """The sets of nodes that reach each other, of two and more, each in order and by its first node.

    `after[node]` are the nodes that edges lead to. (Tarjan's algorithm, without recursion.)
    """
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    on_stack: set[int] = set()
    knots: list[tuple[int, ...]] = []
    for root in range(len(after)):
        if root in index:
            continue
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        walking = [(root, iter(after[root]))]
        while walking:
            node, following = walking[-1]
            for to in following:
                if to not in index:
                    index[to] = low[to] = len(index)
                    stack.append(to)
                    on_stack.add(to)
                    walking.append((to, iter(after[to])))
                    break
                if to in on_stack:
                    low[node] = min(low[node], index[to])
            else:
                walking.pop()
                if walking:
                    low[walking[-1][0]] = min(low[walking[-1][0]], low[node])
                if low[node] == index[node]:
                    at = _last(stack, node)
                    knot = stack[at:]
                    del stack[at:]
                    on_stack.difference_update(knot)
                    if len(knot) > 1:
                        knots.append(tuple(sorted(knot)))
    return tuple(sorted(knots))


def shortest_circle(after: Sequence[Iterable[int]], knot: Sequence[int]) -> tuple[int, ...]:
    """A shortest circle through the first node of a knot, from that node on."""
    start = knot[0]
    inside = set(knot)
    came = {start: start}
    waiting = deque([start])
    while waiting:
        node = waiting.popleft()
        for to in sorted(inside.intersection(after[node])):
            if to == start:
                path = [node]
                while path[-1] != start:
                    path.append(came[path[-1]])
                return tuple(reversed(path))
            if to not in came:
                came[to] = node
                waiting.append(to)
    return (start,)


def _last(stack: list[int], node: int) -> int:
    at = len(stack) - 1
    while stack[at] != node:
        at -= 1
    return at
