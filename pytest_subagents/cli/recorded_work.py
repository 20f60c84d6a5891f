"""The recorded patch of a subagent of a workflow file, for commands that show or approve it."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from pytest_subagents.model import limits
from pytest_subagents.model.outcome import Change
from pytest_subagents.model.value import Value
from pytest_subagents.reports.diff_text import AgentDiff, FileDiff
from pytest_subagents.transcript.approvals import digest_of
from pytest_subagents.transcript.meta import RecordingMeta, read_meta
from pytest_subagents.transcript.store import Recording
from pytest_subagents.workspace.patch_files import files_of
from pytest_subagents.workspace.patch_reading import changes_of
from pytest_subagents.writing import read_file


class RecordedWork(Value, frozen=True, kw_only=True):
    """What a recording says that its subagent changed."""

    diff: AgentDiff
    changes: tuple[Change, ...] = ()
    digest: str | None = None
    """None where there is no patch that can be used."""


def recorded_work(agent: str, recording: Recording, *, below: Path) -> RecordedWork:
    """Read without following a link below the folder `below`; whatever is wrong with it is told in it."""
    try:
        meta = read_meta(read_file(Path(recording.meta), below=below, at_most=limits.META_BYTES))
        if not isinstance(meta, RecordingMeta):
            return _faulty(agent, meta)
        if meta.patch is None:
            return RecordedWork(diff=AgentDiff(agent=agent))
        patch = _patch(recording, below)
    except FileNotFoundError:
        return RecordedWork(diff=AgentDiff(agent=agent))
    except OSError as error:
        return _faulty(agent, f"its recording cannot be read: {error.strerror or error}")
    prefix = PurePosixPath(meta.patch.prefix)
    files, changes = files_of(patch, prefix), changes_of(patch, prefix)
    if isinstance(files, str) or isinstance(changes, str):
        return _faulty(agent, f"its patch cannot be used: {files if isinstance(files, str) else changes}")
    shown = tuple(
        FileDiff(
            path=file.path,
            added=file.size.added,
            removed=file.size.removed,
            binary=bool(file.size.binary),
            text=file.text.decode("utf-8", "backslashreplace"),
        )
        for file in files
    )
    digest = digest_of(patch) if patch else None
    return RecordedWork(diff=AgentDiff(agent=agent, files=shown), changes=changes, digest=digest)


def _patch(recording: Recording, below: Path) -> bytes:
    try:
        return read_file(Path(recording.patch), below=below, at_most=limits.CHANGED_BYTES)
    except FileNotFoundError:
        return b""


def _faulty(agent: str, why: str) -> RecordedWork:
    return RecordedWork(diff=AgentDiff(agent=agent, fault=why))
