"""How long a subagent took the last time: as its recording says, or else the newest runs in the run directory."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final, Literal

import msgspec

from pytest_subagents.errors import SubagentsError
from pytest_subagents.model import limits
from pytest_subagents.model.value import Value
from pytest_subagents.transcript.meta import RecordingMeta, read_meta
from pytest_subagents.transcript.run_directory import RunDirectory, folder_name, runs_of
from pytest_subagents.transcript.store import Recording

_RUNS: Final = 5
"""Of older ones nothing is asked."""


class Runtime(Value, frozen=True, kw_only=True):
    milliseconds: int
    source: Literal["recording", "history"]


def newest_runs(run_dir: Path) -> tuple[RunDirectory, ...]:
    """Those that are asked what subagents did before, the newest first."""
    found: list[RunDirectory] = []
    for path in reversed(runs_of(run_dir)[-_RUNS:]):
        with suppress(SubagentsError):  # it has just been removed as too old
            found.append(RunDirectory.open(path))
    return tuple(found)


class Runtimes:
    """Of one repository. Nothing is raised for what is damaged: then nothing is known."""

    def __init__(self, run_dir: Path) -> None:
        self._runs = newest_runs(run_dir)

    def of(self, nodeid: str, recording: Recording) -> Runtime | None:
        recorded = recorded_runtime(recording)
        if recorded is not None:
            return Runtime(milliseconds=recorded, source="recording")
        for run in self._runs:
            found = _ran(run, nodeid)
            if found is not None:
                return Runtime(milliseconds=found, source="history")
        return None


def recorded_runtime(recording: Recording) -> int | None:
    """Milliseconds, as its recording alone says."""
    try:
        if not stat.S_ISREG(os.stat(recording.meta).st_mode):
            return None
        with open(recording.meta, "rb") as file:
            meta = read_meta(file.read(limits.META_BYTES + 1))
    except OSError:
        return None
    return meta.process.runtime_ms if isinstance(meta, RecordingMeta) else None


class _Ran(msgspec.Struct, frozen=True):
    """What is asked of a `result.json`."""

    status: str = ""
    runtime_ms: int | None = None


def _ran(run: RunDirectory, nodeid: str) -> int | None:
    """Only of one that did its work: who was refused at the door took no time."""
    try:
        found = run.read_json(f"{folder_name(nodeid)}/result.json", _Ran)
    except SubagentsError:
        return None
    return found.runtime_ms if found is not None and found.status in ("success", "partial") else None
