"""What GitHub Actions shows of a report: annotations beside the code, and the summary of a job.

The rules of workflow commands are those of the runner (`ActionCommand.TryParseV2`): a line that begins with `::`, the
command and its properties up to the next `::`, then what it says.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from typing import Final, Literal

from pytest_subagents.model.limits import MESSAGE_CHARS, STEP_ANNOTATIONS
from pytest_subagents.model.report import GateResult, Report, ReportFinding
from pytest_subagents.model.result import Result
from pytest_subagents.model.severity import SEVERITIES, known_severity
from pytest_subagents.model.value import Value
from pytest_subagents.reports import commands, wording
from pytest_subagents.reports.escape import cut, workflow_data, workflow_property
from pytest_subagents.reports.markdown import MarkdownReport
from pytest_subagents.reports.places import declared_in, inside

SUMMARY: Final = "GITHUB_STEP_SUMMARY"
"""The variable that names the file whose Markdown the runner shows when a step is over."""
WORKSPACE: Final = "GITHUB_WORKSPACE"
"""The one that names the folder of the job: the checkout of the repository, or a folder that it lies in."""
_GRAVE: Final = ("critical", "high")
"""The severities that are annotated in any case; the others only where a failed gate counts them."""
_TEXT_CHARS: Final = 2 * MESSAGE_CHARS
"""A message and the number of others like it."""
_NEW_LINE: Final = "%0A"
_FENCE: Final = re.compile("(`{3,})text")
_MORE: Final = "\n… and more than a job summary holds: the rest is in {}.\n"


class _Note(Value, frozen=True, kw_only=True):
    level: Literal["error", "warning"]
    title: str
    text: str
    more: str | None = None
    """The command that shows more."""
    file: str | None = None
    line: int | None = None


def annotation_lines(report: Report, *, below: str = "") -> tuple[str, ...]:
    """A workflow command a line: at most as many errors and warnings as GitHub shows of one step.

    Errors are what fails the job: failed subagents and gates, diffs that wait for a person, findings that a failed gate
    counts, and partial subagents where these are not enough. Warnings are other partial ones, those that did not run,
    and other grave findings. `below` is the rootdir as a path from the root of the repository, from where GitHub reads
    paths; empty where both are one.
    """
    notes = (*map(_gate, _failed(report.gates)), *_rows(report), *_findings(report))
    errors = [note for note in notes if note.level == "error"]
    warnings = [note for note in notes if note.level == "warning"]
    return tuple(_command(note, below) for note in (*_shown(errors), *_shown(warnings)))


def step_summary(report: Report, *, room: int, rest: str) -> str:
    """The Markdown report for the summary of a job, in at most `room` bytes of UTF-8; empty where nothing fits.

    What is too much is left out in whole lines and whole blocks, and `rest` is named as the file that has it.
    """
    text = MarkdownReport().render(report)
    if len(text.encode("utf-8")) <= room:
        return text
    note = _MORE.format(rest)
    left, taken, block, fence = room - len(note.encode("utf-8")), list[str](), list[str](), ""
    for line in text.splitlines(keepends=True):
        block.append(line)
        opened = _FENCE.fullmatch(line.rstrip("\n")) if not fence else None
        if opened:
            fence = opened[1]
        elif line.rstrip("\n") == fence:
            fence = ""
        if fence:
            continue
        left -= sum(len(each.encode("utf-8")) for each in block)
        if left < 0:
            break
        taken += block
        block.clear()
    return "".join(taken) + note if taken else ""


def _failed(gates: Sequence[GateResult]) -> list[GateResult]:
    return [gate for gate in gates if not gate.passed]


def _gate(gate: GateResult) -> _Note:
    return _Note(level="error", title="Gate failed", text=f"{gate.expression}: it is {wording.actual(gate)}")


def _rows(report: Report) -> Iterator[_Note]:
    for row in wording.worst_first(report.agents):
        if row.expected or row.status == "success":
            continue
        reason = row.reasons[0] if row.reasons else None
        named = inside(reason.at) if reason is not None and reason.kind in ("scope", "conflict") else None
        yield _Note(
            level="error" if report.is_red(row) else "warning",
            title=f"{row.planned.id}: {_word(row)}",
            text=_why(row),
            more=commands.show(row.planned.id),
            file=named or declared_in(row.planned.nodeid),
        )


def _word(row: Result) -> str:
    return f"{row.status.replace('_', ' ')} ({row.reasons[0].kind})" if row.reasons else row.status


def _why(row: Result) -> str:
    if not row.reasons:
        return row.status
    first, more = row.reasons[0], len(row.reasons) - 1
    told = cut(first.message, MESSAGE_CHARS)
    return f"{told} (and {wording.number_of(more, 'more reason')})" if more else told


def _findings(report: Report) -> Iterator[_Note]:
    failed = _failed(report.gates)
    any_of, new_of = _failing_severities(failed, "findings"), _failing_severities(failed, "new_findings")
    for finding in report.findings:
        severity, known = known_severity(finding.severity), finding.state == "known"
        if severity in any_of or (severity in new_of and not known):
            yield _finding(finding, severity, "error")
        elif severity in _GRAVE and not known:
            yield _finding(finding, severity, "warning")


def _finding(finding: ReportFinding, severity: str, level: Literal["error", "warning"]) -> _Note:
    file = inside(finding.file)
    where = "" if file is not None or finding.file is None else f" ({wording.place(finding.file, finding.line)})"
    return _Note(
        level=level,
        title=f"{severity} finding of {finding.agent}",
        text=(cut(finding.title, MESSAGE_CHARS) or "A finding without a title") + where,
        file=file,
        line=finding.line if file is not None else None,
    )


def _failing_severities(failed: Sequence[GateResult], metric: str) -> frozenset[str]:
    """The severities of findings that a failed gate on `metric`, or on `metric.SEVERITY`, counts."""
    metrics = {gate.expression.partition(" ")[0] for gate in failed if gate.actual is not None}
    if metric in metrics:
        return frozenset(SEVERITIES)
    return frozenset(word for word in SEVERITIES if f"{metric}.{word}" in metrics)


def _shown(notes: Sequence[_Note]) -> Sequence[_Note]:
    """`notes`, or as many as GitHub shows, of which the last says how many more there are."""
    if len(notes) <= STEP_ANNOTATIONS:
        return notes
    shown = notes[: STEP_ANNOTATIONS - 1]
    more = wording.number_of(len(notes) - len(shown), f"more {notes[0].level}")
    return (*shown, _Note(level=notes[0].level, title="Subagents", text=f"{more}: see the job summary, or report.json"))


def _command(note: _Note, below: str) -> str:
    file = None if note.file is None else posixpath.join(below, note.file)
    facts = [("file", file), ("line", note.line if note.line and note.line > 0 else None), ("title", note.title)]
    properties = ",".join(f"{key}={workflow_property(cut(str(value), MESSAGE_CHARS))}" for key, value in facts if value)
    told = [note.text] if note.more is None else [note.text, f"more: {note.more}"]
    data = _NEW_LINE.join(workflow_data(cut(text, _TEXT_CHARS)) for text in told)
    return f"::{note.level} {properties}::{data}"
