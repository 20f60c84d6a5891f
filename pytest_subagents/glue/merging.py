"""Workflows that are merged at the end of a run: which there are, the merge, and what it does to the report.

Known where pytest collects, and told to xdist's controller, which alone merges. Imported only where there is one.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from pytest_subagents.aggregate.amending import amended
from pytest_subagents.aggregate.report import report_of
from pytest_subagents.audit.judged_recording import LiveRun, judged_recording
from pytest_subagents.conduct.judged import judged_by_expectation
from pytest_subagents.contract.loading import built_in_names
from pytest_subagents.errors import SubagentsError
from pytest_subagents.git.program import find_git
from pytest_subagents.git.repository import find_repository
from pytest_subagents.glue.options import Mode
from pytest_subagents.glue.run import Run
from pytest_subagents.integration.at_end import Ended, merge_at_end
from pytest_subagents.integration.recorded_work import Request
from pytest_subagents.integration.validating import Checks
from pytest_subagents.model.integration import Paused
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.report import Report, ReportMerge
from pytest_subagents.model.result import Result
from pytest_subagents.model.spec import Workflow
from pytest_subagents.model.status import lowest
from pytest_subagents.model.value import Value
from pytest_subagents.specify.workflow_file import read_workflow
from pytest_subagents.transcript.again import Again
from pytest_subagents.transcript.store import Recording, recording_of_agent, recording_of_run
from pytest_subagents.vendors.registry import VENDORS

_CHECKS: Final[Mapping[Mode, Checks]] = {"replay": "recorded", "once": "missing", "record": "run", "live": "run"}
"""How a merge is validated where nothing else is asked for: a replay runs no command."""


class Merges(Value, frozen=True, kw_only=True):
    """What the merges of a run came to."""

    rows: Mapping[str, Result]
    """By node id, those that they change."""
    merges: tuple[ReportMerge, ...]
    faults: tuple[SubagentsError, ...]
    """Why there are not more of them."""
    again: Mapping[str, Mapping[str, Again]]
    """By workflow file and node id, who would merge if it ran again."""
    paused: Mapping[str, Paused]
    """By workflow file, those that wait for a person."""

    def amend(self, report: Report) -> Report:
        return amended(report, self.rows, self.merges)


def merge_all(run: Run) -> Merges:
    """The merge of every workflow that says `at_end`."""
    report, rows = report_of(run.tally()), dict[str, Result]()
    merges: list[ReportMerge] = []
    faults: list[SubagentsError] = []
    again: dict[str, Mapping[str, Again]] = {}
    paused: dict[str, Paused] = {}
    by_node = {row.planned.nodeid: row for row in report.agents}
    for file in dict.fromkeys(run.mergings):
        path = run.rootdir / file
        try:
            workflow = read_workflow(path, rootdir=run.rootdir, vendors=VENDORS, contracts=built_in_names())
            ended = merge_at_end(_request(run, workflow, path, report))
        except SubagentsError as error:
            faults.append(error)
            continue
        merges.append(ended.merge)
        rows |= _rows(run, workflow, file, ended, by_node)
        if ended.again is not None:
            again[_file_of(run, path)] = ended.again
        if ended.paused is not None:
            paused[_file_of(run, path)] = ended.paused
    return Merges(rows=rows, merges=tuple(merges), faults=tuple(faults), again=again, paused=paused)


def open_nodes(merges: Merges) -> list[str]:
    """Node ids of what did not end well by the merge, for `--lf`."""
    return [nodeid for nodeid, row in merges.rows.items() if row.status == "failed" and not row.expected]


def _request(run: Run, workflow: Workflow, path: Path, report: Report) -> Request:
    live = None if run.folder is None else LiveRun(folder=run.folder, earlier=run.earlier)
    return Request(
        workflow=workflow,
        file=_file_of(run, path),
        folder=path.parent,
        report=report,
        report_path="report.json",
        repository=find_repository(find_git(os.environ.get("PATH", os.defpath)), run.rootdir),
        rootdir=run.rootdir,
        environ=os.environ,
        checks="run" if run.settings.checks == "run" else _CHECKS[run.settings.mode],
        keeps_checks=run.settings.mode in ("once", "record"),
        onto="base",
        redact=run.settings.redact,
        recording_of=None if live is None else partial(_recording_of, run, workflow, path, live),
    )


def _file_of(run: Run, path: Path) -> str:
    """As node ids begin."""
    return path.relative_to(run.rootdir).as_posix() if path.is_relative_to(run.rootdir) else str(path)


def _recording_of(run: Run, workflow: Workflow, path: Path, live: LiveRun, row: Result) -> Recording | None:
    """That of the run whose work is the row's, where several made it."""
    published = recording_of_agent(str(path.parent), workflow.name, row.planned.id)
    chosen = next((attempt for attempt in row.attempts if attempt.selected), None)
    if chosen is not None:
        published = recording_of_run(published, chosen.number)
        row = replace(row, planned=replace(row.planned, nodeid=chosen.nodeid))
    return judged_recording(row, published.removeprefix(f"{run.rootdir}/"), rootdir=run.rootdir, live=live)


def _rows(
    run: Run, workflow: Workflow, file: str, ended: Ended, by_node: Mapping[str, Result]
) -> Iterable[tuple[str, Result]]:
    for agent in workflow.agents if ended.merge.tree is not None else ():
        nodeid = f"{_file_of(run, run.rootdir / file)}::{agent.id}"
        row, reasons = by_node[nodeid], ended.reasons.get(agent.id, ())
        awaited = agent.expect is not None and agent.expect.kind == "conflict"
        if reasons or awaited:
            yield nodeid, judged_by_expectation(_lowered(row, reasons), agent.expect)


def _lowered(row: Result, reasons: tuple[Reason, ...]) -> Result:
    found = (*reasons, *row.reasons)
    status = lowest((row.status, *(reason.ceiling for reason in reasons)))
    return replace(row, reasons=found, status=status, expected=False)
