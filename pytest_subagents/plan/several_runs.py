"""Subagents that run several times, as tasks: each run is one, and what waits for the subagent waits for all."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_subagents.model.spec import Subagent
from pytest_subagents.plan.task import Task


def runs_of(agent: Subagent) -> int:
    """How often it runs: an early stop may leave some of them out."""
    return max(agent.attempts.count, agent.repeat)


def with_all_runs(tasks: Sequence[Task], runs: Sequence[int]) -> tuple[Task, ...]:
    """`tasks` with each run of one, of which there are so many, as a task behind them. In its own place stands what
    takes no time and ends with the last of them, so that what waits for it need not change."""
    found = list(tasks)
    for index, count in enumerate(runs):
        if count > 1:
            first = len(found)
            found += [tasks[index]] * count
            found[index] = Task(needs=tuple(range(first, first + count)), priority=tasks[index].priority)
    return tuple(found)
