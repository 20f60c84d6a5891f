"""The run directory of a live run: a new one, with the runs before it that it goes on with, or its controller's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from pytest_subagents.errors import BadUsage, SubagentsError
from pytest_subagents.glue.options import Settings
from pytest_subagents.model import limits
from pytest_subagents.model.progress import AgentProgress
from pytest_subagents.model.value import Value, field
from pytest_subagents.transcript.run_directory import RunDirectory, alive, latest

_NAME: Final = "run.json"
_FORMAT: Final = 1
_OPTION: Final = "--subagents-resume"


class Span(Value, frozen=True, kw_only=True):
    """When a live subagent ran, its retries included; seconds since the epoch."""

    started: float
    ended: float | None = None
    worker: str | None = None
    """Of xdist."""


class RunFile(Value, frozen=True, kw_only=True):
    """The file `run.json`: what a live run alone knows, and no report says. Times are ISO 8601, in UTC."""

    format: int
    mode: str
    started: str
    workers: int = 0
    """Of xdist; 0 where one process does it all."""
    resumes: str | None = None
    """The name of the run that it goes on with."""
    ended: str | None = None
    """None where it was killed."""
    exit_code: int | None = None
    agents: dict[str, Span] = field(default_factory=dict)
    """By node id, those that were started; told at the end."""


class BegunRun(Value, frozen=True, kw_only=True):
    """A run in its own process: alone, or xdist's controller."""

    directory: RunDirectory
    earlier: tuple[Path, ...]
    """The folders of the run that it goes on with and of those that this one went on with, the newest first."""
    file: RunFile

    def end(self, exit_code: int, agents: Iterable[AgentProgress]) -> None:
        """Says when it ended, and when each of its agents ran. A disk that is full is in nobody's way."""
        spans = {
            agent.nodeid: Span(started=agent.started, ended=agent.ended, worker=agent.worker)
            for agent in agents
            if agent.started is not None
        }
        file = replace(self.file, ended=_now(), exit_code=exit_code, agents=spans)
        try:
            self.directory.write_json(_NAME, file)
        except SubagentsError:
            return


def begin(settings: Settings, rootdir: Path, *, workers: int) -> BegunRun:
    """A new run. `BadUsage` where there can be none, or nothing that it could go on with."""
    earlier = tuple(_earlier(settings.run_dir)) if settings.resume else ()
    resumes = earlier[0] if earlier else None
    if not settings.live:  # only commands are run: whoever resumes means the run before
        resumes = latest(settings.run_dir)
    directory = RunDirectory.create(settings.run_dir, below=rootdir, started=datetime.now(UTC))
    file = RunFile(
        format=_FORMAT,
        mode=settings.mode,
        started=_now(),
        workers=workers,
        resumes=resumes.name if resumes is not None else None,
    )
    directory.write_json(_NAME, file)
    return BegunRun(directory=directory, earlier=earlier, file=file)


def _earlier(root: Path) -> Iterator[Path]:
    """The last run and those that it went on with: what it had not come to when it ended, they may have finished."""
    run = latest(root)
    if run is None:
        raise BadUsage(_OPTION, f"there is no run in {root}", hint="leave it out")
    if alive(run):
        raise BadUsage(_OPTION, "the last run goes on still", hint="wait for its end, or end it: subagents status")
    for _ in range(limits.RUNS_KEPT):
        try:
            directory = RunDirectory.open(run)
            yield run
            file = directory.read_json(_NAME, RunFile)
        except SubagentsError:  # it is damaged, or was removed as too old
            return
        if file is None or file.resumes is None or "/" in file.resumes:
            return
        run = root / "runs" / file.resumes


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
