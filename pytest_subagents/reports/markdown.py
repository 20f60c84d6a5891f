"""report.md: for a pull request or the summary of a CI job."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeVar

from pytest_subagents.model.attempts import Attempt
from pytest_subagents.model.limits import (
    EXCERPT_CHARS,
    MARKDOWN_BYTES,
    MESSAGE_CHARS,
    RATES_SHOWN,
    REPORT_REASONS,
    REPORT_ROWS,
    STDERR_TAIL_CHARS,
)
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.report import Report, ReportFinding
from pytest_subagents.model.result import Result
from pytest_subagents.model.severity import known_severity
from pytest_subagents.reports import wording
from pytest_subagents.reports.attempts_text import rate, spent_on, word_of, work_of
from pytest_subagents.reports.escape import cut, markdown, markdown_block

T = TypeVar("T")

_TABLE_SHARE: Final = 0.3
_RUNS_SHARE: Final = 0.05
_FAILURES_SHARE: Final = 0.25
_PARTIAL_SHARE: Final = 0.08
_FINDINGS_SHARE: Final = 0.3
_BASELINE_SHARE: Final = 0.05
"""Of `MARKDOWN_BYTES`, so that no part can push out another; the rest is for what we say ourselves."""
_NOTE_CHARS: Final = 160


class MarkdownReport:
    """A table with a row for each subagent, then failures with their diagnostics, then findings by severity.

    Nothing that an agent says is markup in it, and all of it fits into a job summary: what is left out is counted.
    """

    name = "md"
    suffix = ".md"

    def render(self, report: Report) -> str:
        return "".join(self.parts(report))

    def parts(self, report: Report) -> Iterator[str]:
        return (f"{line}\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    yield f"# Subagents: {_verdict(report)}"
    yield ""
    yield f"{wording.headline(report)}."
    yield from (text for merge in report.merges for text in ("", f"Merge of {_said(wording.merge(merge))}."))
    yield from _gates(report)
    yield from _table(report)
    yield from _runs(report)
    rows = wording.worst_first(report.agents)
    unwell = [row for row in rows if not row.expected and row.status in ("failed", "not_run")]
    partial = [row for row in rows if not row.expected and row.status == "partial"]
    yield from _told("Failures", unwell, _FAILURES_SHARE)
    yield from _told("Partial", partial, _PARTIAL_SHARE)
    yield from _findings(report)


def _verdict(report: Report) -> str:
    """The status, and what else fails the job where that is not told by it."""
    failed = sum(not gate.passed for gate in report.gates)
    if report.status != "success" or not failed:
        return report.status
    return f"success, but {wording.number_of(failed, 'gate')} failed"


def _gates(report: Report) -> Iterator[str]:
    if report.gates:
        yield from ("", "| Gate | Value | |", "|---|---|---|")
    for gate in report.gates:
        passed = "passed" if gate.passed else "**failed**"
        yield f"| {_said(gate.expression)} | {_said(wording.actual(gate))} | {passed} |"


def _table(report: Report) -> Iterator[str]:
    yield from ("", "## Subagents", "")
    yield "| Subagent | Status | Vendor | Runtime | Tokens | Findings | Reason, or what it says |"
    yield "|---|---|---|--:|--:|--:|---|"
    yield from _bounded(wording.worst_first(report.agents), _row, _TABLE_SHARE, "subagent")


def _runs(report: Report) -> Iterator[str]:
    """The single runs of those rows that several made."""
    rows = [row for row in report.agents if row.attempts]
    if rows:
        yield from ("", "## Attempts and repetitions", "")
        yield "| Subagent | Run | Status | Work | Spent | Why |"
        yield "|---|--:|---|---|---|---|"
        runs = [(row, attempt) for row in rows for attempt in row.attempts]
        yield from _bounded(runs, _run, _RUNS_SHARE, "run")
    for row in rows[:RATES_SHOWN]:
        if row.pass_rate is not None:
            yield from ("", f"{_said(row.planned.id)}: {rate(row.pass_rate)}.")


def _run(run: tuple[Result, Attempt]) -> str:
    row, attempt = run
    word = word_of(attempt)
    why = next((each.message for each in attempt.reasons if each.kind == "lost"), "")
    why = why or (attempt.reasons[0].message if attempt.reasons else "")
    cells = (
        _said(row.planned.id),
        str(attempt.number),
        f"**{_said(word)}, selected**" if attempt.selected and row.pass_rate is None else _said(word),
        work_of(attempt) or wording.NOTHING,
        spent_on(attempt) or wording.NOTHING,
        _said(why, _NOTE_CHARS) or wording.NOTHING,
    )
    return f"| {' | '.join(cells)} |"


def _row(row: Result) -> str:
    word = wording.word(row)
    status = word.replace("_", " ")
    tokens = wording.tokens(row.usage.input_tokens, row.usage.output_tokens)
    cells = (
        _said(row.planned.id),
        status if word in ("success", "expected") else f"**{status}**",
        _said(row.vendor or wording.NOTHING),
        wording.duration(row.runtime_ms),
        wording.quantity(tokens),
        str(len(row.findings)),
        _note(row),
    )
    return f"| {' | '.join(cells)} |"


def _note(row: Result) -> str:
    if row.status == "success" or not row.reasons:
        return _said(row.summary, _NOTE_CHARS) or wording.NOTHING
    reason = row.reasons[0]
    return markdown(f"{wording.reason_head(reason)}: {cut(reason.message, _NOTE_CHARS)}")


def _told(title: str, rows: Sequence[Result], share: float) -> Iterator[str]:
    if rows:
        yield from ("", f"## {title}")
        yield from _bounded(rows, _in_full, share, "subagent")


def _in_full(row: Result) -> str:
    kind = f": {_said(row.reasons[0].kind)}" if row.reasons else ""
    lines = ["", f"### {_said(row.planned.id)}{kind}", ""]
    lines += [_reason(reason) for reason in row.reasons[:REPORT_REASONS]]
    hidden = max(len(row.reasons), row.violations) - REPORT_REASONS
    lines += [f"- … and {wording.number_of(hidden, 'more reason')}"] if hidden > 0 else []
    lines += _diagnostics(row)
    return "\n".join(lines)


def _reason(reason: Reason) -> str:
    told = f"- {markdown(wording.reason_head(reason))}: {_said(reason.message)}"
    return told if not reason.hint else f"{told} — {_said(reason.hint)}"


def _diagnostics(row: Result) -> Iterator[str]:
    found = row.diagnostics
    facts = [f"exit code {found.exit_code}"] if found.exit_code is not None else []
    facts += [f"line {found.line} of the transcript"] if found.line is not None else []
    facts += [_said(row.transcript)] if row.transcript is not None else []
    if facts:
        yield from ("", f"Seen: {', '.join(facts)}.")
    if found.excerpt:
        yield from ("", "Final message:", "", markdown_block(cut(found.excerpt, EXCERPT_CHARS)))
    if found.stderr_tail:
        yield from ("", "Standard error, its end:", "", markdown_block(found.stderr_tail.rstrip()[-STDERR_TAIL_CHARS:]))


def _findings(report: Report) -> Iterator[str]:
    counts = wording.findings(finding.severity for finding in report.findings)
    yield from ("", "## Findings", "", f"In all: {counts}.")
    if report.baseline is not None:
        yield from _against_baseline(report)
    above = None

    def told(finding: ReportFinding) -> str:
        nonlocal above
        severity = known_severity(finding.severity)
        head, above = _finding_head(severity) if severity != above else "", severity
        return head + _finding(finding)

    share = _FINDINGS_SHARE if report.baseline is None else _FINDINGS_SHARE - 2 * _BASELINE_SHARE
    yield from _bounded(report.findings, told, share, "finding")


def _against_baseline(report: Report) -> Iterator[str]:
    """What is new, before all that is there."""
    yield from ("", f"Against the baseline: {wording.baseline(report)}.")
    baseline = report.baseline
    new = [finding for finding in report.findings if finding.state == "new"]
    for title, found in (("New", new), ("Fixed", baseline.fixed if baseline is not None else ())):
        if found:
            yield from ("", f"### {title}", "", "| Severity | Where | Title | Subagent |", "|---|---|---|---|")
            yield from _bounded(found, _graded, _BASELINE_SHARE, "finding")


def _graded(finding: ReportFinding) -> str:
    return f"| {_said(finding.severity)} {_finding(finding)}"


def _finding_head(severity: str) -> str:
    return f"\n### {severity.capitalize()}\n\n| Where | Title | Subagent |\n|---|---|---|\n"


def _finding(finding: ReportFinding) -> str:
    where = markdown(wording.place(finding.file, finding.line))
    return f"| {where} | {_said(finding.title) or wording.NOTHING} | {_said(finding.agent)} |"


def _said(text: str, chars: int = MESSAGE_CHARS) -> str:
    """Somebody's text on one line: its first `chars` characters, as nothing but text."""
    return markdown(cut(text, chars))


def _bounded(items: Sequence[T], told: Callable[[T], str], share: float, noun: str) -> Iterator[str]:
    """`items` as text, as many as have room, and then how many have not."""
    room = int(share * MARKDOWN_BYTES)
    for number, item in enumerate(items):
        text = told(item)
        room -= len(text.encode("utf-8", "replace")) + 1
        if room < 0 or number == REPORT_ROWS:
            yield from ("", f"… and {wording.number_of(len(items) - number, f'more {noun}')}, in report.json.")
            return
        yield text
