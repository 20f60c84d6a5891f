"""The work of those that a subagent needs, which is to be in what it starts from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from pytest_subagents.conduct.assignment import Assignment
from pytest_subagents.conduct.isolation import writes
from pytest_subagents.conduct.keeping import Keeper
from pytest_subagents.merge.basing import Apart
from pytest_subagents.merge.work import Work
from pytest_subagents.model import limits
from pytest_subagents.model.integration import Stale
from pytest_subagents.model.reason import Reason
from pytest_subagents.runners.recorded_work import work_of

_AGAIN = "record {} again, or let nobody need it who has to see its files"


def works_beneath(beneath: Iterable[Assignment], keeper: Keeper) -> tuple[Work, ...] | Reason:
    """What `beneath`, in the order of the plan, have changed; or why that of one of them cannot be had."""
    found = []
    for assignment in beneath:
        work = work_of(keeper.work(assignment), assignment.subagent.id)
        if isinstance(work, str) or (work is None and writes(assignment)):
            id = assignment.subagent.id
            why = work if isinstance(work, str) else "its recording has no patch"
            return _not_started(f"needs the work of {id!r}, and {why}", hint=_AGAIN.format(id))
        if work is not None and work.patch:
            found.append(work)
    return tuple(found)


def works_digest(works: tuple[Work, ...] | Reason) -> str:
    """Of all that a subagent would be built on; empty where that is nothing."""
    if isinstance(works, Reason):
        return works.message
    parts = [f"{part.agent}\0{part.patch}\0" for part in (work.as_part for work in works)]
    return hashlib.sha256("".join(parts).encode("utf-8", "surrogatepass")).hexdigest() if parts else ""


def apart(found: Apart) -> Reason:
    """Two that are needed do not go together."""
    paths = [conflict.path for conflict in found.conflicts]
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    others = [each for each in found.others if each != found.agent]
    who = f"{', '.join(map(repr, others))} and {found.agent!r}" if others else f"{found.agent!r}"
    against = "conflict" if others else "conflict with what is there"
    return _not_started(
        f"it needs {who}, whose changes {against}: {paths[0]}{more}",
        kind="conflict",
        at=paths[0],
        hint=f"let one of them depend on the other, or narrow their scopes; `subagents merge` tells more of {paths[0]}",
    )


def gone(found: Stale) -> Reason:
    return _not_started(f"needs the work of {found.agent!r}, and {found.why}", hint=found.hint)


def _not_started(message: str, *, kind: str = "dependency", at: str | None = None, hint: str) -> Reason:
    cut = message if len(message) <= limits.MESSAGE_CHARS else message[: limits.MESSAGE_CHARS - 1] + "…"
    return Reason(kind=kind, message=cut, at=at, hint=hint, at_most="not_run")
