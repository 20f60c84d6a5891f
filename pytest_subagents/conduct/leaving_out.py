"""Leaves an attempt out of a live run, and says so where its recording would be."""

from __future__ import annotations

from msgspec.structs import replace

from pytest_subagents.conduct.assignment import Assignment
from pytest_subagents.conduct.keeping import unrecorded
from pytest_subagents.conduct.left_out import not_needed
from pytest_subagents.conduct.situation import Situation
from pytest_subagents.errors import SubagentsError
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.result import Result
from pytest_subagents.prompt.templates import TEMPLATE_DIGEST
from pytest_subagents.transcript.meta import RecordingMeta
from pytest_subagents.transcript.recording import write_absence
from pytest_subagents.transcript.staleness import instructions_digest


def leave_out(assignment: Assignment, situation: Situation) -> Result:
    """Its result, and the record in the place of its recording where this run makes recordings."""
    result = not_needed(assignment)
    if not situation.publish:
        return result
    subagent = assignment.subagent
    meta = RecordingMeta(
        vendor=assignment.planned.vendor,
        model=subagent.model,
        instructions_digest=instructions_digest(subagent),
        template_digest=TEMPLATE_DIGEST,
        left_out=True,
    )
    try:
        folder = situation.run_directory.agent_folder(assignment.planned.nodeid)
        candidate = write_absence(folder, meta=meta, below=situation.run_directory.trusted)
        fault = situation.keeper.publish(assignment, candidate)
    except SubagentsError as error:
        fault = Reason(kind="missing_recording", message=f"{error.where}: {error.what}", hint=error.hint)
    except OSError as error:
        fault = unrecorded(error)
    return result if fault is None else replace(result, reasons=(*result.reasons, replace(fault, at_most="not_run")))
