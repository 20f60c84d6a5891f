"""What a recording says that its subagent really changed: the patch beside it, held against the metadata."""

from __future__ import annotations

from pathlib import PurePosixPath

from pytest_subagents.model import limits
from pytest_subagents.model.outcome import Change
from pytest_subagents.model.reason import Reason
from pytest_subagents.runners.bounded_file import read_bounded
from pytest_subagents.transcript.meta import PatchFacts
from pytest_subagents.transcript.store import Recording
from pytest_subagents.workspace.patch_lines import changed_lines
from pytest_subagents.workspace.patch_reading import changes_of


def changes_beside(recording: Recording, facts: PatchFacts) -> tuple[tuple[Change, ...] | None, tuple[Reason, ...]]:
    """The changes, None where they cannot be known, and what is wrong with the patch. Nothing is started."""
    try:
        patch = read_bounded(recording.patch, limits.CHANGED_BYTES)
    except FileNotFoundError:
        patch = b""
    except OSError as error:
        return None, (_unusable(f"it cannot be read: {error.strerror or error}"),)
    if len(patch) > limits.CHANGED_BYTES:
        return None, (_unusable(f"it has more than {limits.CHANGED_BYTES:,} bytes"),)
    prefix = PurePosixPath(facts.prefix)
    if prefix.is_absolute() or ".." in prefix.parts:
        return None, (_unusable("the metadata says that it counts from outside of the repository"),)
    found = changes_of(patch, prefix)
    if isinstance(found, str):
        return None, (_unusable(found),)
    if len(found) == facts.files:
        return found, ()
    if facts.unkept:  # something was too large for it
        return found, ()
    return None, (_unusable(f"it changes {len(found):,} files, and the metadata says {facts.files:,}"),)


def lines_beside(recording: Recording, changes: tuple[Change, ...] | None) -> int | None:
    """How many lines the patch of these `changes` adds and removes; None where there is none that tells."""
    if not changes:
        return None if changes is None else 0
    try:
        return changed_lines(read_bounded(recording.patch, limits.CHANGED_BYTES))
    except OSError:
        return None


def _unusable(why: str) -> Reason:
    return Reason(
        kind="missing_recording",
        message=f"the patch cannot be used: {why}",
        hint="record the subagent again; without its patch nothing is known of what it changed",
    )
