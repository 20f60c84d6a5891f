"""Tells the commands that workflows name (`notify`) what a live run came to, when it has ended.

xdist's controller does it, and reads the workflow file by itself: of a worker it takes only which file that is, so that
nobody elsewhere can have a command run here.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable
from pathlib import Path

import pytest

from pytest_subagents.conduct.notifying import Telling, event_redactor, tell
from pytest_subagents.contract.loading import built_in_names
from pytest_subagents.errors import SubagentsError
from pytest_subagents.glue.machines.files import is_inside
from pytest_subagents.glue.run import Run
from pytest_subagents.model.spec import Workflow
from pytest_subagents.reports.event_json import EndedRun, events_of
from pytest_subagents.specify.workflow_file import read_workflow
from pytest_subagents.vendors.registry import VENDORS


class Notifying:
    """Registered in the process that a live run belongs to."""

    def __init__(self, run: Run, homes: Path) -> None:
        """`homes` is where private homes are made."""
        self._run = run
        self._homes = homes

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, object, object]:
        """After the run is concluded, and before the terminal's summary tells what failed here."""
        found = yield
        if self._run.report is not None:
            for file, workflow in sorted(self._run.told.items()):
                self._tell(file, workflow, int(session.exitstatus))
        return found

    def _tell(self, file: str, workflow: Workflow, exit_code: int) -> None:
        run = self._run
        assert run.report is not None
        assert run.folder is not None
        assert workflow.notify is not None
        ended = EndedRun(
            report=run.report,
            workflow=workflow.name,
            file=file,
            mode=run.settings.mode,
            run=run.folder.name,
            exit_code=exit_code,
            budget=run.spending.over if run.spending is not None else "",
            paused=run.merges.paused.get(file) if run.merges is not None else None,
        )
        telling = Telling(
            notify=workflow.notify,
            rootdir=run.rootdir,
            folder=run.folder,
            homes=self._homes,
            environ=os.environ,
            redactor=event_redactor(workflow, rootdir=run.rootdir, environ=os.environ, patterns=run.settings.redact),
        )
        for name, text in events_of(ended):
            fault = tell(telling, text)
            if fault is not None:
                run.warnings.append(f"{file}: nobody was told of {name!r}: {fault}")


def learn_told(run: Run, files: Iterable[object]) -> None:
    """Workflow files that a worker has found somebody to tell in."""
    for file in files:
        if isinstance(file, str) and file not in run.told and is_inside(file):
            try:
                workflow = read_workflow(
                    run.rootdir / file, rootdir=run.rootdir, vendors=VENDORS, contracts=built_in_names()
                )
            except SubagentsError as error:
                run.warnings.append(f"nobody can be told of {file}: {error.what}")
                continue
            if workflow.notify is not None:
                run.told[file] = workflow
