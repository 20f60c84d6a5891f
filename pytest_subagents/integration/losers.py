"""Whom a merge left out that would merge if it began again from what the others made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pytest_subagents.errors import SubagentsError
from pytest_subagents.integration.recorded_work import Request
from pytest_subagents.model.integration import Conflicted, Integration, Merged, Waiting
from pytest_subagents.model.spec import Workflow
from pytest_subagents.transcript.again import Again, read_files, with_losers, write_again
from pytest_subagents.transcript.run_directory import RunDirectory, alive, latest


def losers_of(found: Integration, workflow: Workflow, *, file: str) -> dict[str, Again]:
    """By node id, whom to run again, and whose work each starts from then: that of all who were merged before it, which
    is the tree that it did not go with, and of those who lost before it in a file in which it lost, too, as they would
    not go together either. `file` is the workflow file, as node ids begin.

    Not who is expected to conflict, nor where somebody works in the person's files: there nothing can be put beneath.
    """
    return {f"{file}::{agent}": again for agent, again in _losers(found, workflow, file)}


def leave_losers(request: Request, found: Integration, runs: Path) -> frozenset[str]:
    """Has the next resume run those again that lost a merge that was applied; their ids. None where there is no run to
    go on with in the run directory `runs`, or one that goes on still."""
    run = latest(runs)
    losers = losers_of(found, request.workflow, file=request.file)
    if run is None or alive(run):
        return frozenset()
    try:
        directory = RunDirectory.open(run)
        there = read_files(directory)
        rows = with_losers(there.get(request.file, {}), losers, file=request.file)
        write_again(directory, {**there, request.file: rows})
    except SubagentsError:
        return frozenset()
    return frozenset(nodeid.partition("::")[2] for nodeid, again in losers.items() if again.lost)


def _losers(found: Integration, workflow: Workflow, file: str) -> Iterator[tuple[str, Again]]:
    agents = {agent.id: agent for agent in workflow.agents}
    in_place = {id for id, agent in agents.items() if agent.isolation == "none" and agent.scope.write}
    merged: list[str] = []
    before: list[str] = []
    """Those of them, and those who lost, in the order of the merge."""
    lost: set[str] = set()
    in_files: dict[str, frozenset[str]] = {}
    """Of those who lost, where."""
    for row in found.rows:
        expect = agents[row.agent].expect
        expected = expect is not None and expect.kind == "conflict"
        match row:
            case Merged(agent=agent):
                merged.append(agent)
                before.append(agent)
            case Conflicted(agent=agent, conflicts=conflicts) if (
                merged and not expected and in_place.isdisjoint((agent, *merged))
            ):
                paths = frozenset(conflict.path for conflict in conflicts)
                apart = {each for each, others in in_files.items() if paths.isdisjoint(others)}
                yield agent, Again(behind=tuple(f"{file}::{each}" for each in before if each not in apart), lost=True)
                lost.add(agent)
                before.append(agent)
                in_files[agent] = paths
            case Waiting(agent=agent, on=on) if on in lost and not expected:
                lost.add(agent)
                yield agent, Again(lost=True)
