"""Whether a subagent changed only what it may: judged by its real diff, or else by what its stream tells."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_subagents.conduct.assignment import Assignment
from pytest_subagents.conduct.outside_judged import outside_reasons
from pytest_subagents.model.outcome import Change
from pytest_subagents.model.reason import Reason
from pytest_subagents.plan.access import access_of
from pytest_subagents.runners.interface import Run
from pytest_subagents.vendors.places import is_outside
from pytest_subagents.workspace.scope_audit import audited


def scope_reasons(assignment: Assignment, run: Run) -> tuple[Reason, ...]:
    """None for a transcript that nobody declared a scope for."""
    if assignment.team is None:
        return ()
    patch = run.meta.patch
    changes = tuple(real_or_told(run))
    found = audited(
        changes,
        allowed=access_of(assignment.subagent).write,
        protected=assignment.protected,
        unkept=patch.unkept if patch is not None else (),
    )
    told = {change.path for change in changes}
    return (
        *found,
        *outside_reasons(each for each in run.meta.outside if run.changes is not None or each.path not in told),
    )


def real_or_told(run: Run) -> Iterable[Change]:
    """What was really changed; of what only a stream tells, what is certainly a file of the repository."""
    if run.changes is not None:
        return run.changes
    changes = run.outcome.changes if run.outcome is not None else ()
    return (change for change in changes if not is_outside(change.path))
