"""`notify` of a merge that waits for a person."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pytest_subagents.conduct.notifying import Telling, event_redactor, tell
from pytest_subagents.integration.recorded_work import Request
from pytest_subagents.model.integration import Integration
from pytest_subagents.reports.escape import terminal
from pytest_subagents.reports.event_json import event_of_merge
from pytest_subagents.reports.line import Line


def tell_paused(request: Request, found: Integration) -> Iterator[Line]:
    """Runs the command that the workflow file names, where the merge has paused; a line that says what came of it."""
    notify, paused = request.workflow.notify, found.paused
    if paused is None or notify is None:
        return
    name, event = event_of_merge(paused, workflow=request.workflow.name, file=request.file)
    with tempfile.TemporaryDirectory(prefix="subagents-notify-") as folder:
        place = Path(os.path.realpath(folder))
        homes = place / "homes"
        homes.mkdir(mode=0o700)
        redactor = event_redactor(
            request.workflow, rootdir=request.rootdir, environ=request.environ, patterns=request.redact
        )
        telling = Telling(
            notify=notify,
            rootdir=request.rootdir,
            folder=place,
            homes=homes,
            environ=request.environ,
            redactor=redactor,
        )
        fault = tell(telling, event)
    if fault is None:
        yield Line(text="The command of 'notify' was told.")
    else:
        yield Line(text=terminal(f"warning: nobody was told of {name!r}: {fault}"), style="partial")
