"""Which recording a row of the report was judged by: the one in the repository, or one of the run directory."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from pytest_subagents.conduct.finished import any_kept
from pytest_subagents.conduct.judged_work import RESUMED
from pytest_subagents.errors import SubagentsError
from pytest_subagents.model.result import Result
from pytest_subagents.model.value import Value
from pytest_subagents.transcript.recording import Candidate
from pytest_subagents.transcript.run_directory import RunDirectory, folder_name
from pytest_subagents.transcript.store import Recording

_RETRY: Final = "retry-"


class LiveRun(Value, frozen=True, kw_only=True):
    """Where the agents of a live run left what they said."""

    folder: Path
    earlier: tuple[Path, ...] = ()
    """Those of the runs that it goes on with, the newest first."""


def judged_recording(row: Result, published: str, *, rootdir: Path, live: LiveRun | None = None) -> Recording | None:
    """None where there is none. `published` is where the recording of the row stands, or would stand, from `rootdir`;
    `live` is None in a replay."""
    if row.transcript is not None:
        path = rootdir / published
        return _read(path, rootdir) if path.is_relative_to(rootdir) else Recording(transcript=str(path))
    if live is None:
        return None
    folder = live.folder / folder_name(row.planned.nodeid)
    if folder.is_dir() and not (folder / RESUMED).is_dir():
        return _candidate(Candidate(folder=_last_try(folder)), live)
    if row.status == "not_run":
        return None
    try:
        adopted = Candidate(folder=folder / RESUMED).recording
        earlier = [RunDirectory.open(path) for path in live.earlier]
        kept = any_kept(earlier, row.planned.nodeid, adopted=adopted)
    except SubagentsError:  # one of them was removed meanwhile
        return None
    return _candidate(kept, live) if kept is not None else None


def _candidate(candidate: Candidate, live: LiveRun) -> Recording | None:
    """What is not there was not judged."""
    transcript = Path(candidate.recording.transcript)
    return _read(transcript, live.folder.parent) if os.path.lexists(transcript) else None


def _read(transcript: Path, below: Path) -> Recording:
    """A link out of its place is not read: a log would quote what it leads to."""
    real, root = os.path.realpath(transcript), os.path.realpath(below)
    refused = "" if real.startswith(f"{root}/") else "it is a link to a place outside the repository"
    return Recording(transcript=str(transcript), refused=refused)


def _last_try(folder: Path) -> Path:
    """Where a subagent's last try is, whose outcome counts: its first one's files stand in its own folder."""
    numbers = [name.removeprefix(_RETRY) for name in os.listdir(folder) if name.startswith(_RETRY)]
    last = max((int(number) for number in numbers if number.isdecimal()), default=0)
    return folder / f"{_RETRY}{last}" if last else folder
