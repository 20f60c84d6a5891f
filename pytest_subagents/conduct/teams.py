"""What the subagents of one workflow have in common, and how each of them is planned: for pytest and the command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from pytest_subagents.conduct.assignment import Team
from pytest_subagents.conduct.shown_paths import printable, shown_path
from pytest_subagents.model.result import NeededPoint, Planned
from pytest_subagents.model.spec import Expectation, Subagent, Workflow
from pytest_subagents.plan.arranging import Arrangement
from pytest_subagents.transcript.approvals import Approval, approvals_path, read_approvals


def team_of(workflow: Workflow, path: Path, *, file: str, rootdir: Path) -> Team:
    """That of the workflow file at `path`, with which node ids begin as `file`; `BadFile` where what people have
    approved cannot be read."""
    return Team(
        name=workflow.name,
        version=workflow.version,
        description=workflow.description,
        context=workflow.context,
        where=printable(file),
        at_once=workflow.execution.max_concurrent_agents,
        stagger=workflow.execution.stagger,
        abort_on_failure=workflow.execution.abort_on_failure,
        review=workflow.review,
        approvals=_approvals(workflow, path, rootdir),
    )


def judged_before_merge(agent: Subagent, workflow: Workflow) -> Subagent:
    """`agent` as it is judged when it has run: a conflict that is expected of it shows when all is merged."""
    waits = workflow.merge.at_end and agent.expect is not None and agent.expect.kind == "conflict"
    return replace(agent, expect=None) if waits else agent


def planned_in(
    workflow: Workflow, arrangement: Arrangement, index: int, agent: Subagent, nodeids: Sequence[str]
) -> Planned:
    """The row of the subagent at `index`, which runs as `agent`."""
    return Planned(
        nodeid=nodeids[index],
        id=agent.id,
        vendor=agent.vendor,
        model=agent.model,
        task=agent.title,
        scope=agent.scope,
        depends_on=tuple(dict.fromkeys(dependency.agent for dependency in agent.depends_on)),
        needs=tuple(nodeids[need] for need in arrangement.needs[index]),
        points=tuple(
            NeededPoint(nodeid=nodeids[other], checkpoint=point) for other, point in arrangement.points[index]
        ),
        wave=arrangement.waves[index],
        expects=expects(workflow.agents[index].expect),
    )


def expects(expect: Expectation | None) -> str | None:
    """What is expected, as a row says it."""
    if expect is None:
        return None
    return expect.status if expect.kind is None else f"{expect.status}:{expect.kind}"


def _approvals(workflow: Workflow, path: Path, rootdir: Path) -> Mapping[str, Approval]:
    """What people have approved of a workflow that asks for it."""
    if not workflow.review.asks:
        return {}
    place = approvals_path(path.parent, workflow.name)
    found = read_approvals(place, below=path.parent, where=shown_path(rootdir, str(place)))
    return {approval.agent: approval for approval in found}
