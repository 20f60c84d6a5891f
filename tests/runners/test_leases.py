"""Who may start: how many at a time, how soon after each other, and while there is something left to spend."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pytest_subagents.model.budget import Budget
from pytest_subagents.runners.leases import Ask, Leases


def _granted(leases: Leases, now: float = 0.0) -> list[str]:
    verdicts = list(leases.verdicts(now))
    assert all(not verdict.why for verdict in verdicts)
    return [verdict.nodeid for verdict in verdicts]


def _refused(leases: Leases, now: float = 0.0) -> dict[str, str]:
    return {verdict.nodeid: verdict.why for verdict in leases.verdicts(now)}


def test_without_a_limit_everybody_starts_at_once() -> None:
    leases = Leases()
    for name in "abc":
        leases.ask(Ask(nodeid=name))
    assert _granted(leases) == ["a", "b", "c"]
    assert _granted(leases) == []
    assert leases.next_look(0.0) is None


def test_no_more_run_at_a_time_than_the_run_allows() -> None:
    leases = Leases(at_once=2)
    for name in "abc":
        leases.ask(Ask(nodeid=name))
    assert _granted(leases) == ["a", "b"]
    leases.release("a")
    assert _granted(leases) == ["c"]


def test_a_workflow_has_a_limit_of_its_own_and_keeps_no_other_waiting() -> None:
    leases = Leases()
    for name in ("a1", "a2", "b1"):
        leases.ask(Ask(nodeid=name, team=name[0], at_once=1))
    assert _granted(leases) == ["a1", "b1"]
    leases.release("a1")
    assert _granted(leases) == ["a2"]


def test_starts_of_a_workflow_are_apart() -> None:
    leases = Leases()
    leases.ask(Ask(nodeid="a", team="t", stagger=2.0))
    leases.ask(Ask(nodeid="b", team="t", stagger=2.0))
    assert _granted(leases, 10.0) == ["a"]
    assert leases.next_look(10.5) == 1.5
    assert _granted(leases, 11.0) == []
    assert _granted(leases, 12.0) == ["b"]


def test_a_budget_stops_starts_and_lets_the_running_end() -> None:
    leases = Leases(at_once=1, budget=Budget(tokens=100, usd=1.0))
    leases.ask(Ask(nodeid="a"))
    leases.ask(Ask(nodeid="b"))
    assert _granted(leases) == ["a"]
    leases.spent(tokens=60, usd=None)
    assert leases.over == ""
    leases.spent(tokens=60, usd=0.1)
    leases.release("a")
    assert _refused(leases) == {"b": "the budget of 100 tokens is spent (120)"}
    assert leases.over == "the budget of 100 tokens is spent (120)"


def test_a_budget_of_dollars() -> None:
    leases = Leases(budget=Budget(usd=0.5))
    leases.spent(tokens=None, usd=0.25)
    leases.spent(tokens=None, usd=0.25)
    leases.ask(Ask(nodeid="a"))
    assert _refused(leases) == {"a": "the budget of 0.5 USD is spent (0.5000)"}


def test_a_budget_of_time_counts_from_the_first_start() -> None:
    leases = Leases(at_once=1, budget=Budget(seconds=60.0))
    leases.ask(Ask(nodeid="a"))
    assert _granted(leases, 1000.0) == ["a"]
    leases.ask(Ask(nodeid="b"))
    assert leases.next_look(1010.0) == 50.0
    assert _granted(leases, 1059.0) == []
    assert _refused(leases, 1060.0) == {"b": "the budget of 60 s is over"}


def test_what_is_aborted_is_one_workflow() -> None:
    leases = Leases()
    leases.abort("t", "x failed")
    leases.ask(Ask(nodeid="a", team="t"))
    leases.ask(Ask(nodeid="b", team="u"))
    assert _refused(leases) == {"a": "x failed", "b": ""}
    assert leases.over == ""


def test_one_that_is_gone_waits_no_more() -> None:
    leases = Leases(at_once=1)
    leases.ask(Ask(nodeid="a"))
    leases.ask(Ask(nodeid="b"))
    assert _granted(leases) == ["a"]
    leases.release("b")
    leases.release("a")
    assert _granted(leases) == []


STEPS = st.tuples(st.sampled_from(["ask", "end", "spend"]), st.integers(0, 9))


@given(st.lists(STEPS, max_size=60), st.integers(1, 4))
def test_never_too_many_run_and_everybody_who_asks_is_served(steps: list[tuple[str, int]], most: int) -> None:
    leases = Leases(at_once=most)
    asked, served = 0, set()
    running: list[str] = []
    for step, number in steps:
        match step:
            case "ask":
                leases.ask(Ask(nodeid=str(asked), team=str(number % 2), at_once=2))
                asked += 1
            case "end" if running:
                leases.release(running.pop(number % len(running)))
            case "spend":
                leases.spent(tokens=number, usd=None)
        granted = _granted(leases)
        running += granted
        served |= set(granted)
        assert len(running) <= most
    while running:
        leases.release(running.pop())
        granted = _granted(leases)
        running += granted
        served |= set(granted)
    assert served == {str(number) for number in range(asked)}
