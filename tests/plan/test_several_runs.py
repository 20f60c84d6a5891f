"""Subagents that run several times, in a plan: every run takes its time, and who waits waits for all of them."""

from __future__ import annotations

from plan.workflows import a_workflow, an_agent

from pytest_subagents.model.plan import Facts, Plan
from pytest_subagents.model.spec import Attempts, Execution
from pytest_subagents.plan.planning import plan_of
from pytest_subagents.reports.plan_text import plan_lines

TIMES = {"a": Facts(runtime_ms=1000), "b": Facts(runtime_ms=500)}


def planned(*, resources: tuple[str, ...] = (), at_once: int = 4) -> Plan:
    first = an_agent("a", attempts=Attempts(count=3), resources=resources)
    workflow = a_workflow(first, an_agent("b", needs=["a"]), execution=Execution(max_concurrent_agents=at_once))
    return plan_of(workflow, TIMES)


def times(plan: Plan) -> list[int]:
    return [one.milliseconds for one in plan.makespans[:4]]


def test_every_run_counts_in_the_time_of_the_whole() -> None:
    plan = planned()
    assert times(plan) == [3500, 2500, 1500, 1500]
    assert (plan.total_ms, plan.critical_ms, plan.critical_path) == (3500, 1500, ("a", "b"))
    assert [one.runs for one in plan.estimates] == [3, 1]
    assert any(line.text.startswith("  a         3 x 1.0s") for line in plan_lines(plan))


def test_runs_share_a_resource_and_the_limit_of_their_workflow() -> None:
    assert times(planned(resources=("db",))) == [3500] * 4
    assert times(planned(at_once=2)) == [3500, 2500, 2500, 2500]


def test_repetitions_are_runs_too() -> None:
    plan = plan_of(a_workflow(an_agent("a", repeat=5)), TIMES)
    assert (plan.total_ms, plan.makespans[4].milliseconds) == (5000, 2000), "four at a time"
