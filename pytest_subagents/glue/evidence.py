"""What a page shows beside the report, from what this run knows; loaded only where a page is asked for."""

from __future__ import annotations

import os
from typing import cast

import pytest

from pytest_subagents.glue.run import Run
from pytest_subagents.model.evidence import Evidence
from pytest_subagents.model.report import Report


def evidence_of(run: Run, report: Report, config: pytest.Config) -> Evidence:
    """In a replay, what the files below the rootdir tell, and nothing else: the page is the same for every `-n`."""
    from pytest_subagents.evidence.stored import StoredEvidence

    if run.folder is None or not run.settings.live:
        return StoredEvidence(report=report, rootdir=run.rootdir)
    from pytest_subagents.evidence.live_run import Left, measured
    from pytest_subagents.glue.board import Board
    from pytest_subagents.transcript.redaction.redactor import redactor_for
    from pytest_subagents.transcript.redaction.secret_values import secrets_of

    board = cast("Board | None", config.pluginmanager.get_plugin("subagents-board"))
    agents = board.progress(over=True).agents if board is not None else ()
    times = {agent.nodeid: (agent.started, agent.ended, agent.worker) for agent in agents if agent.started is not None}
    subagents = (assignment.subagent for assignment in run.assignments.values())
    given = {name for subagent in subagents for entry in subagent.vendors for name in entry.env}
    redactor = redactor_for(
        secrets=secrets_of(os.environ, allowed=given).values,
        workspaces=(str(run.rootdir),),
        homes=(os.path.expanduser("~"),),
        patterns=run.settings.redact,
        where="ini subagents_redact",
    )
    return StoredEvidence(
        report=report,
        rootdir=run.rootdir,
        redactor=redactor,
        live=Left(run.folder, run.earlier, rootdir=run.rootdir),
        measured=measured(times),
    )
