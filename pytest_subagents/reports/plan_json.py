"""A plan for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from pytest_subagents.model.plan import Access, Edge, Estimate, Hazard, Plan, ShardPlan
from pytest_subagents.reports.escape import json_document

FORMAT: Final = "pytest-subagents/plan"
VERSION: Final = 1


def plan_json(plan: Plan, shards: Sequence[ShardPlan] | None = None) -> str:
    """One JSON object and a line feed; keys may be added, and none goes away while the version is 1. `shards` is null
    where nobody has asked for them."""
    document = {
        "format": FORMAT,
        "version": VERSION,
        "workflow": plan.name,
        "waves": plan.waves,
        "conflicts": [_hazard(hazard) for hazard in plan.conflicts],
        "edges": [_edge(edge) for edge in plan.edges],
        "critical_path": plan.critical_path,
        "critical_ms": plan.critical_ms,
        "total_ms": plan.total_ms,
        "makespan": {str(one.workers): one.milliseconds for one in plan.makespans},
        "workers": plan.workers,
        "max_concurrent_agents": plan.at_once,
        "access": [_access(row) for row in plan.access],
        "hazards": [_hazard(hazard) for hazard in plan.hazards],
        "estimates": [_estimate(one) for one in plan.estimates],
        "shards": None if shards is None else [_shard(shard) for shard in shards],
        "advice": [{"kind": one.kind, "agents": one.agents, "text": one.text} for one in plan.advice],
    }
    encoded = msgspec.json.encode(_printable(document))
    return json_document(msgspec.json.format(encoded, indent=2).decode("utf-8")) + "\n"


def _access(row: Access) -> dict[str, object]:
    return {"id": row.id, "read": row.read, "write": row.write, "resources": row.resources}


def _estimate(one: Estimate) -> dict[str, object]:
    return {"id": one.id, "milliseconds": one.milliseconds, "source": one.source, "runs": one.runs}


def _edge(edge: Edge) -> dict[str, object]:
    return {
        "from": edge.before,
        "to": edge.after,
        "cause": edge.cause,
        "witness": edge.witness,
        "checkpoint": edge.checkpoint,
    }


def _hazard(hazard: Hazard) -> dict[str, object]:
    return {
        "kind": hazard.kind,
        "agents": hazard.agents,
        "witness": hazard.witness,
        "globs": hazard.globs,
        "pairs": hazard.pairs,
        "settled": hazard.settled,
        "change": hazard.change,
    }


def _shard(shard: ShardPlan) -> dict[str, object]:
    return {
        "shard": shard.number,
        "agents": shard.agents,
        "total_ms": shard.total_ms,
        "makespan_ms": 0 if shard.makespan is None else shard.makespan.milliseconds,
        "workers": 0 if shard.makespan is None else shard.makespan.workers,
        "guessed": shard.guessed,
    }


def _printable(value: object) -> object:
    """`value` without lone surrogates, which JSON in UTF-8 cannot carry."""
    match value:
        case str():
            return value.encode("utf-8", "replace").decode("utf-8")
        case dict():
            return {key: _printable(each) for key, each in value.items()}
        case list() | tuple():
            return [_printable(each) for each in value]
        case _:
            return value
