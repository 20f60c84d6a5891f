"""What is merged together before it is validated: one subagent, a stage, or everything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal, TypeAlias

from msgspec.structs import replace

from pytest_subagents.model.spec import Merge, MergeStage
from pytest_subagents.model.value import Value

OnFailure: TypeAlias = Literal["abort-workflow", "pause-and-notify", "create-review-issue"]
EVERYTHING: Final = "everything"
REST: Final = "the rest"


class Unit(Value, frozen=True, kw_only=True):
    """Subagents that are merged one after the other and then validated at once; what fails is taken out again."""

    name: str
    agents: tuple[str, ...]
    """In the order of the plan."""
    commands: tuple[str, ...]
    """What the tree is checked with."""
    on_failure: OnFailure
    after: tuple[str, ...] = ()
    """Names of the units that must have passed."""


def units_of(merge: Merge, order: Sequence[str]) -> tuple[Unit, ...]:
    """How a workflow wants its subagents merged; `order` has their ids in the order of the plan."""
    match merge.strategy:
        case "staged":
            return tuple(_staged(merge, order))
        case "sequential":
            return tuple(_unit(merge, agent, (agent,)) for agent in order)
        case "branch-per-agent":  # each branch is validated by itself
            return (replace(_unit(merge, EVERYTHING, tuple(order)), commands=()),)
        case "none" | "batch":
            return (_unit(merge, EVERYTHING, tuple(order)),)


def late_needs(units: Sequence[Unit], needs: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    """Subagents that are merged before one that they need, with that one."""
    position = {agent: number for number, unit in enumerate(units) for agent in unit.agents}
    for agent, number in position.items():
        yield from ((agent, need) for need in needs.get(agent, ()) if position.get(need, -1) > number)


def _staged(merge: Merge, order: Sequence[str]) -> Iterator[Unit]:
    """The stages, each after those that it depends on, then whoever is in none of them."""
    place = {agent: number for number, agent in enumerate(order)}
    for stage in stages_in_order(merge.stages):
        yield Unit(
            name=stage.name,
            agents=tuple(sorted(stage.agents, key=lambda agent: place[agent])),
            commands=(*stage.validation, *merge.validation),
            on_failure=stage.on_failure,
            after=stage.depends_on,
        )
    staged = {agent for stage in merge.stages for agent in stage.agents}
    if rest := tuple(agent for agent in order if agent not in staged):
        yield _unit(merge, REST, rest)


def stages_in_order(stages: Sequence[MergeStage]) -> tuple[MergeStage, ...]:
    """Each stage after those that it depends on, else as in the file; whoever read the file has refused circles."""
    done: dict[str, MergeStage] = {}
    waiting = list(stages)
    while waiting:
        ready = next((each for each in waiting if done.keys() >= set(each.depends_on)), waiting[0])
        waiting.remove(ready)
        done[ready.name] = ready
    return tuple(done.values())


def _unit(merge: Merge, name: str, agents: tuple[str, ...]) -> Unit:
    return Unit(name=name, agents=agents, commands=merge.validation, on_failure=merge.on_failure)
