"""How many agents of a vendor may run at a time: laws of backing off, and of coming back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from pytest_subagents.plan.backing_off import BackingOff


def running(number: int) -> BackingOff:
    found = BackingOff()
    for index in range(number):
        found.started(index)
    return found


def test_without_a_limit_there_is_no_bound() -> None:
    found = running(8)
    assert not any(found.ended(index, well=True) for index in range(8))
    assert found.places is None


@pytest.mark.parametrize(("before", "after"), [(8, 4), (7, 3), (2, 1), (1, 1)])
def test_a_limit_halves_what_ran(before: int, after: int) -> None:
    found = running(before)
    assert found.limited(0)
    assert found.places == after


def test_a_limit_that_hits_all_that_ran_then_counts_once() -> None:
    found = running(8)
    assert [found.limited(index) for index in range(8)] == [True, *[False] * 7]
    assert found.places == 4


def test_who_is_limited_again_after_all_know_of_it_counts_again() -> None:
    found = running(8)
    found.limited(0)
    for index in range(1, 5):
        found.ended(index, well=False)
    assert found.limited(0)
    assert found.places == 2


@given(st.integers(2, 40))
def test_it_comes_back_by_one_each_time_that_a_full_set_has_ended_well(number: int) -> None:
    """And is free again as soon as as many as at first may run."""
    found = running(number)
    found.limited(0)
    seen = [found.places]
    for index in range(number * number):
        found.started(number + index)
        if found.ended(number + index, well=True):
            seen.append(found.places)
    assert seen == [*range(number // 2, number), None]


def test_what_ends_badly_gives_nothing_back() -> None:
    found = running(4)
    found.limited(0)
    assert not any(found.ended(index, well=False) for index in range(4))
    assert found.places == 2


class Histories(RuleBasedStateMachine):
    """Whatever happens, at least one may run, and never more than ran when it was limited first."""

    def __init__(self) -> None:
        super().__init__()
        self.found = BackingOff()
        self.running: list[int] = []
        self.most = self.started = 0
        self.limits = False

    @precondition(lambda self: self.found.places is None or len(self.running) < self.found.places)
    @rule()
    def start(self) -> None:
        self.running.append(self.started)
        self.found.started(self.started)
        self.started += 1
        self.most = max(self.most, len(self.running))

    @precondition(lambda self: self.running)
    @rule(data=st.data())
    def limit(self, data: st.DataObject) -> None:
        before = self.found.places
        if self.found.limited(data.draw(st.sampled_from(self.running))):
            assert self.found.places is not None
            assert self.found.places <= max(1, (before or len(self.running)) // 2)
        else:
            assert self.found.places == before

    @precondition(lambda self: self.running)
    @rule(data=st.data(), well=st.booleans())
    def end(self, data: st.DataObject, well: bool) -> None:
        before = self.found.places
        index = data.draw(st.sampled_from(self.running))
        self.running.remove(index)
        changed = self.found.ended(index, well=well)
        assert changed == (self.found.places != before)
        assert well or not changed

    @invariant()
    def at_least_one(self) -> None:
        assert self.found.places is None or 1 <= self.found.places < max(2, self.most)


TestHistories = Histories.TestCase
