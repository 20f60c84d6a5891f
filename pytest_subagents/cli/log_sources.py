"""Where the stream of a subagent is: in the run directory while or after it ran, or else its recording."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from pytest_subagents.cli.stored import stored_report
from pytest_subagents.cli.workflow_files import declared
from pytest_subagents.errors import BadUsage, SubagentsError
from pytest_subagents.model.progress import AgentProgress, RunProgress
from pytest_subagents.model.result import Result
from pytest_subagents.model.value import Value
from pytest_subagents.plan.several_runs import runs_of
from pytest_subagents.reports.commands import DEFAULT_REPORT
from pytest_subagents.transcript.run_directory import RunDirectory, alive, folder_name
from pytest_subagents.transcript.run_state import StateError
from pytest_subagents.transcript.store import Recording, recording_of_agent, recording_of_run

_STREAM, _STDERR, _RESULT, _STATUS = "stream.jsonl", "stderr.log", "result.json", "status.json"


class LiveLog(Value, frozen=True, kw_only=True):
    """What a subagent has said in a live run, one folder a try."""

    run: RunDirectory
    nodeid: str

    @property
    def below(self) -> Path:
        """The folder below which no link is followed."""
        return self.run.trusted

    def streams(self, *, stderr: bool) -> tuple[Path, ...]:
        """Of each try that has begun, in their order."""
        name = _STDERR if stderr else _STREAM
        tries = [self._folder / name]
        while os.path.lexists(again := self._folder / f"retry-{len(tries)}" / name):
            tries.append(again)
        return tuple(path for path in tries if os.path.lexists(path))

    def goes_on(self) -> bool:
        """Whether more may come."""
        lives = alive(self.run.path)  # asked first: the last that is kept of a subagent is its result
        return lives and not os.path.lexists(self._folder / _RESULT)

    @property
    def _folder(self) -> Path:
        return self.run.path / folder_name(self.nodeid)


class RecordedLog(Value, frozen=True, kw_only=True):
    """What was kept of it."""

    recording: Recording
    below: Path


def live_log(agent: str, run: RunDirectory, *, rootdir: Path, file: str | None) -> LiveLog | None:
    """What `agent`, an id or a node id, has said in a run; None where it has not been started in it.

    `BadUsage` where several are called so. In a run that goes on, one that is only declared yet may still start.
    """
    damaged = False
    try:
        progress = run.read_json(_STATUS, RunProgress)
    except StateError:
        progress, damaged = None, True  # streams are there all the same
    known = progress.agents if progress is not None else ()
    found = {each.nodeid for each in known if agent in (each.id, each.nodeid)} or {
        each.nodeid for each in known if agent in map(_without_number, (each.id, each.nodeid))
    }
    if len(found) > 1:
        raise _ambiguous(agent, known, found)
    if found:
        return LiveLog(run=run, nodeid=found.pop())
    if not (damaged or alive(run.path)):
        return None
    try:
        one = declared(_without_number(agent), rootdir=rootdir, file=file, command="logs")
    except SubagentsError:
        return None
    log = LiveLog(run=run, nodeid=one.nodeid_of(one.subagent.id + agent.removeprefix(_without_number(agent))))
    return log if alive(run.path) or log.streams(stderr=False) else None


def recorded_log(agent: str, *, rootdir: Path, report: str | None, file: str | None) -> RecordedLog:
    """The recording of `agent`, which may be its path: the one that the report tells of, or else the one that its
    workflow file has a place for."""
    if agent.endswith(".jsonl") and "::" not in agent:
        path = Path(os.path.abspath(agent))
        return RecordedLog(recording=Recording(transcript=str(path)), below=path.parent)
    told = _told(agent, report or DEFAULT_REPORT) if file is None else None
    if told is not None and ".." not in told.parts and not told.is_absolute():
        return RecordedLog(recording=Recording(transcript=str(rootdir / told)), below=rootdir)
    id = _without_number(agent)
    one = declared(id, rootdir=rootdir, file=file, command="logs")
    folder = Path(os.path.abspath(one.path)).parent
    recording = recording_of_agent(str(folder), one.workflow.name, one.subagent.id)
    count = runs_of(one.subagent)
    if count > 1:
        if id == agent:
            raise BadUsage("logs", f"{id} runs {count} times", hint=f"name one: {id}[1] … {id}[{count}]")
        recording = recording_of_run(recording, int(agent.removeprefix(id).strip("[]")))
    return RecordedLog(recording=Recording(transcript=recording), below=folder)


def _told(agent: str, report: str) -> PurePosixPath | None:
    """The recording that a report names for it; None where there is no such report, or it names none."""
    try:
        rows = stored_report(report).agents
    except SubagentsError:
        return None
    found = [path for row in rows for path in _transcripts(row, agent)]
    return PurePosixPath(found[0]) if len(found) == 1 else None


def _transcripts(row: Result, agent: str) -> list[str]:
    names = (row.planned.id, row.planned.nodeid)
    runs = [run for run in row.attempts if agent in (run.nodeid, f"{row.planned.id}[{run.number}]")]
    if agent in names:
        runs = [run for run in row.attempts if run.selected]
        return [row.transcript] if not runs and row.transcript else [run.transcript for run in runs if run.transcript]
    return [run.transcript for run in runs if run.transcript]


def _without_number(name: str) -> str:
    """`math[2]` is a run of `math`; no id has brackets."""
    head, bracket, tail = name.rpartition("[")
    return head if bracket and tail.endswith("]") and tail[:-1].isdigit() else name


def _ambiguous(agent: str, known: tuple[AgentProgress, ...], found: set[str]) -> BadUsage:
    ids = [each.id for each in known if each.nodeid in found]
    names = sorted(ids if len(set(ids)) == len(ids) else found)
    shown = ", ".join(names[:10]) + (" …" if len(names) > 10 else "")
    return BadUsage("logs", f"{len(found)} are called {agent!r} in this run", hint=f"name one: {shown}")
