"""Workflows to plan, in few words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from pytest_subagents.model.scope import Scope
from pytest_subagents.model.spec import Checkpoint, Criterion, Dependency, Execution, Subagent, Workflow


def an_agent(
    id: str, read: Sequence[str] | None = (), write: Sequence[str] = (), needs: Sequence[str] = (), **more: Any
) -> Subagent:
    """`needs` are ids, or `id@checkpoint`."""
    dependencies = tuple(
        Dependency(agent=agent, checkpoint=point or None) for agent, _, point in (need.partition("@") for need in needs)
    )
    scope = Scope(read=None if read is None else tuple(read), write=tuple(write))
    return Subagent(id=id, scope=scope, depends_on=dependencies, where=f"subagents.yaml (agent {id!r})", **more)


def a_workflow(*agents: Subagent, **more: Any) -> Workflow:
    return Workflow(name="team", agents=agents, where="subagents.yaml:1", **more)


def the_refactoring(**more: Any) -> Workflow:
    """Four tasks around one type definition, each as flat as if nobody needed another."""
    return a_workflow(
        an_agent("type-defs", [], ["src/auth/types.ts"]),
        an_agent("auth-module", ["src/auth/types.ts"], ["src/auth/*.ts", "tests/auth/*.ts"]),
        an_agent("user-service", ["src/auth/types.ts"], ["src/user/*.ts", "tests/user/*.ts"]),
        an_agent("gateway-mw", ["src/auth/token.ts"], ["src/gateway/*.ts", "tests/gateway/*.ts"]),
        **more,
    )


_GLOBS = st.sampled_from(["a", "a/", "a/b", "a/*", "b/", "b/?", "**/b", "{a,b}/b", "./b/a", "**", "c/[!a]", "a/b/**"])
_SCOPES = st.lists(_GLOBS, max_size=2).map(tuple)


@st.composite
def workflows(draw: st.DrawFn) -> Workflow:
    """Up to six agents; what each depends on comes before it in some order that need not be the file's."""
    count = draw(st.integers(1, 6))
    order = draw(st.permutations(range(count)))
    agents: dict[int, Subagent] = {}
    for place, index in enumerate(order):
        needs = draw(st.sets(st.sampled_from(order[:place]), max_size=1)) if place else set()
        agents[index] = an_agent(
            f"agent{index}",
            draw(st.none() | _SCOPES),
            draw(_SCOPES),
            [f"agent{need}" + draw(st.sampled_from(["", "", "@half"])) for need in sorted(needs)],
            resources=tuple(draw(st.sets(st.sampled_from(["db", "port"]), max_size=1))),
            tools=draw(st.sampled_from([None, None, ("read",), ("read", "shell")])),
            checkpoints=(Checkpoint(id="half", writes="**"),),
            priority=draw(st.integers(-1, 1)),
            success_criteria=(Criterion(run="make"),),
        )
    return a_workflow(
        *(agents[index] for index in range(count)),
        coordination=draw(st.sampled_from(["inferred", "inferred", "interface-first"])),
        execution=Execution(max_concurrent_agents=draw(st.integers(1, 4)), stagger=draw(st.sampled_from([0.0, 2.5]))),
    )
