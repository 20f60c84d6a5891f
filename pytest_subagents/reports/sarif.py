"""SARIF 2.1.0: findings, and what is wrong with subagents, on the lines of the repository, for code scanning."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from itertools import chain, islice
from typing import Final

import msgspec

from pytest_subagents.model.limits import MESSAGE_CHARS, SARIF_LINE_MAX, SARIF_RESULTS, SARIF_TEXT_CHARS
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.report import FindingState, Report, ReportFinding
from pytest_subagents.model.result import Result
from pytest_subagents.model.severity import known_severity
from pytest_subagents.model.status import CEILING
from pytest_subagents.model.value import Value
from pytest_subagents.reports import commands, wording
from pytest_subagents.reports.escape import cut, sarif
from pytest_subagents.reports.json_parts import filled
from pytest_subagents.reports.places import as_uri, declared_in, inside
from pytest_subagents.reports.rules import FINDING, rule_of
from pytest_subagents.reports.sarif_log import (
    ArtifactLocation,
    AutomationDetails,
    BaselineState,
    Configuration,
    Descriptor,
    Driver,
    Invocation,
    Level,
    Location,
    Log,
    LogicalLocation,
    Message,
    Notification,
    PhysicalLocation,
    Region,
    ResultProperties,
    SarifResult,
    SarifRun,
    Tags,
    Tool,
)

_ROOT: Final = "%SRCROOT%"
_RANK: Final[tuple[Level, ...]] = ("error", "warning", "note")
_OF_SEVERITY: Final[dict[str, Level]] = {"critical": "error", "high": "error", "medium": "warning"}
_OF_STATE: Final[dict[FindingState, BaselineState]] = {"new": "new", "known": "unchanged"}
"""Fixed findings are no results: a reader that does not know `absent` would take them for open."""
_POINTED: Final = ("contract", "not_json", "verify")
"""The kinds of reasons whose `at` is a pointer into the answer; that of every other is a path."""
_HEX_DIGITS: Final = 16


class SarifReport:
    """One run with a result for each finding and for each reason of a row that lowers the report.

    Every result lies in a file, since GitHub refuses a whole file for one that does not: a finding without a place in
    the repository lies where its subagent is declared. The gravest come first, as a reader may take only so many.
    """

    name = "sarif"
    suffix = ".sarif"

    def __init__(self, below: str = "") -> None:
        """`below` is the rootdir as a path from the root of the repository, from where code scanning reads paths."""
        self._below = as_uri(f"{below}/") if below else ""

    def render(self, report: Report) -> str:
        return "".join(self.parts(report))

    def parts(self, report: Report) -> Iterator[str]:
        numbers, log, count = _log(report)
        room = SARIF_TEXT_CHARS // max(count, 1)
        found = (_result(each, numbers[each.rule], below=self._below, room=room) for each in _kept(report))
        results = map(msgspec.json.encode, found)
        return filled(msgspec.json.encode(log), {"results": results}, depth=3)


class _Found(Value, frozen=True, kw_only=True):
    """A result before its rule has a number."""

    rule: str
    level: Level
    text: str
    location: Location | None
    fingerprint: str
    properties: ResultProperties
    state: BaselineState | None = None


def _kept(report: Report) -> Iterator[_Found]:
    """The gravest first, as many as a file may have: those of one level after the other, so that none is held."""
    found = (each for level in _RANK for each in chain(_failures(report, level), _findings(report, level)))
    return islice(found, SARIF_RESULTS)


def _levels(report: Report) -> Iterator[tuple[str, Level]]:
    """The rule and the level of everything that is found."""
    for row, reason in _reasons(report):
        yield reason.kind, _level(row, reason)
    for finding in report.findings:
        severity = known_severity(finding.severity)
        yield FINDING + severity, _OF_SEVERITY.get(severity, "note")


def _log(report: Report) -> tuple[dict[str, int], Log, int]:
    """The numbers of rules, all but the results, and how many of these there are."""
    every = sorted(_levels(report), key=lambda each: _RANK.index(each[1]))
    levels = dict(reversed(every[:SARIF_RESULTS]))
    numbers = {rule: number for number, rule in enumerate(sorted(levels))}
    more = max(len(every) - SARIF_RESULTS, 0)
    told = f"{wording.number_of(more, 'more result')} would be too many for one file; report.json has all of them."
    notes = (Notification(level="warning", message=Message(text=told)),) if more else ()
    run = SarifRun(
        tool=Tool(
            driver=Driver(
                name="pytest-subagents",
                full_name="pytest-subagents: teams of AI coding subagents as tests",
                rules=tuple(_descriptor(rule, levels[rule]) for rule in numbers),
            )
        ),
        automation_details=AutomationDetails(id="pytest-subagents/"),
        invocations=(Invocation(execution_successful=report.complete, tool_execution_notifications=notes),),
        original_uri_base_ids={
            _ROOT: ArtifactLocation(
                description=Message(text="The root of the repository; without one, the rootdir of pytest.")
            )
        },
        results=(),
    )
    return numbers, Log(runs=(run,)), len(every) - more


def _descriptor(id: str, level: Level) -> Descriptor:
    rule = rule_of(id)
    return Descriptor(
        id=sarif(id),
        short_description=Message(text=rule.title),
        full_description=Message(text=f"{rule.title}."),
        help=Message(text=rule.help),
        default_configuration=Configuration(level=level),
        properties=Tags(tags=("ai", "subagents")),
    )


def _result(found: _Found, number: int, *, below: str, room: int) -> SarifResult:
    return SarifResult(
        rule_id=sarif(found.rule),
        rule_index=number,
        level=found.level,
        message=Message(text=cut(found.text, room)),
        locations=() if found.location is None else (_below(found.location, below),),
        # GitHub matches alerts by the first alone; without it, its uploader would put a hash of the line there.
        partial_fingerprints={
            "primaryLocationLineHash": f"{found.fingerprint}:1",
            "pytestSubagents/v1": found.fingerprint,
        },
        baseline_state=found.state,
        properties=found.properties,
    )


def _findings(report: Report, level: Level) -> Iterator[_Found]:
    declared = {row.planned.id: declared_in(row.planned.nodeid) for row in reversed(report.agents)}
    details = {
        (row.planned.id, finding.file, finding.line, finding.title): finding.detail
        for row in report.agents
        for finding in row.findings
        if finding.detail
    }
    for finding in report.findings:
        severity = known_severity(finding.severity)
        if _OF_SEVERITY.get(severity, "note") != level:
            continue
        detail = details.get((finding.agent, finding.file, finding.line, finding.title), "")
        yield _Found(
            rule=FINDING + severity,
            level=level,
            text=_finding_text(finding, detail),
            location=_in_file(finding.file, finding.line) or _in_file(declared.get(finding.agent), None),
            fingerprint=sarif(finding.fingerprint),
            properties=ResultProperties(agent=_line(finding.agent), severity=_line(finding.severity)),
            state=None if finding.state is None else _OF_STATE[finding.state],
        )


def _finding_text(finding: ReportFinding, detail: str) -> str:
    text = _line(finding.title) or "A finding without a title"
    text += f"\n\n{sarif(cut(detail, MESSAGE_CHARS), multiline=True)}" if detail else ""
    if finding.file is not None and inside(finding.file) is None:
        text += f"\n\nIt names {_line(finding.file)}, which is no place in the repository."
    return f"{text}\n\nFound by {_line(finding.agent)}."


def _failures(report: Report, level: Level) -> Iterator[_Found]:
    seen = Counter[tuple[str, str, str | None]]()
    for row, reason in _reasons(report):
        place = (row.planned.nodeid, reason.kind, reason.at)
        if _level(row, reason) == level:
            yield _failure(row, reason, level, number=seen[place])
        seen[place] += 1


def _reasons(report: Report) -> Iterator[tuple[Result, Reason]]:
    for row in report.agents:
        if not row.expected and row.status != "success":
            yield from ((row, reason) for reason in row.reasons)


def _failure(row: Result, reason: Reason, level: Level, *, number: int) -> _Found:
    broken = reason.kind == "contract"
    return _Found(
        rule=reason.kind,
        level=level,
        text=_reason_text(row, reason),
        location=_location(row, reason),
        fingerprint=_fingerprint(row.planned.nodeid, reason.kind, reason.at or "", str(number)),
        properties=ResultProperties(
            agent=_line(row.planned.id),
            nodeid=_line(row.planned.nodeid),
            status=row.status,
            violations=row.violations if broken else None,
        ),
    )


def _level(row: Result, reason: Reason) -> Level:
    """What lowers nothing is a note, what follows from another's failure a warning."""
    ceiling = CEILING.get(reason.kind, "failed")
    if ceiling == "success":
        return "note"
    return "error" if row.status == "failed" and ceiling == "failed" else "warning"


def _reason_text(row: Result, reason: Reason) -> str:
    pointed = reason.kind in _POINTED and reason.at is not None
    where = f" at {_line(reason.at or '') or 'the top of its answer'}" if pointed else ""
    text = f"{_line(row.planned.id)}: {_line(reason.message)}{where}"
    text += f"\n\nHint: {_line(reason.hint)}" if reason.hint else ""
    return f"{text}\n\nMore: {sarif(commands.show(row.planned.id))}"


def _location(row: Result, reason: Reason) -> Location | None:
    """The path that a reason names, or the line of the recording, or else where its subagent is declared."""
    planned = row.planned
    if reason.kind not in _POINTED and reason.at is not None:
        found = _in_file(reason.at, None)
        if found is not None:
            return found
    found = _in_file(row.transcript, reason.line) if reason.line is not None else None
    found = found or _in_file(declared_in(planned.nodeid), None) or _in_file(row.transcript, None)
    if found is None or reason.kind not in _POINTED or reason.at is None:
        return found
    pointer = _line(reason.at)
    logical = LogicalLocation(name=pointer.rpartition("/")[2], fully_qualified_name=pointer, kind="value")
    return Location(physical_location=found.physical_location, logical_locations=(logical,))


def _in_file(path: str | None, line: int | None) -> Location | None:
    inner = inside(path)
    if inner is None:
        return None
    known = line is not None and 1 <= line <= SARIF_LINE_MAX
    return Location(
        physical_location=PhysicalLocation(
            artifact_location=ArtifactLocation(uri=as_uri(inner), uri_base_id=_ROOT),
            region=Region(start_line=line) if known and line is not None else None,
        )
    )


def _below(location: Location, below: str) -> Location:
    """`location`, which is from the rootdir, from the root of the repository: code scanning looks at no `uriBaseId`."""
    physical = location.physical_location
    if not below or physical is None:
        return location
    artifact = msgspec.structs.replace(physical.artifact_location, uri=f"{below}{physical.artifact_location.uri}")
    placed = msgspec.structs.replace(physical, artifact_location=artifact)
    return msgspec.structs.replace(location, physical_location=placed)


def _fingerprint(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "backslashreplace")).hexdigest()[:_HEX_DIGITS]


def _line(text: str) -> str:
    return sarif(cut(text, MESSAGE_CHARS))
