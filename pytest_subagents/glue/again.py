"""Who lost the merge of the run that is gone on with: from there to the assignments, and on to the next run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

import msgspec
from msgspec.structs import replace

from pytest_subagents.conduct.assignment import Assignment
from pytest_subagents.errors import SubagentsError
from pytest_subagents.glue.run import Run
from pytest_subagents.model.spec import Workflow
from pytest_subagents.plan.arranging import Arrangement, arranged
from pytest_subagents.transcript.again import Again, read_again, with_losers, write_again
from pytest_subagents.transcript.run_directory import RunDirectory


def learn_again(run: Run) -> None:
    """In the process that a run belongs to, which tells its workers."""
    run.again = read_again(RunDirectory.open(path) for path in run.earlier)


def again_from(plain: object) -> dict[str, Again]:
    """In a worker, from what its controller says."""
    return msgspec.convert(plain, dict[str, Again])


def arranged_again(run: Run, workflow: Workflow, nodeids: Sequence[str], plan: Arrangement) -> Arrangement:
    """The order of a run in which some start from what others made: each behind those."""
    position = {nodeid: index for index, nodeid in enumerate(nodeids)}
    pairs = {
        (position[other], position[nodeid])
        for nodeid in nodeids
        for other in (run.again[nodeid].behind if nodeid in run.again else ())
        if other in position and other != nodeid
    }
    return arranged(workflow, pairs) if pairs else plan


def as_again(run: Run, assignment: Assignment) -> Assignment:
    """A subagent of which the run that is gone on with says how it is to be run, where all those whose work it is to
    start from come before it."""
    again = run.again[assignment.planned.nodeid]
    if not set(again.behind) <= set(assignment.waits_for):
        return assignment
    return replace(assignment, behind=again.behind, lost=again.lost)


def leave_again(run: Run, found: Mapping[str, Mapping[str, Again]]) -> None:
    """Writes down who lost now, by workflow file. Where that cannot be written, only a resume misses it."""
    if run.folder is None or not found:
        return
    rows = {file: with_losers(run.again, losers, file=file) for file, losers in found.items()}
    with suppress(SubagentsError):
        write_again(RunDirectory.open(run.folder), rows)
