"""Uncommitted changes are looked at once, before the first agent starts; what cannot come to anything is refused."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pytest_subagents.conduct.assignment import Assignment
from pytest_subagents.conduct.carrying import cannot_merge, started_otherwise, told_otherwise
from pytest_subagents.conduct.workplace import Workplaces
from pytest_subagents.errors import SubagentsError
from pytest_subagents.glue.run import Run
from pytest_subagents.transcript.run_directory import RunDirectory


def carry(run: Run, places: Workplaces, carrying: Sequence[Assignment], selected: Iterable[str]) -> None:
    """To `carrying`, all that start with them, of the node ids that are `selected`."""
    try:
        if carrying:
            places.look_for_uncommitted()
    except SubagentsError as error:
        run.blame(error)
        return
    merged = _merged(run, carrying, selected)
    if merged is not None and places.carries_what_is_in_no_commit():
        run.blame(cannot_merge(merged))


def warn_of_others(run: Run, places: Workplaces, running: Iterable[Assignment]) -> None:
    """Where a run is gone on with whose agents started from other changes."""
    earlier = tuple(RunDirectory.open(path) for path in run.earlier)
    if others := started_otherwise(running, earlier, carried=places.carried):
        run.warnings.append(told_otherwise(others))


def _merged(run: Run, carrying: Iterable[Assignment], selected: Iterable[str]) -> str | None:
    """The first workflow file with one of `carrying` of which a merge is made at the end: all of it is selected."""
    rows = {_row(run.assignments[nodeid]) for nodeid in selected}
    starting = {_row(each) for each in carrying}
    for collected in run.collected:
        whole = collected.workflow.merge.at_end and rows.issuperset(collected.nodeids)
        if whole and not starting.isdisjoint(collected.nodeids):
            return collected.nodeids[0].partition("::")[0]
    return None


def _row(assignment: Assignment) -> str:
    attempt = assignment.planned.attempt
    return assignment.planned.nodeid if attempt is None else attempt.row
