"""The report of the last run, from its file: see `reports.stored`, which pytest uses too."""

from __future__ import annotations

from pytest_subagents.reports.stored import content_of, stored_report

__all__ = ["content_of", "stored_report"]
