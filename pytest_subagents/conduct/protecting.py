"""What no subagent may write, whatever its scope says: what it is judged by, and what a person protects."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from pytest_subagents.conduct.assignment import Assignment
from pytest_subagents.model.glob import glob_of
from pytest_subagents.model.ids import file_name
from pytest_subagents.model.spec import Workflow
from pytest_subagents.transcript.approvals import APPROVALS

_ALWAYS: Final = (".git/", "subagents.snapshot.json", "subagents.baseline.json")
_OF_PEOPLE: Final = (f"**/recordings/**/{APPROVALS}",)
"""Of other workflows, too."""


def protected_globs(workflow: Workflow, assignment: Assignment, *, rootdir: Path) -> tuple[str, ...]:
    """Globs from the rootdir: those of the workflow, the file that declares it, its audit log, its recordings
    and its contract."""
    own = [assignment.planned.nodeid.partition("::")[0]]
    contract = assignment.subagent.contract.path
    if contract is not None:
        own.append(os.path.relpath(rootdir / contract, rootdir))
    if workflow.audit_log is not None:
        own.append(os.path.normpath(workflow.audit_log))
    folder = _recordings(workflow, own[0], assignment.transcript or "")
    recordings = (f"{glob_of(folder)}/",) if folder else ()
    inside = (glob_of(path) for path in own if not path.startswith("../"))
    return tuple(dict.fromkeys((*workflow.protected, *_ALWAYS, *inside, *recordings, *_OF_PEOPLE)))


def _recordings(workflow: Workflow, file: str, transcript: str) -> str:
    """The folder of all recordings of the workflow, where that of one whose id has a `/` is deeper."""
    whole = os.path.join(os.path.dirname(file), "recordings", file_name(workflow.name)) if workflow.name else ""
    return whole if whole and transcript.startswith(f"{whole}/") else os.path.dirname(transcript)
