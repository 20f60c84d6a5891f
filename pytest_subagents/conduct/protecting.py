"""What no subagent may write, whatever its scope says: what it is judged by, and what a person protects."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from pytest_subagents.conduct.assignment import Assignment
from pytest_subagents.model.glob import glob_of
from pytest_subagents.model.spec import Workflow

_ALWAYS: Final = (".git/", "subagents.snapshot.json")


def protected_globs(workflow: Workflow, assignment: Assignment, *, rootdir: Path) -> tuple[str, ...]:
    """Globs from the rootdir: those of the workflow, the file that declares it, its audit log, its recordings
    and its contract."""
    own = [assignment.planned.nodeid.partition("::")[0]]
    contract = assignment.subagent.contract.path
    if contract is not None:
        own.append(os.path.relpath(rootdir / contract, rootdir))
    if workflow.audit_log is not None:
        own.append(os.path.normpath(workflow.audit_log))
    folder = os.path.dirname(assignment.transcript or "")
    recordings = (f"{glob_of(folder)}/",) if folder else ()
    inside = (glob_of(path) for path in own if not path.startswith("../"))
    return tuple(dict.fromkeys((*workflow.protected, *_ALWAYS, *inside, *recordings)))
