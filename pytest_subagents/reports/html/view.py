"""What every part of the page is made from."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from functools import cached_property

from pytest_subagents.model.evidence import Evidence, Schedule
from pytest_subagents.model.limits import HTML_NAME_CHARS
from pytest_subagents.model.report import Report
from pytest_subagents.model.result import Result
from pytest_subagents.reports import wording
from pytest_subagents.reports.html.markup import NONE, Html, html, said
from pytest_subagents.reports.html.names import anchors


class View:
    """A report, and what is known besides."""

    def __init__(self, report: Report, evidence: Evidence) -> None:
        self.report = report
        self.evidence = evidence
        self._main = NONE

    def from_beside(self, main: Html) -> View:
        """The same for a page from which the address `main` leads to the main page."""
        other = copy(self)
        other._main = main
        return other

    @cached_property
    def rows(self) -> tuple[Result, ...]:
        """The worst first."""
        return wording.worst_first(self.report.agents)

    @cached_property
    def by_nodeid(self) -> Mapping[str, Result]:
        return {row.planned.nodeid: row for row in self.report.agents}

    @cached_property
    def by_id(self) -> Mapping[str, Result]:
        """Of two rows with one id, the first."""
        return {row.planned.id: row for row in reversed(self.report.agents)}

    @cached_property
    def anchors(self) -> Mapping[str, str]:
        return anchors(self.report)

    @cached_property
    def schedule(self) -> Schedule:
        return self.evidence.schedule()

    def anchor(self, row: Result) -> str:
        return self.anchors[row.planned.nodeid]

    def link(self, row: Result) -> Html:
        """Its name, leading to its part of the page."""
        return html('<a href="{}#{}">{}</a>', self._main, self.anchor(row), said(row.planned.id, HTML_NAME_CHARS))

    def named(self, id: str) -> Html:
        """An id, leading to its row where there is one."""
        row = self.by_id.get(id)
        return self.link(row) if row is not None else said(id, HTML_NAME_CHARS)
