"""The evidence of a report from where it is kept: recordings, and the run directory of a live run.

Everything in it is untrusted. Nothing is opened through a link, nothing is held longer than one run is shown, and
nothing raises: what cannot be had is said in words.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Final

from msgspec.structs import replace

from pytest_subagents.evidence.prompts import Prompts
from pytest_subagents.evidence.reading import said_in
from pytest_subagents.evidence.scheduling import schedule_of
from pytest_subagents.evidence.workflows import Workflows
from pytest_subagents.model import limits
from pytest_subagents.model.attempts import Attempt
from pytest_subagents.model.evidence import ChangedFile, ChildSession, RunEvidence, Said, Schedule
from pytest_subagents.model.report import Report
from pytest_subagents.model.result import Result
from pytest_subagents.model.value import Value
from pytest_subagents.transcript.meta import NO_META, RecordingMeta, read_meta
from pytest_subagents.transcript.redaction.redactor import Redactor
from pytest_subagents.transcript.store import Recording
from pytest_subagents.workspace.patch_files import files_of
from pytest_subagents.writing import open_file, read_file

_KEEP: Final = "A run with --subagents-mode=record keeps it."


class Kept(Value, frozen=True, kw_only=True):
    """A recording, and the folder below which no link on the way to it is followed."""

    recording: Recording
    below: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvidence:
    report: Report
    rootdir: Path
    live: Callable[[Result, Result | Attempt], Kept | None] | None = None
    """Where a live run has what it did not record; None in a replay."""
    redactor: Redactor = field(default_factory=Redactor)
    measured: Schedule | None = None
    """What a live run alone knows."""

    _workflows: Workflows = field(init=False)
    _prompts: Prompts = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_workflows", Workflows(rootdir=self.rootdir))
        object.__setattr__(self, "_prompts", Prompts(self.report, self._workflows))

    def schedule(self) -> Schedule:
        return schedule_of(self.report, self.measured, at_once=self._workflows.at_once)

    def of(self, row: Result, run: Result | Attempt) -> RunEvidence:
        told = self._prompts.of(row)
        evidence = RunEvidence(
            prompt=self.redactor.redact_text(told.prompt),
            instructions=self.redactor.redact_text(told.instructions),
            no_prompt=told.why_not,
        )
        kept = self._kept(row, run)
        if isinstance(kept, str):
            return replace(evidence, no_transcript=kept)
        meta = _meta(kept)
        files, fault = _files(kept, meta, self.redactor)
        size, why = _size(kept)
        return replace(
            evidence,
            no_transcript=why,
            transcript_bytes=size,
            said=partial(_said, kept, self.redactor),
            files=files,
            no_patch=fault,
            patched=meta.patch is not None,
            checks=tuple(
                replace(check, output=self.redactor.redact_text(check.output)) for check in meta.checks.values()
            ),
            cli_version=meta.cli_version or "",
            base=meta.base or "",
        )

    def _kept(self, row: Result, run: Result | Attempt) -> Kept | str:
        if run.transcript is None:
            found = self.live(row, run) if self.live is not None else None
            return found if found is not None else f"The transcript was not kept. {_KEEP}"
        path = Path(os.path.normpath(self.rootdir / run.transcript))
        if not path.is_relative_to(self.rootdir):
            return "The transcript is outside of the folder that pytest ran in, and was not read."
        return Kept(recording=Recording(transcript=str(path)), below=self.rootdir)


def _size(kept: Kept) -> tuple[int, str]:
    """Bytes of the transcript, and why it cannot be shown."""
    try:
        with open_file(Path(kept.recording.transcript), below=kept.below) as file:
            return os.fstat(file.fileno()).st_size, ""
    except FileNotFoundError:
        return 0, "The transcript was not found where it was recorded."
    except (OSError, ValueError) as error:
        return 0, f"The transcript cannot be read: {getattr(error, 'strerror', None) or error}."


def _said(kept: Kept, redactor: Redactor) -> Iterator[Said]:
    yield from said_in(Path(kept.recording.transcript), below=kept.below, redactor=redactor)
    for child in kept.recording.children():
        yield ChildSession(name=child.name)
        yield from said_in(child, below=kept.below, redactor=redactor)


def _meta(kept: Kept) -> RecordingMeta:
    try:
        found = read_meta(read_file(Path(kept.recording.meta), below=kept.below, at_most=limits.META_BYTES))
    except (OSError, ValueError):
        return NO_META
    return found if isinstance(found, RecordingMeta) else NO_META


def _files(kept: Kept, meta: RecordingMeta, redactor: Redactor) -> tuple[tuple[ChangedFile, ...], str]:
    if meta.patch is None:
        return (), ""
    try:
        patch = read_file(Path(kept.recording.patch), below=kept.below, at_most=limits.CHANGED_BYTES)
    except FileNotFoundError:
        return (), ""
    except (OSError, ValueError) as error:
        return (), f"Its patch cannot be read: {getattr(error, 'strerror', None) or error}"
    files = files_of(patch, PurePosixPath(meta.patch.prefix))
    if isinstance(files, str):
        return (), f"Its patch cannot be used: {files}"
    return tuple(
        ChangedFile(
            path=redactor.redact_text(file.path),
            added=file.size.added,
            removed=file.size.removed,
            binary=bool(file.size.binary),
            text=redactor.redact_text(file.text.decode("utf-8", "surrogateescape")),
        )
        for file in files
    ), ""
