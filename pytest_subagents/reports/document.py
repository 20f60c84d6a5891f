"""The JSON document of a report, as types: the order of the fields is the order of its keys.

Where a value of the model has exactly the shape of its part of the document, it stands in it as it is.
`report.schema.json` says the same for other programs; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

import msgspec

from pytest_subagents.model.attempts import Attempt, PassRate
from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.outcome import Change, Usage
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.report import (
    Counts,
    GateResult,
    Report,
    ReportFailure,
    ReportMerge,
    ReportStatus,
    Totals,
)
from pytest_subagents.model.result import Diagnostics, NeededPoint, Planned, Result
from pytest_subagents.model.scope import Scope
from pytest_subagents.model.status import Status
from pytest_subagents.model.verdict import Finding
from pytest_subagents.reports.baseline_part import (
    BaselinePart,
    FindingPart,
    baseline_in,
    baseline_part,
    finding_in,
    finding_part,
)

_ANSWER: Final = msgspec.json.Encoder(order="deterministic")
_NO_DIAGNOSTICS: Final = Diagnostics()


class ReasonPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A reason without `at_most`, which a row has used up; what is not known is left out."""

    kind: str
    message: str
    at: str | None = None
    line: int | None = None
    hint: str | None = None


class AttemptPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of the runs of a row."""

    nodeid: str
    number: int
    status: Status
    expected: bool
    selected: bool
    reasons: tuple[ReasonPart, ...]
    findings: int
    changes: int
    changed_lines: int | None
    exit_code: int | None
    runtime_ms: int | None
    usage: Usage
    transcript: str | None


class AgentPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row."""

    nodeid: str
    id: str
    vendor: str | None
    model: str | None
    status: Status
    expected: bool
    reasons: tuple[ReasonPart, ...]
    task: str
    scope: Scope
    depends_on: tuple[str, ...]
    wave: int
    summary: str
    answer: msgspec.Raw
    findings: tuple[Finding, ...]
    changes: tuple[Change, ...]
    attempts: tuple[AttemptPart, ...]
    """The runs that made this row, where there are several."""
    exit_code: int | None
    runtime_ms: int | None
    usage: Usage
    needs: tuple[str, ...]
    """Node ids, as an id is unique in its file only: of `depends_on`, then of those whose files it reads."""
    needs_checkpoints: tuple[NeededPoint, ...]
    checkpoints: tuple[str, ...]
    """Those of its own that it has passed."""
    expects: str | None
    violations: int
    diagnostics: Diagnostics | None
    transcript: str | None
    pass_rate: PassRate | msgspec.UnsetType = msgspec.UNSET
    """Of repetitions alone; left out of every other row."""


class Document(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole. Versions: 1 is the first."""

    format: Literal["pytest-subagents/report"] = "pytest-subagents/report"
    version: Literal[1] = 1
    status: ReportStatus
    complete: bool
    counts: Counts
    agents: tuple[AgentPart, ...]
    findings: tuple[FindingPart, ...]
    failures: tuple[ReportFailure, ...]
    totals: Totals
    gates: tuple[GateResult, ...]
    partial: Literal["fail"] | msgspec.UnsetType = msgspec.UNSET
    """Only in the report of a run in which a partial subagent fails its test."""
    merges: tuple[ReportMerge, ...] | msgspec.UnsetType = msgspec.UNSET
    """Only in the report of a run at whose end something was to be merged."""
    baseline: BaselinePart | msgspec.UnsetType = msgspec.UNSET
    """Only in a report that was compared with an earlier one."""


def document_of(report: Report) -> Document:
    return Document(
        status=report.status,
        complete=report.complete,
        counts=report.counts,
        agents=tuple(row_of(agent) for agent in report.agents),
        findings=tuple(map(finding_part, report.findings)),
        failures=report.failures,
        totals=report.totals,
        gates=report.gates,
        partial="fail" if report.partial == "fail" else msgspec.UNSET,
        merges=report.merges or msgspec.UNSET,
        baseline=msgspec.UNSET if report.baseline is None else baseline_part(report.baseline),
    )


def report_in(document: Document) -> Report:
    """The report that `document_of` made it from."""
    return Report(
        status=document.status,
        complete=document.complete,
        counts=document.counts,
        agents=tuple(_result(part) for part in document.agents),
        findings=tuple(map(finding_in, document.findings)),
        failures=document.failures,
        totals=document.totals,
        gates=document.gates,
        partial="pass" if document.partial is msgspec.UNSET else document.partial,
        merges=() if document.merges is msgspec.UNSET else document.merges,
        baseline=None if document.baseline is msgspec.UNSET else baseline_in(document.baseline),
    )


def row_of(row: Result) -> AgentPart:
    """One row; what a live run alone tells is not in it."""
    planned = row.planned
    return AgentPart(
        nodeid=planned.nodeid,
        id=planned.id,
        vendor=row.vendor,
        model=row.model,
        status=row.status,
        expected=row.expected,
        reasons=_reason_parts(row.reasons),
        task=planned.task,
        scope=planned.scope,
        depends_on=planned.depends_on,
        wave=planned.wave,
        summary=row.summary,
        answer=msgspec.Raw(_ANSWER.encode(row.answer)),
        findings=row.findings,
        changes=row.changes,
        attempts=tuple(_attempt_part(attempt) for attempt in row.attempts),
        exit_code=row.exit_code,
        runtime_ms=row.runtime_ms,
        usage=row.usage,
        needs=planned.needs,
        needs_checkpoints=planned.points,
        checkpoints=row.passed,
        expects=planned.expects,
        violations=row.violations,
        diagnostics=None if row.diagnostics == _NO_DIAGNOSTICS else row.diagnostics,
        transcript=row.transcript,
        pass_rate=msgspec.UNSET if row.pass_rate is None else row.pass_rate,
    )


def _reason_parts(reasons: Iterable[Reason]) -> tuple[ReasonPart, ...]:
    return tuple(
        ReasonPart(kind=reason.kind, message=reason.message, at=reason.at, line=reason.line, hint=reason.hint)
        for reason in reasons
    )


def _reasons_in(parts: Iterable[ReasonPart]) -> tuple[Reason, ...]:
    return tuple(
        Reason(kind=part.kind, message=part.message, at=part.at, line=part.line, hint=part.hint) for part in parts
    )


def _attempt_part(attempt: Attempt) -> AttemptPart:
    return AttemptPart(
        nodeid=attempt.nodeid,
        number=attempt.number,
        status=attempt.status,
        expected=attempt.expected,
        selected=attempt.selected,
        reasons=_reason_parts(attempt.reasons),
        findings=attempt.findings,
        changes=attempt.changes,
        changed_lines=attempt.changed_lines,
        exit_code=attempt.exit_code,
        runtime_ms=attempt.runtime_ms,
        usage=attempt.usage,
        transcript=attempt.transcript,
    )


def _attempt_in(part: AttemptPart) -> Attempt:
    return Attempt(
        nodeid=part.nodeid,
        number=part.number,
        status=part.status,
        expected=part.expected,
        selected=part.selected,
        reasons=_reasons_in(part.reasons),
        findings=part.findings,
        changes=part.changes,
        changed_lines=part.changed_lines,
        exit_code=part.exit_code,
        runtime_ms=part.runtime_ms,
        usage=part.usage,
        transcript=part.transcript,
    )


def _result(part: AgentPart) -> Result:
    answer: JsonValue = msgspec.json.decode(part.answer)
    return Result(
        planned=Planned(
            nodeid=part.nodeid,
            id=part.id,
            vendor=part.vendor,
            model=part.model,
            task=part.task,
            scope=part.scope,
            depends_on=part.depends_on,
            needs=part.needs,
            points=part.needs_checkpoints,
            wave=part.wave,
            expects=part.expects,
        ),
        status=part.status,
        expected=part.expected,
        reasons=_reasons_in(part.reasons),
        violations=part.violations,
        vendor=part.vendor,
        model=part.model,
        summary=part.summary,
        answer=answer,
        findings=part.findings,
        changes=part.changes,
        passed=part.checkpoints,
        exit_code=part.exit_code,
        runtime_ms=part.runtime_ms,
        usage=part.usage,
        diagnostics=part.diagnostics or _NO_DIAGNOSTICS,
        transcript=part.transcript,
        attempts=tuple(map(_attempt_in, part.attempts)),
        pass_rate=None if part.pass_rate is msgspec.UNSET else part.pass_rate,
    )
