"""The recorded work of a workflow's subagents to one tree, and to a branch if that is asked for.

A sequence of several stages: the report says whose work is wanted, the recordings what it is, the plan in which order.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Final, TypeAlias

from pytest_subagents.errors import BadUsage
from pytest_subagents.git.repository import Repository, head_of
from pytest_subagents.merge.branching import Step, branch_name, make_branch
from pytest_subagents.merge.joining import join
from pytest_subagents.merge.private_store import Store, open_store
from pytest_subagents.merge.rebuilding import rebuilt
from pytest_subagents.merge.work import Work
from pytest_subagents.model import limits
from pytest_subagents.model.integration import Integration, LeftOut, Merged, Nothing, Row, Stale
from pytest_subagents.model.report import Report
from pytest_subagents.model.result import Result
from pytest_subagents.model.spec import Subagent, Workflow
from pytest_subagents.plan.arranging import arranged
from pytest_subagents.transcript.meta import RecordingMeta, read_meta
from pytest_subagents.transcript.store import Recording, recording_of_agent, recording_of_run
from pytest_subagents.workspace.patch_reading import changes_of
from pytest_subagents.workspace.paths import shown
from pytest_subagents.writing import read_file

_RUN: Final = "run `pytest --subagents` first"
_ENDED_WELL: Final = ("success", "partial")

_Told: TypeAlias = Work | Stale | Nothing | LeftOut


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is to be merged."""

    workflow: Workflow
    file: str
    """The workflow file from the rootdir, as node ids begin."""
    folder: Path
    """The folder that it lies in."""
    report: Report
    report_path: str
    repository: Repository


def check_mergeable(workflow: Workflow) -> None:
    """`BadUsage` for what a workflow says of its merge that this version cannot honour: it is never ignored."""
    strategy = workflow.merge.strategy
    if strategy in ("staged", "branch-per-agent"):
        raise _refused(workflow, f"'merge.strategy: {strategy}'")
    if workflow.merge.stages:
        raise _refused(workflow, "'merge.stages'")
    if workflow.merge.validation:
        raise _refused(workflow, "'merge.validation'")


def integrate(request: Request, *, apply: bool, branch: str | None) -> Integration:
    """The merge of everything whose subagent ended well, and, with `apply`, a branch of it.

    Without `apply` nothing is written but in a temporary folder. `BadUsage` where the report is not one of this
    workflow, the branch is another one already, or the plan has a mistake; `GitError` where git fails.
    """
    repository = request.repository
    name = branch_name(repository, request.workflow.name, branch)
    order = [request.workflow.agents[index] for index in arranged(request.workflow).order]
    wanted = _results(request)
    told = [_told(request, agent, wanted.get(f"{request.file}::{agent.id}")) for agent in order]
    head = head_of(repository)
    start = repository.git.line("rev-parse", "--verify", f"{head}^{{tree}}")
    with tempfile.TemporaryDirectory(prefix="subagents-merge-") as folder:
        store = open_store(repository, Path(os.path.realpath(folder)) / "git")
        tree, rows = _joined(store, start, told, repository)
        steps = [Step(tree=row.tree, message=_message(request, row.agent)) for row in rows if isinstance(row, Merged)]
        made = make_branch(store, repository, name=name, head=head, steps=steps) if apply and steps else None
    return Integration(
        workflow=request.workflow.name, head=head, start=start, tree=tree, rows=tuple(rows), branch=made, target=name
    )


def _results(request: Request) -> Mapping[str, Result]:
    if not request.report.complete:
        raise BadUsage(request.report_path, "it tells of a run that was cut short", hint=f"{_RUN}, to its end")
    found = {row.planned.nodeid: row for row in request.report.agents}
    if not any(f"{request.file}::{agent.id}" in found for agent in request.workflow.agents):
        raise BadUsage(request.report_path, f"it tells of no subagent of {request.file}", hint=_RUN)
    return found


def _told(request: Request, agent: Subagent, result: Result | None) -> _Told:
    """What there is of a subagent, before git has seen any of it."""
    if result is None:
        return LeftOut(agent=agent.id, why="the report does not tell of it")
    if result.status not in _ENDED_WELL:
        return LeftOut(agent=agent.id, why="it did not run" if result.status == "not_run" else f"it {result.status}")
    recording = _recording(request, agent, result)
    meta = _meta(recording, request.folder)
    if isinstance(meta, str):
        return Stale(agent=agent.id, why=meta, hint="record the subagent again")
    if meta.patch is None:
        return Nothing(agent=agent.id, why="its recording has no patch" if result.changes else "it changes no files")
    patch = _patch(recording, request.folder)
    if isinstance(patch, str):
        return Stale(agent=agent.id, why=f"its patch cannot be used: {patch}", hint="record the subagent again")
    changes = changes_of(patch, PurePosixPath(meta.patch.prefix))
    if isinstance(changes, str):
        return Stale(agent=agent.id, why=f"its patch cannot be used: {changes}", hint="record the subagent again")
    if changes != result.changes:
        why = "its recording changes other files than the report says"
        return Stale(agent=agent.id, why=why, hint=f"{_RUN}: the report is of another recording")
    return Work(agent=agent.id, base=meta.base or "", tree=meta.patch.tree, patch=patch)


def _recording(request: Request, agent: Subagent, result: Result) -> Recording:
    """That of the run whose work is the row's, where several made it."""
    path = recording_of_agent(str(request.folder), request.workflow.name, agent.id)
    chosen = next((attempt.number for attempt in result.attempts if attempt.selected), None)
    return Recording(transcript=path if chosen is None else recording_of_run(path, chosen))


def _meta(recording: Recording, below: Path) -> RecordingMeta | str:
    try:
        return read_meta(read_file(Path(recording.meta), below=below, at_most=limits.META_BYTES))
    except FileNotFoundError:
        return RecordingMeta()
    except OSError as error:
        return f"its metadata cannot be read: {error.strerror or error}"


def _patch(recording: Recording, below: Path) -> bytes | str:
    try:
        return read_file(Path(recording.patch), below=below, at_most=limits.CHANGED_BYTES)
    except FileNotFoundError:
        return b""
    except OSError as error:
        return f"it cannot be read: {error.strerror or error}"


def _joined(store: Store, start: str, told: list[_Told], repository: Repository) -> tuple[str, list[Row]]:
    made = rebuilt(store, [each for each in told if isinstance(each, Work)])
    works = [each for each in made if not isinstance(each, Stale)]
    joined = join(store, start, works, shown=partial(shown, prefix=repository.prefix))
    rows: dict[str, Row] = {each.agent: each for each in told if not isinstance(each, Work)}
    rows.update((each.agent, each) for each in made if isinstance(each, Stale))
    rows.update((row.agent, row) for row in joined.rows)
    return joined.tree, [rows[each.agent] for each in told]


def _message(request: Request, agent: str) -> str:
    return f"Work of the subagent {agent}\n\nSubagent: {agent}\nWorkflow: {request.workflow.name}\n"


def _refused(workflow: Workflow, what: str) -> BadUsage:
    hint = "leave it out for now; docs/merging.md says what can be merged"
    return BadUsage(workflow.where, f"{what} is not honoured by this version", hint=hint)
