"""What each shard of a run of one workflow will do: who is dealt to it, as in the run, and how long that takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from pytest_subagents.model.plan import Facts, Makespan, Plan, ShardPlan
from pytest_subagents.model.spec import Workflow
from pytest_subagents.plan.arranging import Arrangement, arranged
from pytest_subagents.plan.planning import plan_of
from pytest_subagents.plan.several_runs import runs_of
from pytest_subagents.plan.sharding import Bond, Piece, dealt, is_undivided


def shards_of(
    workflow: Workflow,
    plan: Plan,
    facts: Mapping[str, Facts],
    *,
    file: str,
    recorded: Mapping[str, int | None],
    count: int,
) -> tuple[ShardPlan, ...]:
    """`count` of them. `file` is what node ids begin with; `recorded` are milliseconds by node id, as recordings tell.

    Agents are dealt out by these alone, as in the run: what live runs have left is on one machine only. How long a
    shard takes is estimated by all that is known, as in `plan`.
    """
    found = dealt(_pieces(workflow, arranged(workflow), file, recorded), count)
    numbers = {nodeid.partition("[")[0]: number for nodeid, number in found.items()}
    guessed = {one.id for one in plan.estimates if one.source == "default"}
    times = {one.id: replace(facts.get(one.id, Facts()), runtime_ms=one.milliseconds) for one in plan.estimates}
    shards = []
    for number in range(1, count + 1):
        agents = tuple(agent for agent in workflow.agents if numbers[f"{file}::{agent.id}"] == number)
        ids = tuple(agent.id for agent in agents)
        part = plan_of(replace(workflow, agents=agents), times) if agents else None
        shards.append(
            ShardPlan(
                number=number,
                agents=ids,
                total_ms=part.total_ms if part is not None else 0,
                makespan=_worth_using(part) if part is not None else None,
                guessed=not guessed.isdisjoint(ids),
            )
        )
    return tuple(shards)


def _worth_using(plan: Plan) -> Makespan:
    return next(one for one in plan.makespans if one.workers == plan.workers)


def _pieces(
    workflow: Workflow, arrangement: Arrangement, file: str, recorded: Mapping[str, int | None]
) -> Iterator[Piece]:
    """As `glue.sharding` makes them of the items of a run."""
    rows = [f"{file}::{agent.id}" for agent in workflow.agents]
    for index, agent in enumerate(workflow.agents):
        points = (other for other, _ in arrangement.points[index])
        bonds: list[Bond] = [
            ("item", rows[other]) for other in (*arrangement.needs[index], *points, *arrangement.after[index])
        ]
        bonds += [("resource", name) for name in agent.resources]
        bonds += [("workflow", file)] if is_undivided(workflow) else []
        several = runs_of(agent) > 1
        for number in range(1, runs_of(agent) + 1):
            nodeid = f"{rows[index]}[{number}]" if several else rows[index]
            own: list[Bond] = [("item", rows[index])] if several else []
            yield Piece(nodeid=nodeid, milliseconds=recorded.get(nodeid), bonds=(*bonds, *own))
