"""What a recording says that its subagent did, as work that can be merged. Nothing is started."""

from __future__ import annotations

from pathlib import PurePosixPath

from pytest_subagents.merge.work import Work
from pytest_subagents.model import limits
from pytest_subagents.runners.bounded_file import read_bounded
from pytest_subagents.transcript.meta import RecordingMeta, read_meta
from pytest_subagents.transcript.store import Recording
from pytest_subagents.workspace.patch_reading import changes_of


def work_of(recording: Recording, agent: str) -> Work | str | None:
    """The work of `agent`; None where the recording tells of no patch, or one line that says why it is unusable."""
    if recording.refused:
        return recording.refused
    meta = _meta(recording)
    if isinstance(meta, str):
        return meta
    if meta.patch is None:
        return None
    try:
        patch = read_bounded(recording.patch, limits.CHANGED_BYTES)
    except FileNotFoundError:
        patch = b""
    except OSError as error:
        return f"its patch cannot be read: {error.strerror or error}"
    if len(patch) > limits.CHANGED_BYTES:
        return f"its patch has more than {limits.CHANGED_BYTES:,} bytes"
    changes = changes_of(patch, PurePosixPath(meta.patch.prefix))
    if isinstance(changes, str):
        return f"its patch cannot be used: {changes}"
    return Work(agent=agent, base=meta.base or "", tree=meta.patch.tree, patch=patch, parts=meta.base_of)


def _meta(recording: Recording) -> RecordingMeta | str:
    try:
        return read_meta(read_bounded(recording.meta, limits.META_BYTES))
    except FileNotFoundError:
        return RecordingMeta()
    except OSError as error:
        return f"its metadata cannot be read: {error.strerror or error}"
