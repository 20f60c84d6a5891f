"""What a live run knows and no report says: when its agents ran, and what they said that was not recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from pytest_subagents.audit.judged_recording import LiveRun, judged_recording
from pytest_subagents.errors import SubagentsError
from pytest_subagents.evidence.stored import Kept
from pytest_subagents.model.attempts import Attempt
from pytest_subagents.model.evidence import Schedule, Span
from pytest_subagents.model.result import Result
from pytest_subagents.transcript.run_directory import RunDirectory

_RUN_FILE: Final = "run.json"


class _Span(msgspec.Struct):
    started: float
    ended: float | None = None
    worker: str | None = None


class _RunFile(msgspec.Struct):
    """The part of `run.json` that is shown."""

    agents: dict[str, _Span] = {}


class Left:
    """Where a live run left what it did not record."""

    def __init__(self, folder: Path, earlier: tuple[Path, ...] = (), *, rootdir: Path) -> None:
        self._run = LiveRun(folder=folder, earlier=earlier)
        self._rootdir = rootdir

    def __call__(self, row: Result, run: Result | Attempt) -> Kept | None:
        """Of a run that has no recording."""
        if isinstance(run, Attempt):
            planned = replace(row.planned, nodeid=run.nodeid)
            row = replace(row, planned=planned, status=run.status, transcript=None, attempts=())
        try:
            found = judged_recording(row, "", rootdir=self._rootdir, live=self._run)
        except OSError:
            return None
        if found is None or found.refused:
            return None
        return Kept(recording=found, below=RunDirectory(path=self._run.folder).trusted)


def measured_in(run: Path) -> Schedule | None:
    """When the agents of the run in the folder `run` worked; None where it does not tell, or none did."""
    try:
        file = RunDirectory.open(run).read_json(_RUN_FILE, _RunFile)
    except SubagentsError:
        return None
    return measured(
        {nodeid: (one.started, one.ended, one.worker) for nodeid, one in file.agents.items()} if file else {}
    )


def measured(times: Mapping[str, tuple[float, float | None, str | None]]) -> Schedule | None:
    """Starts, ends and workers by node id; seconds of any clock. None where nothing was measured."""
    whole = {nodeid: (start, end, worker) for nodeid, (start, end, worker) in times.items() if end is not None}
    if not whole:
        return None
    first = min(start for start, _, _ in whole.values())
    return Schedule(
        kind="measured",
        spans={
            nodeid: Span(start=_ms(start - first), end=max(_ms(start - first), _ms(end - first)), worker=worker or "")
            for nodeid, (start, end, worker) in sorted(whole.items())
        },
        at_once=_most_at_once([(start, end) for start, end, _ in whole.values()]),
    )


def _most_at_once(times: Iterable[tuple[float, float]]) -> int:
    changes = sorted(change for start, end in times for change in ((start, 1), (end, -1)))
    now = most = 0
    for _, change in changes:
        now += change
        most = max(most, now)
    return most


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
