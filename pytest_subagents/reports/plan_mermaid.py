"""A plan as a Mermaid flowchart, which GitHub and GitLab draw from a fenced block."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_subagents.model.plan import Edge, Plan
from pytest_subagents.reports.escape import mermaid
from pytest_subagents.reports.wording import duration


def plan_mermaid(plan: Plan) -> str:
    """One box for each wave, an arrow for each edge with its reason, and thick boxes on the critical path."""
    return "\n".join(_lines(plan)) + "\n"


def _lines(plan: Plan) -> Iterator[str]:
    name = {row.id: f"a{number}" for number, row in enumerate(plan.access)}
    takes = {one.id: ("~" if one.source == "default" else "") + duration(one.milliseconds) for one in plan.estimates}
    yield "flowchart LR"
    for number, wave in enumerate(plan.waves, start=1):
        yield f'  subgraph w{number}["wave {number}"]'
        for id in wave:
            yield f'    {name[id]}["{mermaid(id)}<br/>{takes[id]}"]'
        yield "  end"
    for edge in plan.edges:
        yield f'  {name[edge.before]} -->|"{_reason(edge)}"| {name[edge.after]}'
    for hazard in plan.hazards:
        if hazard.settled in ("apart", "same base"):
            first, second = hazard.agents
            yield f'  {name[first]} -.-|"{hazard.settled}: {mermaid(hazard.witness or "?")}"| {name[second]}'
    if plan.critical_path:
        yield "  classDef critical stroke-width:3px"
        yield f"  class {','.join(name[id] for id in plan.critical_path)} critical"


def _reason(edge: Edge) -> str:
    parts = [edge.cause] + ([f"up to {edge.checkpoint}"] if edge.checkpoint else [])
    return mermaid(" ".join([*parts, edge.witness] if edge.witness else parts))
