"""What all live subagents of a run have in common."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeAlias

from pytest_subagents.conduct.judged import StalePolicy
from pytest_subagents.conduct.keeping import Keeper
from pytest_subagents.conduct.outside import Guard
from pytest_subagents.conduct.workplace import Workplaces
from pytest_subagents.model.value import Value
from pytest_subagents.runners.allowance import Allowance
from pytest_subagents.runners.supervision.stop import Stop
from pytest_subagents.transcript.run_directory import RunDirectory

KeepPolicy: TypeAlias = Literal["failed", "all", "none"]
"""Whose private checkouts stay until another run needs the place."""


class Situation(Value, frozen=True, kw_only=True):
    rootdir: Path
    run_directory: RunDirectory
    keeper: Keeper
    homes: Path
    """Where the private homes of this process's agents are made: outside of the repository."""
    environ: Mapping[str, str]
    """Of this process."""
    publish: bool
    """Whether recordings are written."""
    reuse: bool
    """Whether a fresh recording is replayed instead (mode `once`)."""
    stale: StalePolicy
    redact: tuple[str, ...]
    """Regular expressions of what is a secret here."""
    stop: Stop
    allowance: Allowance
    workplaces: Workplaces
    guard: Guard
    keep: KeepPolicy
