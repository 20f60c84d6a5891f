"""The work of those that a subagent needs, which is to be in what it starts from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from pytest_subagents.conduct.assignment import Assignment
from pytest_subagents.conduct.isolation import writes
from pytest_subagents.merge.basing import Apart
from pytest_subagents.merge.work import Work
from pytest_subagents.model import limits
from pytest_subagents.model.base_parts import BaseParts, WorkPart
from pytest_subagents.model.integration import Stale
from pytest_subagents.model.reason import Reason
from pytest_subagents.runners.recorded_work import work_of
from pytest_subagents.transcript.store import Recording

_AGAIN = "record {} again, or let nobody need it who has to see its files"

Called: TypeAlias = Callable[[str, str], tuple[Assignment, ...]]
"""From the node id of a subagent and the id of another one of its workflow to the runs of that: mostly one."""

RecordingOf: TypeAlias = Callable[[Assignment], Recording]
"""Where the work of a subagent is."""


def works_beneath(
    beneath: Iterable[Assignment], called: Called, recording_of: RecordingOf
) -> tuple[Work, ...] | Reason:
    """What `beneath`, in the order of the plan, have changed, each behind what its own recording says that it is built
    on; or why the work of one cannot be had."""
    read: dict[str, Work | None] = {}
    done: dict[str, Work | None] = {}
    waiting = [*beneath][::-1]
    while waiting:
        here = waiting[-1]
        nodeid = here.planned.nodeid
        if nodeid not in read:
            found = _work_of(here, recording_of)
            if isinstance(found, Reason):
                return found
            read[nodeid] = found
            parts = found.parts if found is not None else None
            below = [*_named(parts, nodeid, called, recording_of)] if parts is not None else []
            waiting += [each for each in reversed(below) if each.planned.nodeid not in read]
        else:  # all that it is built on is there, as far as it can be had
            done.setdefault(nodeid, read[nodeid])
            waiting.pop()
    return tuple(work for work in done.values() if work is not None and work.patch)


def works_in(parts: BaseParts, nodeid: str, called: Called, recording_of: RecordingOf) -> tuple[Work, ...] | Reason:
    """The work of all that a recording says that its subagent, `nodeid`, is built on."""
    return works_beneath(_named(parts, nodeid, called, recording_of), called, recording_of)


def _named(parts: BaseParts, nodeid: str, called: Called, recording_of: RecordingOf) -> Iterator[Assignment]:
    """Who is named there, as far as there is one. Of several runs the one whose patch that is."""
    for part in parts.works:
        runs = called(nodeid, part.agent)
        if runs:
            yield next((run for run in runs[1:] if _is(run, part, recording_of)), runs[0])


def _is(run: Assignment, part: WorkPart, recording_of: RecordingOf) -> bool:
    work = work_of(recording_of(run), part.agent)
    return isinstance(work, Work) and work.as_part == part


def _work_of(assignment: Assignment, recording_of: RecordingOf) -> Work | Reason | None:
    id = assignment.subagent.id
    work = work_of(recording_of(assignment), id)
    if isinstance(work, str) or (work is None and writes(assignment)):
        why = work if isinstance(work, str) else "its recording has no patch"
        return _not_started(f"needs the work of {id!r}, and {why}", hint=_AGAIN.format(id))
    return work


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
