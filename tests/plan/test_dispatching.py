"""The dispatcher against what it should be, said in the plainest way: it starts the best of all that may start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_subagents.plan.chains import remaining
from pytest_subagents.plan.dispatching import Dispatcher
from pytest_subagents.plan.task import Task

LIMITS: Final = ("db", "port", "team")
PACES: Final = {"": 0.0, "slow": 3.0, "free": 0.0}


@st.composite
def tasks_of(draw: st.DrawFn) -> tuple[Task, ...]:
    """Up to ten tasks without a circle; what one waits for may come later."""
    order = draw(st.permutations(range(draw(st.integers(1, 10)))))
    tasks: dict[int, Task] = {}
    for place, index in enumerate(order):
        few = draw(st.integers(0, 2))  # mostly they wait for places, not for each other
        others = st.sets(st.sampled_from(order[:place]), max_size=1) if place and not few else st.just(set())
        tasks[index] = Task(
            duration=draw(st.integers(0, 20)),
            needs=tuple(sorted(draw(others))),
            after=tuple(sorted(draw(others))),
            points=tuple((other, draw(st.sampled_from("ab"))) for other in sorted(draw(others))),
            priority=draw(st.integers(-1, 1)),
            limits=tuple(draw(st.permutations(LIMITS)))[: draw(st.integers(0, 3))],
            pace=draw(st.sampled_from(sorted(PACES))),
        )
    return tuple(tasks[index] for index in range(len(order)))


@dataclass(slots=True)
class Plain:
    """The same without any cleverness."""

    tasks: Sequence[Task]
    places: dict[str, int | None]
    started: set[int] = field(default_factory=set)
    told: set[int] = field(default_factory=set)
    """Lost, and said so."""
    ended: dict[int, bool] = field(default_factory=dict)
    passed: set[tuple[int, str]] = field(default_factory=set)
    last: dict[str, float] = field(default_factory=dict)

    def may_start(self, now: float) -> list[int]:
        return [index for index in range(len(self.tasks)) if self._may(index, now)]

    def _may(self, index: int, now: float) -> bool:
        task = self.tasks[index]
        apart = PACES[task.pace]
        return (
            index not in self.started
            and index not in self.told
            and all(self.ended.get(other) for other in task.needs)
            and all(other in self.ended for other in task.after)
            and all(point in self.passed for point in task.points)
            and all(self._has_place(name) for name in task.limits)
            and (not apart or task.pace not in self.last or now >= self.last[task.pace] + apart)
        )

    def _has_place(self, name: str) -> bool:
        places = self.places.get(name, 1)
        return places is None or sum(name in self.tasks[one].limits for one in self.running()) < places

    def running(self) -> list[int]:
        return sorted(self.started - self.ended.keys())

    def lost(self) -> set[int]:
        """Those that can never start any more, and have not been told."""
        return {
            index
            for index, task in enumerate(self.tasks)
            if index not in self.started | self.told
            and (
                any(self.ended.get(other) is False for other in task.needs)
                or any(point[0] in self.ended and point not in self.passed for point in task.points)
            )
        }

    def best(self, of: Sequence[int]) -> int:
        chains = remaining(self.tasks)
        return min(of, key=lambda index: (-self.tasks[index].priority, -chains[index], index))


@settings(max_examples=300)
@given(tasks_of(), st.dictionaries(st.sampled_from(LIMITS), st.sampled_from([1, 2, None])), st.data())
def test_it_starts_the_best_of_all_that_may_start(
    tasks: tuple[Task, ...], places: Mapping[str, int | None], data: st.DataObject
) -> None:
    dispatcher, plain, now = Dispatcher(tasks, places=places, paces=PACES), Plain(tasks, dict(places)), 0.0
    for _ in range(200):
        while (index := dispatcher.lost()) is not None:
            assert index in plain.lost()
            plain.told.add(index)
            dispatcher.ended(index, well=False)
            plain.ended[index] = False
        assert not plain.lost()
        may = plain.may_start(now)
        assert dispatcher.next(now) == (plain.best(may) if may else None)
        if may:
            best = plain.best(may)
            plain.started.add(best)
            plain.last[tasks[best].pace] = now
            continue
        running = plain.running()
        look = dispatcher.next_look()
        ways = ["end"] * bool(running) + ["pass"] * bool(running) + ["limit", "wait"]
        match data.draw(st.sampled_from(ways)):
            case "end":
                index = data.draw(st.sampled_from(running))
                plain.ended[index] = data.draw(st.sampled_from([True, True, True, False]))
                dispatcher.ended(index, well=plain.ended[index])
            case "pass":
                point = (data.draw(st.sampled_from(running)), data.draw(st.sampled_from("ab")))
                plain.passed.add(point)
                dispatcher.passed(*point)
            case "limit":
                name = data.draw(st.sampled_from(LIMITS))
                plain.places[name] = data.draw(st.sampled_from([1, 2, None]))
                dispatcher.limit(name, plain.places[name])
            case "wait":
                now = look if look is not None else now + 1
        if len(plain.ended) == len(tasks):
            assert dispatcher.next(now) is None
            return


@given(tasks_of(), st.data())
def test_whatever_happens_all_come_to_an_end(tasks: tuple[Task, ...], data: st.DataObject) -> None:
    """Each is started once, or lost once; only what waits for one that did not end well, or passed nothing, is lost."""
    dispatcher, now = Dispatcher(tasks, paces=PACES), 0.0
    well: dict[int, bool] = {}
    lost: list[int] = []
    running: list[int] = []
    for _ in range(1000):
        if len(well) == len(tasks):
            break
        while (index := dispatcher.lost()) is not None:
            lost.append(index)
            well[index] = False
            dispatcher.ended(index, well=False)
        while (index := dispatcher.next(now)) is not None:
            running.append(index)
        if running:
            index = running.pop(data.draw(st.integers(0, len(running) - 1)))
            for point in data.draw(st.sets(st.sampled_from("ab"))):
                dispatcher.passed(index, point)
            well[index] = data.draw(st.booleans())
            dispatcher.ended(index, well=well[index])
        else:
            now = look if (look := dispatcher.next_look()) is not None else now + 1
    assert len(well) == len(tasks)
    assert len(set(lost)) == len(lost)
    for index in lost:
        task = tasks[index]
        assert task.points or any(not well[need] for need in task.needs)


def test_one_whose_process_died_may_start_again_and_who_needs_it_waits() -> None:
    dispatcher = Dispatcher([Task(limits=("db",)), Task(needs=(0,)), Task(limits=("db",))])
    assert [dispatcher.next(0), dispatcher.next(0)] == [0, None]
    dispatcher.again(0)
    assert [dispatcher.next(0), dispatcher.next(0)] == [0, None]
    dispatcher.ended(0, well=True)
    assert [dispatcher.next(0), dispatcher.next(0), dispatcher.next(0)] == [1, 2, None]


def test_a_limit_that_sinks_lets_those_that_run_go_on() -> None:
    dispatcher = Dispatcher([Task(limits=("codex",))] * 4, places={"codex": None})
    assert [dispatcher.next(0) for _ in range(3)] == [0, 1, 2]
    dispatcher.limit("codex", 1)
    assert dispatcher.next(0) is None
    dispatcher.ended(0, well=True)
    dispatcher.ended(1, well=True)
    assert dispatcher.next(0) is None
    dispatcher.ended(2, well=True)
    assert dispatcher.next(0) == 3


def test_who_passes_a_checkpoint_and_fails_then_has_let_others_start() -> None:
    dispatcher = Dispatcher([Task(), Task(points=((0, "half"),)), Task(points=((0, "whole"),))])
    assert dispatcher.next(0) == 0
    dispatcher.passed(0, "half")
    assert [dispatcher.next(0), dispatcher.next(0)] == [1, None]
    dispatcher.ended(0, well=False)
    assert [dispatcher.lost(), dispatcher.lost()] == [2, None]
