"""What must be the same on all machines of a run, as far as it can be compared cheaply."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

import pytest

from pytest_subagents.conduct.assignment import NO_TEAM
from pytest_subagents.errors import SubagentsError
from pytest_subagents.git.program import find_git
from pytest_subagents.git.repository import find_repository, head_of
from pytest_subagents.glue.run import NODE_KEY, Run
from pytest_subagents.transcript.approvals import approvals_path


def own_version() -> str:
    return version("pytest-subagents")


def commit_of(rootdir: Path) -> str | None:
    """The id of the commit that is checked out; None where there is no git, no repository or no commit."""
    try:
        return head_of(find_repository(find_git(os.environ.get("PATH", "")), rootdir))
    except SubagentsError:
        return None


def sources_of(run: Run, items: Iterable[pytest.Item]) -> dict[str, str]:
    """Digests, by name from the rootdir, of the files that say what the selected subagents are and must answer."""
    paths: set[Path] = set()
    for item in items:
        if NODE_KEY in item.stash:
            assignment = run.assignments[item.stash[NODE_KEY]]
            contract, team = assignment.subagent.contract.path, assignment.team or NO_TEAM
            paths.add(item.path)
            if team.review.asks:
                paths.add(approvals_path(item.path.parent, team.name))
            if contract is not None:
                paths.add(run.rootdir / contract)
    return {path.relative_to(run.rootdir).as_posix(): source_digest(path) for path in _below(paths, run.rootdir)}


def source_digest(path: Path) -> str:
    """Of the bytes of a file; empty where it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _below(paths: Iterable[Path], rootdir: Path) -> list[Path]:
    return sorted(path for path in paths if path.is_relative_to(rootdir) and ".." not in path.parts)
