"""Plans of workflows: what waits for what and why, what is refused, and what is advised."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, pairwise, permutations
from pathlib import Path

import pytest
from hypothesis import given
from plan.workflows import a_workflow, an_agent, the_refactoring, workflows

from pytest_subagents.errors import BadUsage
from pytest_subagents.model.plan import Edge, Facts, Plan
from pytest_subagents.model.spec import Checkpoint, Criterion, Execution, Workflow
from pytest_subagents.plan.access import access_of
from pytest_subagents.plan.meeting import meeting_of
from pytest_subagents.plan.planning import plan_of
from pytest_subagents.specify.workflow_file import read_workflow

MISSION = Path(__file__).parent.parent / "specify" / "mission"
FORBID = Execution(on_overlap="error")


def refused(workflow: Workflow) -> str:
    with pytest.raises(BadUsage) as caught:
        plan_of(workflow)
    assert caught.value.exit_code == 4
    return str(caught.value)


def advised(plan: Plan, kind: str) -> list[tuple[str, ...]]:
    return [advice.agents for advice in plan.advice if advice.kind == kind]


# --- what the articles show


@pytest.mark.parametrize("order", list(permutations(range(4)))[::5])
def test_the_refactoring_has_three_steps_in_whatever_order_it_is_written(order: tuple[int, ...]) -> None:
    agents = the_refactoring().agents
    plan = plan_of(a_workflow(*(agents[index] for index in order)))
    assert [set(wave) for wave in plan.waves] == [{"type-defs"}, {"auth-module"}, {"user-service", "gateway-mw"}]
    assert [(hazard.agents, hazard.witness) for hazard in plan.conflicts if hazard.kind == "write-write"] in (
        [(("type-defs", "auth-module"), "src/auth/types.ts")],
        [(("auth-module", "type-defs"), "src/auth/types.ts")],
    )


def test_its_flat_decomposition_is_refused_with_the_reason() -> None:
    said = refused(the_refactoring(execution=FORBID))
    assert "type-defs and auth-module write src/auth/types.ts" in said
    assert "narrow src/auth/*.ts of auth-module" in said


def test_an_overlap_that_depends_on_orders_is_not_forbidden() -> None:
    first, second, *others = the_refactoring().agents
    second = an_agent(second.id, second.scope.read, second.scope.write, [first.id])
    plan = plan_of(a_workflow(first, second, *others, execution=FORBID))
    assert [hazard.settled for hazard in plan.conflicts] == ["depends_on"]
    assert len(plan.waves) == 3


def _payments(tmp_path: Path, edit: Callable[[str], str]) -> Plan:
    file = tmp_path / "payments.subagents.yaml"
    file.write_text(edit((MISSION / "payment-integration.yaml").read_text(encoding="utf-8")), encoding="utf-8")
    return plan_of(read_workflow(file, rootdir=tmp_path, vendors=["codex"], contracts=["result"]))


def test_the_payment_integration_is_one_wave_as_its_interface_comes_first(tmp_path: Path) -> None:
    plan = _payments(tmp_path, str)
    assert [len(wave) for wave in plan.waves] == [5]
    assert (plan.edges, plan.conflicts) == ((), ())


def test_without_that_its_tests_come_last(tmp_path: Path) -> None:
    plan = _payments(tmp_path, lambda text: text.replace("interface-first", "inferred"))
    assert [len(wave) for wave in plan.waves] == [4, 1]
    assert plan.waves[1] == ("test-agent",)
    assert {edge.cause for edge in plan.edges} == {"reads"}


def test_its_overlap_is_reported_with_who_should_have_the_file(tmp_path: Path) -> None:
    own = '- "src/api/payments.ts"'
    plan = _payments(tmp_path, lambda text: text.replace(own, f'{own}\n        - "config/routes.rb"'))
    (conflict,) = plan.conflicts
    assert (conflict.kind, conflict.agents) == ("write-write", ("api-agent", "frontend-agent"))
    assert conflict.witness == "config/routes.rb"
    assert "give config/routes.rb to api-agent alone" in conflict.change
    assert [len(wave) for wave in plan.waves] == [4, 1]


def test_subtasks_that_share_nothing_are_one_wave() -> None:
    files = {"code": "app/endpoints/users.py", "test": "tests/test_users_endpoint.py", "docs": "docs/api/users.md"}
    plan = plan_of(a_workflow(*(an_agent(id, ["schema.sql"], [path]) for id, path in files.items())))
    assert plan.waves == (("code", "test", "docs"),)
    assert plan.workers == 3


# --- edges


def test_a_reader_runs_after_the_writer_of_what_it_reads() -> None:
    plan = plan_of(a_workflow(an_agent("reader", ["src/"]), an_agent("writer", [], ["src/a.py"])))
    assert plan.edges == (Edge(before="writer", after="reader", cause="reads", witness="src/a.py"),)
    assert plan.waves == (("writer",), ("reader",))
    assert [(one.kind, one.settled) for one in plan.hazards] == [("read-after-write", "order")]


def test_who_cannot_write_writes_nothing() -> None:
    plan = plan_of(a_workflow(an_agent("reader", ["src/"]), an_agent("writer", [], ["src/"], tools=("read", "web"))))
    assert plan.edges == ()
    assert advised(plan, "powerless") == [("writer",)]


def test_an_omitted_read_scope_makes_no_edge_and_is_shown() -> None:
    plan = plan_of(a_workflow(an_agent("reader", None), an_agent("writer", [], ["src/"])))
    assert plan.edges == ()
    assert [(one.kind, one.agents) for one in plan.hazards] == [("unknown", ("reader",))]
    assert plan.access[0].read is None


def test_two_writers_of_one_path_go_in_file_order() -> None:
    plan = plan_of(a_workflow(*(an_agent(id, [], ["src/x.py"]) for id in "cab")))
    assert plan.waves == (("c",), ("a",), ("b",))
    assert {(edge.before, edge.after, edge.cause) for edge in plan.edges} == {
        ("c", "a", "writes"),
        ("a", "b", "writes"),
    }
    assert len(plan.conflicts) == 3


def test_unless_depends_on_says_otherwise() -> None:
    plan = plan_of(a_workflow(an_agent("a", [], ["x"], ["c"]), *(an_agent(id, [], ["x"]) for id in "bc")))
    assert [wave[0] for wave in plan.waves].index("c") < [wave[0] for wave in plan.waves].index("a")
    assert len(plan.waves) == 3


def test_a_circle_of_reading_alone_is_dropped_and_told() -> None:
    plan = plan_of(a_workflow(an_agent("a", ["src/"], ["src/a/"]), an_agent("b", ["src/"], ["src/b/"])))
    assert plan.edges == ()
    assert plan.waves == (("a", "b"),)
    assert advised(plan, "same-base") == [("a", "b")]
    assert {hazard.settled for hazard in plan.hazards} == {"same base"}


def test_who_reads_and_writes_in_a_circle_still_never_writes_at_once() -> None:
    plan = plan_of(a_workflow(an_agent("a", ["src/"], ["src/"]), an_agent("b", ["src/"], ["src/b/"])))
    assert plan.waves == (("a",), ("b",))
    assert [edge.cause for edge in plan.edges] == ["writes"]


def test_a_circle_that_depends_on_closes_is_refused_with_the_reason_of_each_edge() -> None:
    said = refused(a_workflow(an_agent("a", [], ["src/x.py"], ["b"]), an_agent("b", ["src/"])))
    assert "closes a circle: a -> b -> a" in said
    assert "a needs b: it says so (depends_on)" in said
    assert "b needs a: it reads src/x.py, which a writes" in said
    assert said.startswith("subagents.yaml (agent 'a'): ")


def test_so_is_one_of_depends_on_alone() -> None:
    said = refused(a_workflow(*(an_agent(id, needs=[need]) for id, need in zip("abc", "bca", strict=True))))
    assert "a -> b -> c -> a" in said


def test_contracts_make_reading_no_reason_to_wait() -> None:
    agents = (an_agent("a", [], ["src/x.py"], ["b"]), an_agent("b", ["src/"]))
    assert plan_of(a_workflow(*agents, coordination="interface-first")).waves == (("b",), ("a",))


def test_in_a_broadcast_nobody_writes() -> None:
    assert "'b' may write 'x'" in refused(a_workflow(an_agent("a"), an_agent("b", [], ["x"]), coordination="broadcast"))


def test_who_needs_a_checkpoint_does_not_wait_for_the_end_because_it_reads() -> None:
    migration = an_agent("migration", [], ["db/"], checkpoints=(Checkpoint(id="written", writes="db/*"),))
    plan = plan_of(a_workflow(migration, an_agent("tests", ["db/"], [], ["migration@written"])))
    assert [(edge.cause, edge.checkpoint, edge.witness) for edge in plan.edges] == [("depends_on", "written", "db/a")]
    assert advised(plan, "checkpoint") == [("tests",)]


def test_but_two_writers_are_never_there_at_once() -> None:
    migration = an_agent("migration", [], ["db/"], checkpoints=(Checkpoint(id="written", writes="db/*"),))
    plan = plan_of(a_workflow(migration, an_agent("tests", [], ["db/"], ["migration@written"])))
    assert [(edge.cause, edge.checkpoint) for edge in plan.edges] == [("depends_on", "written"), ("writes", None)]


def test_what_shares_a_resource_is_in_different_waves() -> None:
    plan = plan_of(a_workflow(*(an_agent(id, resources=("db",)) for id in "ab"), an_agent("c")))
    assert plan.waves == (("a", "c"), ("b",))
    assert [(one.kind, one.witness, one.settled) for one in plan.conflicts] == [("resource", "db", "apart")]
    assert plan.edges == ()


def test_many_writers_of_everything_stay_a_small_plan() -> None:
    plan = plan_of(a_workflow(*(an_agent(f"a{number}", [], ["**"]) for number in range(300))))
    assert len(plan.waves) == 300
    assert len(plan.edges) == 299
    assert [hazard.pairs for hazard in plan.conflicts] == [300 * 299 // 2]


# --- times and advice


def test_times_are_those_of_recordings_or_their_median_or_a_default() -> None:
    workflow = a_workflow(*map(an_agent, "abc"))
    facts = {"a": Facts(runtime_ms=60_000), "b": Facts(runtime_ms=20_000)}
    assert [(one.milliseconds, one.source) for one in plan_of(workflow, facts).estimates] == [
        (60_000, "recording"),
        (20_000, "recording"),
        (20_000, "default"),
    ]
    assert {one.milliseconds for one in plan_of(workflow).estimates} == {300_000}


def test_advice() -> None:
    plan = plan_of(
        a_workflow(
            an_agent("long", ["docs/"], ["out/"], success_criteria=(Criterion(run="make"),)),
            an_agent("small", ["src/"], ["lib/", ".git/hooks/x"]),
            an_agent("free", None, ["**/x"], verify=("m:f",)),
            an_agent("late", ["docs/"], [], ["long"], instructions="Look."),
            an_agent("next", ["docs/"], [], ["long"], instructions="Look at {{ results.long.summary }}."),
            protected=("out/kept",),
        ),
        {"long": Facts(runtime_ms=900_000), "small": Facts(runtime_ms=9_000, read_bytes=9_000_000)},
    )
    assert advised(plan, "protected") == [("long",), ("small",)]
    assert advised(plan, "unbounded-write") == [("free",)]
    assert advised(plan, "unknown-read") == [("free",)]
    assert advised(plan, "unchecked") == [("small",)]
    assert advised(plan, "large-read") == [("small",)]
    assert advised(plan, "long-tail") == [("long",)]
    assert ("late", "long") in advised(plan, "unneeded-dependency")
    assert ("next", "long") not in advised(plan, "unneeded-dependency")
    assert advised(plan, "small") == [("small",)]


def test_the_limit_of_the_workflow_is_what_holds() -> None:
    plan = plan_of(a_workflow(*(an_agent(f"a{number}") for number in range(8))))
    assert [one.milliseconds for one in plan.makespans][:5] == [2_400_000, 1_200_000, 900_000, 600_000, 600_000]
    assert (plan.workers, len(plan.makespans)) == (4, 32)
    assert advised(plan, "concurrency") == [()]


# --- laws


@given(workflows())
def test_the_laws_of_plans(workflow: Workflow) -> None:
    try:
        plan = plan_of(workflow)
    except BadUsage as error:
        if "closes a circle" in str(error):
            return
        raise
    ids = [agent.id for agent in workflow.agents]
    wave = {id: number for number, wave in enumerate(plan.waves) for id in wave}
    assert sorted(id for each in plan.waves for id in each) == sorted(ids)
    assert all(wave[edge.before] < wave[edge.after] for edge in plan.edges)
    said = {(need.agent, agent.id) for agent in workflow.agents for need in agent.depends_on}
    assert said == {(edge.before, edge.after) for edge in plan.edges if edge.cause == "depends_on"}

    whole = {id: {id} for id in ids}
    for id in sorted(ids, key=lambda id: wave[id]):
        for edge in plan.edges:
            if edge.after == id and edge.checkpoint is None:
                whole[id] |= whole[edge.before]
    dropped = [set(advice.agents) for advice in plan.advice if advice.kind == "same-base"]
    rows = [access_of(agent) for agent in workflow.agents]
    for one, other in combinations(rows, 2):
        ordered = one.id in whole[other.id] or other.id in whole[one.id]
        if meeting_of(one.write, other.write):
            assert ordered
        if set(one.resources) & set(other.resources):
            assert wave[one.id] != wave[other.id]
    for writer, reader in permutations(rows, 2):
        if workflow.coordination == "inferred" and meeting_of(writer.write, reader.read or ()):
            told = any({writer.id, reader.id} <= knot for knot in dropped) or (writer.id, reader.id) in said
            assert told or writer.id in whole[reader.id]

    longest, total = plan.critical_ms, plan.total_ms
    for span in plan.makespans:
        at_once = min(span.workers, plan.at_once)
        assert span.milliseconds >= max(longest, total / at_once)
    assert plan.makespans[plan.workers - 1].milliseconds <= 1.05 * min(one.milliseconds for one in plan.makespans)
    chain = list(pairwise(plan.critical_path))
    assert set(chain) <= {(edge.before, edge.after) for edge in plan.edges}


@given(workflows())
def test_the_same_workflow_has_the_same_plan(workflow: Workflow) -> None:
    def tried() -> object:
        try:
            return plan_of(workflow)
        except BadUsage as error:
            return str(error)

    assert tried() == tried()
