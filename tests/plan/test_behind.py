"""Further pairs of which the second one waits: the writers of one path follow each other as these say, or, where that
cannot be, nobody waits for them."""

from __future__ import annotations

from pytest_subagents.model.scope import Scope
from pytest_subagents.model.spec import Dependency, Subagent, Workflow
from pytest_subagents.plan.arranging import arranged


def team(*needs: str) -> Workflow:
    """Three who write one path; the last one needs `needs`."""
    scope = Scope(write=("src/",))
    agents = [Subagent(id=id, scope=scope) for id in ("a", "b")]
    last = Subagent(id="c", scope=scope, depends_on=tuple(Dependency(agent=need) for need in needs))
    return Workflow(name="team", agents=(*agents, last))


def test_writers_of_one_path_are_turned_round() -> None:
    assert arranged(team()).after == ((), (0,), (1,))
    found = arranged(team(), [(2, 0)])
    assert found.order.index(2) < found.order.index(0)
    assert 2 in found.after[0]
    assert sum(map(len, found.after)) == 2, "each still follows another one"


def test_what_would_close_a_circle_with_a_need_is_left_out() -> None:
    workflow = team("a")
    assert arranged(workflow, [(2, 0)]) == arranged(workflow)
    assert arranged(workflow, [(1, 2)]) == arranged(workflow), "it is so already"
