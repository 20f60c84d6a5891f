"""Very many writers of one path: a small plan that orders them all, or a refusal within bounds."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from plan.workflows import a_workflow, an_agent, workflows

from pytest_subagents.errors import BadUsage
from pytest_subagents.model.plan import Plan
from pytest_subagents.model.spec import Execution, Subagent, Workflow
from pytest_subagents.plan import access, ordering
from pytest_subagents.plan.planning import plan_of

FORBID = Execution(on_overlap="error")


def team(count: int, *, chained: bool = False) -> Sequence[Subagent]:
    """Each writes a changelog, which is everybody's, and a file of its own. Chained, each needs the one below it."""
    needs = [[f"a{number + 1}"] if chained and number + 1 < count else [] for number in range(count)]
    return [an_agent(f"a{number}", [], ["CHANGELOG.md", f"src/{number}.py"], needs[number]) for number in range(count)]


def planned(workflow: Workflow) -> Plan | str:
    try:
        return plan_of(workflow)
    except BadUsage as error:
        return f"refused: {error.what[:40]}"


def test_those_with_a_glob_in_common_are_a_chain_and_one_hazard() -> None:
    plan = plan_of(a_workflow(*team(300)))
    assert plan.waves == tuple((f"a{number}",) for number in range(300))
    assert len(plan.edges) == 299
    assert [(one.pairs, one.witness, one.settled) for one in plan.hazards] == [(44_850, "CHANGELOG.md", "order")]


def test_who_shares_two_globs_with_the_same_others_is_told_once() -> None:
    agents = [an_agent(f"a{number}", [], ["x", "y", str(number)]) for number in range(20)]
    assert [one.pairs for one in plan_of(a_workflow(*agents)).hazards] == [190]


def test_a_pair_among_them_that_meets_elsewhere_too_is_not_told_again() -> None:
    agents = (*team(20), an_agent("b", [], ["src/7.py"]))
    told = [(one.agents, one.witness, one.pairs) for one in plan_of(a_workflow(*agents)).hazards]
    assert told == [(("a0", "a1"), "CHANGELOG.md", 190), (("a7", "b"), "src/7.py", 1)]


@pytest.mark.parametrize("write", ["CHANGELOG.md", "**"])
def test_where_depends_on_orders_all_of_them_no_overlap_is_left(write: str) -> None:
    plan = plan_of(a_workflow(*team(30, chained=True), execution=FORBID))
    assert [(one.agents, one.settled) for one in plan.hazards] == [(("a29", "a28"), "depends_on")]
    same = [an_agent(one.id, [], [write], [each.agent for each in one.depends_on]) for one in team(30, chained=True)]
    assert [one.settled for one in plan_of(a_workflow(*same, execution=FORBID)).hazards] == ["depends_on"]


def test_where_two_of_them_are_in_no_order_it_is() -> None:
    agents = (*team(30, chained=True), an_agent("b", [], ["CHANGELOG.md"]))
    with pytest.raises(BadUsage, match=r"write CHANGELOG\.md \(and 464 more pairs\)"):
        plan_of(a_workflow(*agents, execution=FORBID))


@pytest.mark.parametrize(
    ("agents", "what"),
    [
        ([an_agent(f"a{number}", [], [f"**/*{number}*"]) for number in range(11)], "both may write the same path"),
        (
            [an_agent(f"a{number}", [f"**/*{number}*"], [f"own/{number}.py"]) for number in range(11)],
            "one may read what the other may write",
        ),
    ],
)
def test_more_that_may_meet_than_can_be_compared_are_refused(
    agents: Sequence[Subagent], what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "PLAN_PAIRS", 60)
    monkeypatch.setattr(ordering, "PLAN_PAIRS", 60)
    with pytest.raises(BadUsage) as caught:
        plan_of(a_workflow(*agents))
    assert str(caught.value).startswith(
        f"subagents.yaml:1: there are more than 60 pairs of scopes that begin alike, so that {what}"
    )


@given(workflows())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_told_together_waits_as_it_would_one_by_one(
    monkeypatch: pytest.MonkeyPatch, workflow: Workflow
) -> None:
    apart = planned(workflow)
    with monkeypatch.context() as patched:
        patched.setattr(access, "_MANY", 2)
        together = planned(workflow)
    if isinstance(apart, Plan) and isinstance(together, Plan):
        assert together.waves == apart.waves
        assert together.makespans == apart.makespans
    else:
        assert together == apart
