"""What a terminal says of a baseline, and of findings against it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Final

from pytest_subagents.model.limits import MESSAGE_CHARS, TERMINAL_ROWS
from pytest_subagents.model.report import Report, ReportFinding
from pytest_subagents.reports import wording
from pytest_subagents.reports.cells import fit
from pytest_subagents.reports.escape import cut, terminal
from pytest_subagents.reports.line import Line

_NEW_SHOWN: Final = 5
"""New findings that the end of a run names; the report has all."""
_SEVERITY_CHARS: Final = 40


def baseline_lines(report: Report, width: int) -> Iterator[Line]:
    """How many are new, known and fixed, and the first of the new ones, each in `width` cells; nothing without a
    baseline."""
    if report.baseline is None:
        return
    new = [finding for finding in report.findings if finding.state == "new"]
    yield Line(text=wording.baseline(report), style="partial" if new else "success")
    for finding in new[:_NEW_SHOWN]:
        yield from (Line(text=text, style="partial") for text in _told(finding, "new: ", width))
    if len(new) > _NEW_SHOWN:
        yield Line(text=f"and {len(new) - _NEW_SHOWN:,} more that are new", style="partial")


def shown_lines(path: str, baseline: Report, width: int) -> Iterator[Line]:
    """A baseline by itself: what it is of, and the findings that it knows."""
    found = baseline.findings
    counts = wording.findings(finding.severity for finding in found)
    yield Line(text=f"{terminal(path)}: {baseline.status}, {wording.headline(baseline)}", style="heading")
    yield Line(text=f"Findings: {counts}")
    yield from ([Line()] if found else [])
    for finding in found[:TERMINAL_ROWS]:
        yield from (Line(text=f" {text}") for text in _told(finding, "", width - 1))
    if len(found) > TERMINAL_ROWS:
        yield Line(text=f" and {len(found) - TERMINAL_ROWS:,} more (--json has all)")


def updated_line(path: str, report: Report) -> Line:
    """What became of the baseline at `path`, now that `report` is it; with states where there was one before."""
    told = f"{terminal(path)}: {wording.number_of(len(report.findings), 'finding')}"
    if report.baseline is None:
        return Line(text=f"{told}, a new baseline")
    counts = report.baseline.counts
    gone = counts.fixed + counts.unchecked
    return Line(text=f"{told}, {counts.new:,} of them new; {gone:,} no longer in it")


def _told(finding: ReportFinding, start: str, width: int) -> Sequence[str]:
    """On three lines at most."""
    where = f"{wording.place(finding.file, finding.line)}: " if finding.file is not None else ""
    text = (
        f"{start}{cut(finding.severity, _SEVERITY_CHARS)}, {where}{cut(finding.title, MESSAGE_CHARS)} ({finding.agent})"
    )
    parts = textwrap.wrap(terminal(text), max(width - 2, 1), max_lines=3, placeholder=" …")
    # Once more, since this is where a line begins now.
    return [("  " if number else "") + fit(terminal(part), width - 2) for number, part in enumerate(parts)]
