"""The parts of report.json that are there only where findings were compared with those of an earlier report."""

from __future__ import annotations

import msgspec

from pytest_subagents.model.report import BaselineCounts, FindingState, Report, ReportBaseline, ReportFinding


class FindingPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A finding of the report."""

    agent: str
    severity: str
    file: str | None
    line: int | None
    title: str
    fingerprint: str
    state: FindingState | msgspec.UnsetType = msgspec.UNSET
    """Left out without a baseline, and of a finding that is the baseline's."""


class BaselinePart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What became of the findings of the baseline."""

    counts: BaselineCounts
    fixed: tuple[FindingPart, ...]
    unchecked: tuple[FindingPart, ...]


def finding_part(finding: ReportFinding) -> FindingPart:
    return FindingPart(
        agent=finding.agent,
        severity=finding.severity,
        file=finding.file,
        line=finding.line,
        title=finding.title,
        fingerprint=finding.fingerprint,
        state=msgspec.UNSET if finding.state is None else finding.state,
    )


def finding_in(part: FindingPart) -> ReportFinding:
    return ReportFinding(
        agent=part.agent,
        severity=part.severity,
        file=part.file,
        line=part.line,
        title=part.title,
        fingerprint=part.fingerprint,
        state=None if part.state is msgspec.UNSET else part.state,
    )


def baseline_part(baseline: ReportBaseline) -> BaselinePart:
    return BaselinePart(
        counts=baseline.counts,
        fixed=tuple(map(finding_part, baseline.fixed)),
        unchecked=tuple(map(finding_part, baseline.unchecked)),
    )


def baseline_in(part: BaselinePart) -> ReportBaseline:
    return ReportBaseline(
        counts=part.counts,
        fixed=tuple(map(finding_in, part.fixed)),
        unchecked=tuple(map(finding_in, part.unchecked)),
    )


def states_agree(report: Report) -> bool:
    """Whether each finding has a state if there is a baseline, and none if there is none, and all are counted."""
    states = [finding.state for finding in report.findings]
    baseline = report.baseline
    if baseline is None:
        return states.count(None) == len(states)
    counted = BaselineCounts(
        new=states.count("new"),
        known=states.count("known"),
        fixed=len(baseline.fixed),
        unchecked=len(baseline.unchecked),
    )
    gone = (*baseline.fixed, *baseline.unchecked)
    return None not in states and baseline.counts == counted and all(finding.state is None for finding in gone)
