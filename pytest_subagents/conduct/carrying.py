"""What follows from uncommitted changes that are carried, told before the first agent starts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pytest_subagents.conduct.assignment import Assignment
from pytest_subagents.conduct.finished import any_kept
from pytest_subagents.errors import BadUsage
from pytest_subagents.model import limits
from pytest_subagents.runners.bounded_file import read_bounded
from pytest_subagents.transcript.meta import RecordingMeta, read_meta
from pytest_subagents.transcript.run_directory import RunDirectory
from pytest_subagents.transcript.store import Recording

_SHOWN = 5


def cannot_merge(workflow: str) -> BadUsage:
    """A merge at the end of a run can begin with no tree that is in no commit: all that is paid for would be lost."""
    return BadUsage(
        "--subagents-uncommitted=carry",
        f"{workflow} merges at its end, and what is carried is in no commit, so nobody's work could be merged",
        hint="commit it first, or say =ignore; or take 'at_end' from 'merge' and run `subagents merge` when it is",
    )


def started_otherwise(
    running: Iterable[Assignment], runs: Sequence[RunDirectory], *, carried: str | None
) -> tuple[str, ...]:
    """Ids of those that `runs`, which are gone on with, have finished, and that started from other uncommitted changes
    than the tree `carried`; None is HEAD as it is."""
    found = []
    for assignment in running:
        before = any_kept(runs, assignment.planned.nodeid)
        meta = _meta(before.recording) if before is not None else None
        if meta is not None and _uncommitted(meta) != carried and (carried is not None or _uncommitted(meta)):
            found.append(assignment.subagent.id)
    return tuple(dict.fromkeys(found))


def told_otherwise(ids: Sequence[str]) -> str:
    """The same in words."""
    who = ", ".join(ids[:_SHOWN]) + (", …" if len(ids) > _SHOWN else "")
    return (
        f"what {who} finished in the run before started from other uncommitted changes than there are now, and is "
        "kept; without --subagents-resume all start from the same"
    )


def _uncommitted(meta: RecordingMeta) -> str | None:
    parts = meta.base_of
    return parts.start if parts is not None and parts.kind == "uncommitted" else None


def _meta(recording: Recording) -> RecordingMeta | None:
    try:
        found = read_meta(read_bounded(recording.meta, limits.META_BYTES))
    except OSError:
        return None
    return found if isinstance(found, RecordingMeta) else None
