"""Laws of list scheduling: nothing before what it needs, no two that exclude each other, never more than may run."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_subagents.plan.chains import critical_path, in_order, remaining, waves_apart
from pytest_subagents.plan.simulating import Span, simulated
from pytest_subagents.plan.task import Task


@st.composite
def tasks_of(draw: st.DrawFn) -> tuple[Task, ...]:
    """Up to ten tasks without a circle; what one needs may come later."""
    order = draw(st.permutations(range(draw(st.integers(0, 10)))))
    tasks: dict[int, Task] = {}
    for place, index in enumerate(order):
        needs = draw(st.sets(st.sampled_from(order[:place]), max_size=3)) if place else set()
        tasks[index] = Task(
            duration=draw(st.integers(0, 20)),
            needs=tuple(sorted(needs)),
            priority=draw(st.integers(-1, 1)),
            pace="all",
            limits=tuple(sorted(draw(st.sets(st.sampled_from(["db", "port", "gpu"]), max_size=2)))),
        )
    return tuple(tasks[index] for index in range(len(order)))


@given(tasks_of(), st.integers(1, 5), st.sampled_from([0, 3]))
def test_the_laws_of_a_simulated_run(tasks: tuple[Task, ...], workers: int, stagger: int) -> None:
    spans = simulated(tasks, workers=workers, stagger=stagger)
    assert len(spans) == len(tasks)
    for task, span in zip(tasks, spans, strict=True):
        assert span.end - span.start == task.duration
        assert all(spans[needed].end <= span.start for needed in task.needs)
    for (one, span), (other, beside) in combinations(zip(tasks, spans, strict=True), 2):
        if set(one.limits) & set(other.limits):
            assert span.end <= beside.start or beside.end <= span.start
        assert abs(span.start - beside.start) >= stagger
    for span in spans:
        running = sum(other.start <= span.start < other.end for other in spans)
        assert running <= workers
    total, longest = sum(task.duration for task in tasks), max(remaining(tasks), default=0)
    makespan = max((span.end for span in spans), default=0)
    assert makespan >= max(longest, total / workers)
    if not any(task.limits for task in tasks) and not stagger:
        assert makespan <= total / workers + longest  # Graham's bound


@given(tasks_of())
def test_waves_and_the_critical_path(tasks: tuple[Task, ...]) -> None:
    waves = waves_apart(tasks)
    number = {index: number for number, wave in enumerate(waves) for index in wave}
    assert sorted(number) == sorted(in_order(tasks)) == list(range(len(tasks)))
    assert all(number[needed] < number[index] for index, task in enumerate(tasks) for needed in task.needs)
    for wave in waves:
        assert not any(set(tasks[one].limits) & set(tasks[other].limits) for one, other in combinations(wave, 2))
    path = critical_path(tasks)
    assert sum(tasks[index].duration for index in path) == max(remaining(tasks), default=0)
    assert all(one in tasks[other].needs for one, other in pairwise(path))


@pytest.mark.parametrize(
    ("first", "second", "started"),
    [
        (Task(duration=1), Task(duration=1), 0),
        (Task(duration=1), Task(duration=2), 1),
        (Task(duration=1, priority=1), Task(duration=9), 0),
        (Task(duration=9, priority=-1), Task(duration=1), 1),
    ],
)
def test_priority_then_the_longest_chain_then_the_order_given(first: Task, second: Task, started: int) -> None:
    assert simulated([first, second], workers=1)[started].start == 0


def test_starts_are_staggered() -> None:
    assert simulated([Task(duration=5, pace="all")] * 3, workers=3, stagger=2) == (
        Span(start=0, end=5),
        Span(start=2, end=7),
        Span(start=4, end=9),
    )
