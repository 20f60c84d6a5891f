"""Chunks of items that anybody may run: all of them come once, in their order, and none of a chunk takes long."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pytest_subagents.glue.scheduling.light_work import LightWork


@given(
    items=st.lists(st.integers(), unique=True, max_size=300),
    workers=st.integers(1, 8),
    seconds=st.floats(0, 2),
)
def test_each_is_handed_out_once_and_in_order(items: list[int], workers: int, seconds: float) -> None:
    work = LightWork(items)
    given: list[int] = []
    while work:
        taken = work.take(workers)
        assert taken
        given += taken
        for _ in taken:
            work.done(seconds)
    assert given == items


@given(st.lists(st.integers(), unique=True, min_size=1, max_size=50), st.data())
def test_what_a_dead_worker_had_not_begun_comes_next_and_in_order(items: list[int], data: st.DataObject) -> None:
    work = LightWork(items)
    taken = work.take(1)
    begun = data.draw(st.integers(0, len(taken)))
    work.put_back(taken[begun:])
    given = []
    while work:
        given += work.take(1)
    assert taken[:begun] + given == items


@given(seconds=st.floats(1e-6, 10), workers=st.integers(1, 8))
def test_a_chunk_takes_about_half_a_second_or_is_one_item(seconds: float, workers: int) -> None:
    work = LightWork(range(100_000))
    work.done(seconds)
    taken = work.take(workers)
    assert len(taken) == 1 or len(taken) * seconds <= 0.5
    assert len(taken) in (1, 500) or (len(taken) + 1) * seconds > 0.5


def test_nobody_takes_so_many_that_others_go_without() -> None:
    work = LightWork(range(8))
    for _ in range(100):
        work.done(0.001)
    assert [len(work.take(4)) for _ in range(8)] == [1] * 8
