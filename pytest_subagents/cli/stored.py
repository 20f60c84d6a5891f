"""The report of the last run, from its file."""

from __future__ import annotations

from pytest_subagents.model.report import Report
from pytest_subagents.reports import stored


def stored_report(path: str) -> Report:
    """The report in the file `path`; raises `BadUsage` where there is none, or something else."""
    return stored.stored_report(path)
