"""What a live run read and wrote, from its stream and its real diff, without secrets and paths of this machine."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from pytest_subagents.conduct.candidate import Facts
from pytest_subagents.model import limits
from pytest_subagents.model.glob import glob_of
from pytest_subagents.model.scope_use import ScopeUse
from pytest_subagents.transcript.redaction.redactor import Redactor


def scope_used(facts: Facts, redactor: Redactor) -> ScopeUse | None:
    """None where the run has told nothing."""
    told = facts.executed.used
    if told is None:
        return None
    written, more = told.written, told.more
    if facts.diff is not None:
        changed = [change.path for change in facts.diff.changes if len(glob_of(change.path)) <= limits.PATH_BYTES]
        written = tuple(changed[: limits.SCOPE_PATHS])
        more |= len(written) < len(facts.diff.changes)
    return replace(
        told,
        read=_clean(told.read, redactor),
        searched=_clean(told.searched, redactor),
        listed=_clean(told.listed, redactor),
        written=_clean(written, redactor),
        outside=_clean(told.outside, redactor),
        diffed=facts.diff is not None,
        more=more,
    )


def _clean(paths: Iterable[str], redactor: Redactor) -> tuple[str, ...]:
    """What becomes too long for a path by it is left out: nothing would match that."""
    clean = {redactor.redact_text(path.encode("utf-8", "replace").decode("utf-8")) for path in paths}
    return tuple(sorted(path for path in clean if len(path) <= limits.PATH_BYTES))
