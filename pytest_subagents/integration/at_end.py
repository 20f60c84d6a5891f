"""The merge at the end of a run: of what is recorded, onto what the subagents started from.

Not onto HEAD, which goes on as soon as the recordings are committed: so a replay gives the same tree anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pytest_subagents.integration.integrating import integrate
from pytest_subagents.integration.losers import losers_of
from pytest_subagents.integration.recorded_work import Request
from pytest_subagents.model import limits
from pytest_subagents.model.integration import (
    Conflicted,
    Integration,
    Merged,
    PathConflict,
    Paused,
    Row,
    Stale,
    TakenOut,
    Validation,
    Waiting,
)
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.report import ReportMerge
from pytest_subagents.model.value import Value
from pytest_subagents.transcript.again import Again


class Ended(Value, frozen=True, kw_only=True):
    merge: ReportMerge
    reasons: Mapping[str, tuple[Reason, ...]]
    """By id, of those whose row it lowers."""
    again: Mapping[str, Again] | None = None
    """By node id, who would merge if it ran again; None where nothing was merged."""
    paused: Paused | None = None


def merge_at_end(request: Request) -> Ended:
    """What the merge of a workflow comes to; none is made of a part of it. Raises what `integrate` raises."""
    workflow, report = request.workflow, request.report
    planned = {row.planned.nodeid for row in report.agents}
    missing = sum(f"{request.file}::{agent.id}" not in planned for agent in workflow.agents)
    if missing or not report.complete:
        part = f"{missing:,} of {len(workflow.agents):,} subagents were not selected"
        why = part if missing else "the run was cut short"
        return Ended(merge=ReportMerge(workflow=workflow.name, tree=None, why=why), reasons={})
    found = integrate(request, apply=False, branch=None)
    reasons = {row.agent: tuple(_reasons(row)) for row in found.rows}
    for validation in found.validations:
        if validation.state == "unknown":
            reasons |= {agent: (_unknown(validation),) for agent in validation.agents}
    return Ended(
        merge=_told(found),
        reasons={agent: each for agent, each in reasons.items() if each},
        again=losers_of(found, workflow, file=request.file),
        paused=found.paused,
    )


def _told(found: Integration) -> ReportMerge:
    out = Conflicted | Stale | TakenOut | Waiting
    failed = next((each for each in found.validations if each.state != "passed"), None)
    return ReportMerge(
        workflow=found.workflow,
        tree=found.tree,
        merged=tuple(row.agent for row in found.rows if isinstance(row, Merged)),
        left_out=tuple(row.agent for row in found.rows if isinstance(row, out)),
        why=f"validation of {failed.of}: {failed.why}" if failed is not None else None,
    )


def _reasons(row: Row) -> Iterator[Reason]:
    match row:
        case Conflicted(conflicts=conflicts):
            yield from map(_conflict, conflicts[: limits.SCOPE_REASONS])
            if len(conflicts) > limits.SCOPE_REASONS:
                more = len(conflicts) - limits.SCOPE_REASONS
                yield Reason(kind="conflict", message=f"and {more:,} more paths do not merge")
        case Stale(why=why, hint=hint):
            yield Reason(kind="stale", message=why, hint=hint)
        case TakenOut(why=why):
            yield Reason(kind="checks", message=why, hint="`subagents merge --checks=run` shows what failed")
        case Waiting(why=why, on=on) if on:
            yield Reason(kind="conflict", message=why, hint=f"see to {on} first")


def _conflict(conflict: PathConflict) -> Reason:
    others = [*conflict.agents, *(["another commit"] if conflict.moved else [])]
    whom = f" with the work of {', '.join(others)}" if others else ""
    about = f" ({conflict.about})" if conflict.about else ""
    again = "--subagents-resume runs it again from what the others made" if conflict.agents else "record it again"
    return Reason(
        kind="conflict",
        message=f"it does not merge{whom}: {', '.join(conflict.kinds)}{about}",
        at=conflict.path,
        hint=f"`subagents merge` tells the whole; {again}",
    )


def _unknown(validation: Validation) -> Reason:
    hint = "a run in mode once or record runs the commands of the workflow file; a replay never runs one"
    return Reason(kind="checks", message=f"its merge is not validated: {validation.why}", hint=hint)
