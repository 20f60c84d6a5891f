"""What people may approve of a report: its rows, what was recorded of each, and what is approved already."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from pytest_subagents.cli.recorded_work import RecordedWork, recorded_work
from pytest_subagents.contract.loading import built_in_names
from pytest_subagents.errors import BadUsage
from pytest_subagents.model.ids import file_name
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.report import Report
from pytest_subagents.model.result import Result
from pytest_subagents.model.spec import Workflow
from pytest_subagents.model.value import Value
from pytest_subagents.specify.workflow_file import read_workflow
from pytest_subagents.transcript.approvals import Approval, approvals_path, read_approvals, write_approvals
from pytest_subagents.transcript.store import Recording, recording_of_agent
from pytest_subagents.vendors.registry import VENDORS


class Approvable(Value, frozen=True, kw_only=True):
    """One row of a workflow that asks for review."""

    row: Result
    name: str
    """How a command knows it: its id, or its node id where that is not its own."""
    work: RecordedWork
    approval: Approval | None
    """Of whatever diff."""
    folder: Path
    """That of the workflow file."""
    path: Path
    """The file of the approvals."""
    shown_path: str

    @property
    def agent(self) -> str:
        return self.row.planned.id

    @property
    def waits(self) -> bool:
        return self.row.waits_for_review and (self.approval is None or self.approval.digest != self.work.digest)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        return tuple(reason for reason in self.row.reasons if reason.kind == "review")

    def approve(self, approval: Approval) -> None:
        """In the place of an earlier one."""
        self._write(approval)

    def revoke(self) -> None:
        self._write()

    def _write(self, *more: Approval) -> None:
        known = read_approvals(self.path, below=self.folder, where=self.shown_path)
        others = (each for each in known if each.agent != self.agent)
        write_approvals(self.path, (*others, *more), below=self.folder, where=self.shown_path)


def approvables(report: Report, rootdir: Path, *, only: Result | None = None) -> Iterator[Approvable]:
    """Those of all rows whose workflow asks for review, or that of the row `only`; `BadUsage` where that is none."""
    ids = Counter(row.planned.id for row in report.agents)
    workflows: dict[str, Workflow | None] = {}
    for row in report.agents if only is None else (only,):
        file = row.planned.nodeid.partition("::")[0]
        if file not in workflows:
            workflows[file] = _workflow(rootdir, file)
        workflow = workflows[file]
        if workflow is not None:
            name = row.planned.id if ids[row.planned.id] == 1 else row.planned.nodeid
            yield _approvable(row, name, workflow, rootdir, (rootdir / file).parent)
        elif only is not None:
            hint = "add 'workflow.review' to its file; docs/review.md says how"
            raise BadUsage("approve", f"no workflow file asks for a review of {row.planned.id}", hint=hint)


def _workflow(rootdir: Path, file: str) -> Workflow | None:
    path = rootdir / file
    if not file.endswith((".yaml", ".yml", ".toml", ".json")) or not path.is_file():
        return None
    workflow = read_workflow(path, rootdir=rootdir, vendors=VENDORS, contracts=built_in_names())
    return workflow if workflow.review.asks else None


def _approvable(row: Result, name: str, workflow: Workflow, rootdir: Path, folder: Path) -> Approvable:
    path = approvals_path(folder, workflow.name)
    shown = os.path.relpath(path, rootdir)
    approvals = read_approvals(path, below=folder, where=shown)
    recording = Recording(transcript=_transcript(row, workflow, rootdir, folder))
    return Approvable(
        row=row,
        name=name,
        work=recorded_work(row.planned.id, recording, below=folder),
        approval=next((each for each in approvals if each.agent == row.planned.id), None),
        folder=folder,
        path=path,
        shown_path=shown,
    )


def _transcript(row: Result, workflow: Workflow, rootdir: Path, folder: Path) -> str:
    """The recording that the report tells of, where it is one of the workflow's; else where it would be."""
    told = PurePosixPath(row.transcript or "")
    recordings = folder / "recordings" / file_name(workflow.name)
    if ".." not in told.parts and (rootdir / told).is_relative_to(recordings) and told.suffix == ".jsonl":
        return str(rootdir / told)
    return recording_of_agent(str(folder), workflow.name, row.planned.id)
