"""Whether a subagent changed only what it may: judged by its real diff, or else by what its stream tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import PurePosixPath

from pytest_subagents.conduct.assignment import Assignment
from pytest_subagents.conduct.outside_judged import outside_reasons
from pytest_subagents.model import limits
from pytest_subagents.model.outcome import Change
from pytest_subagents.model.reason import Reason
from pytest_subagents.plan.access import access_of
from pytest_subagents.runners.interface import Run
from pytest_subagents.vendors.places import is_outside
from pytest_subagents.workspace.leading_out import leading_out
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
        *_leading_out(run),
        *outside_reasons(each for each in run.meta.outside if run.changes is not None or each.path not in told),
    )


def _leading_out(run: Run) -> Iterator[Reason]:
    """What nobody may put into a tree, whatever its scope: a later reader or writer would be led out of it."""
    prefix = run.meta.patch.prefix if run.meta.patch is not None else ""
    for path, why in islice(leading_out(run.patch, PurePosixPath(prefix)), limits.SCOPE_REASONS):
        message = f"it left {path}, which {why}"[: limits.MESSAGE_CHARS]
        yield Reason(kind="scope", message=message, at=path, hint="nobody may write that, whatever their scope")


def real_or_told(run: Run) -> Iterable[Change]:
    """What was really changed; of what only a stream tells, what is certainly a file of the repository."""
    if run.changes is not None:
        return run.changes
    changes = run.outcome.changes if run.outcome is not None else ()
    return (change for change in changes if not is_outside(change.path))
