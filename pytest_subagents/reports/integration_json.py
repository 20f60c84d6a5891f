"""A merge for programs."""

from __future__ import annotations

from typing import Final

import msgspec

from pytest_subagents.model.integration import (
    Conflicted,
    Integration,
    LeftOut,
    Merged,
    Nothing,
    PathConflict,
    Row,
    Stale,
    TakenOut,
    Validation,
    Version,
    Waiting,
)
from pytest_subagents.reports.escape import json_document

FORMAT: Final = "pytest-subagents/merge"
VERSION: Final = 1


def integration_json(found: Integration) -> str:
    """One JSON object and a line feed; keys may be added, and none goes away while the version is 1."""
    branch = found.branch
    document = {
        "format": FORMAT,
        "version": VERSION,
        "workflow": found.workflow,
        "head": found.head,
        "tree": found.tree,
        "branch": branch and {"name": branch.name, "commit": branch.commit, "already": branch.already},
        "agents": [_row(row) for row in found.rows],
        "validations": [_validation(each) for each in found.validations],
        "branches": [
            {
                "id": each.agent,
                "name": each.name,
                "commit": each.branch and each.branch.commit,
                "why": each.why or None,
            }
            for each in found.branches
        ],
        "driver": found.driver or None,
        "halt": found.halt and {"kind": found.halt.kind, "after": found.halt.after},
    }
    return json_document(msgspec.json.format(msgspec.json.encode(document), indent=2).decode("utf-8")) + "\n"


def _row(row: Row) -> dict[str, object]:
    match row:
        case Merged(agent=agent, paths=paths, tree=tree, driven=driven):
            return {"id": agent, "state": "merged", "paths": paths, "tree": tree, "by_driver": driven}
        case Conflicted(agent=agent, conflicts=conflicts):
            return {
                "id": agent,
                "state": "conflict",
                "agents": row.agents,
                "conflicts": [_conflict(conflict) for conflict in conflicts],
            }
        case Stale(agent=agent, why=why, hint=hint):
            return {"id": agent, "state": "stale", "why": why, "hint": hint}
        case Nothing(agent=agent, why=why):
            return {"id": agent, "state": "nothing", "why": why}
        case LeftOut(agent=agent, why=why):
            return {"id": agent, "state": "left out", "why": why}
        case TakenOut(agent=agent, why=why):
            return {"id": agent, "state": "taken out", "why": why}
        case Waiting(agent=agent, why=why):
            return {"id": agent, "state": "waiting", "why": why}


def _conflict(conflict: PathConflict) -> dict[str, object]:
    return {
        "path": conflict.path,
        "kinds": conflict.kinds,
        "base": _version(conflict.base),
        "ours": _version(conflict.ours),
        "theirs": _version(conflict.theirs),
        "agents": conflict.agents,
        "moved": conflict.moved,
        "line": conflict.line,
        "about": conflict.about,
    }


def _version(version: Version | None) -> dict[str, str] | None:
    return None if version is None else {"mode": version.mode, "id": version.id}


def _validation(validation: Validation) -> dict[str, object]:
    return {
        "of": validation.of,
        "tree": validation.tree,
        "state": validation.state,
        "results": [
            {"run": result.run, "exit_code": result.exit_code, "output": result.output} for result in validation.results
        ],
    }
