"""What a recording says that its subagent really changed: the patch beside it, held against the metadata."""

from __future__ import annotations

from pathlib import PurePosixPath

from pytest_subagents.model import limits
from pytest_subagents.model.outcome import Change
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.value import Value
from pytest_subagents.runners.bounded_file import read_bounded
from pytest_subagents.transcript.meta import PatchFacts
from pytest_subagents.transcript.store import Recording
from pytest_subagents.workspace.patch_reading import changes_of


class Beside(Value, frozen=True, kw_only=True):
    """What is known of a recorded patch."""

    changes: tuple[Change, ...] | None = None
    """None where they cannot be known."""
    patch: bytes = b""
    faults: tuple[Reason, ...] = ()
    """What is wrong with it."""


def changes_beside(recording: Recording, facts: PatchFacts) -> Beside:
    """The patch beside a recording. Nothing is started."""
    try:
        patch = read_bounded(recording.patch, limits.CHANGED_BYTES)
    except FileNotFoundError:
        patch = b""
    except OSError as error:
        return _unusable(f"it cannot be read: {error.strerror or error}")
    if len(patch) > limits.CHANGED_BYTES:
        return _unusable(f"it has more than {limits.CHANGED_BYTES:,} bytes")
    prefix = PurePosixPath(facts.prefix)
    if prefix.is_absolute() or ".." in prefix.parts:
        return _unusable("the metadata says that it counts from outside of the repository")
    found = changes_of(patch, prefix)
    if isinstance(found, str):
        return _unusable(found)
    if len(found) == facts.files or facts.unkept:  # something may have been too large for it
        return Beside(changes=found, patch=patch)
    return _unusable(f"it changes {len(found):,} files, and the metadata says {facts.files:,}")


def _unusable(why: str) -> Beside:
    fault = Reason(
        kind="missing_recording",
        message=f"the patch cannot be used: {why}",
        hint="record the subagent again; without its patch nothing is known of what it changed",
    )
    return Beside(faults=(fault,))
