"""What a person reads in the terminal: the section at the end of a run, and the message of one failure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from pytest_subagents.model.limits import MESSAGE_CHARS, REPORT_REASONS, TERMINAL_ROWS
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.report import Report
from pytest_subagents.model.result import Result
from pytest_subagents.reports import commands, wording
from pytest_subagents.reports.cells import cells, fit, pad
from pytest_subagents.reports.escape import cut, terminal
from pytest_subagents.reports.line import Line, Style

_WORDS: Final[dict[str, tuple[str, Style]]] = {
    "success": ("success", "success"),
    "partial": ("PARTIAL", "partial"),
    "failed": ("FAILED", "failed"),
    "not_run": ("NOT RUN", "not_run"),
    "expected": ("expected", "expected"),
}
_INDENT: Final = 10
_NARROWEST: Final = 40
_ID_COLUMN: Final = 36
_LABEL: Final = 11


def summary_lines(
    report: Report, *, written: Sequence[str] = (), width: int = 80, can_record: bool = False
) -> tuple[Line, ...]:
    """The section that ends a run: a line for each subagent, the worst first, with the reason below what is not well;
    then the sums, the gates, where the report is, and what to type next.

    `written` are the files of the report as paths from here, report.json first; `can_record` says that a mode which
    records exists. Where there are many subagents, those that did well are only counted.
    """
    width = max(width, _NARROWEST)
    return (
        *_row_lines(report.agents, width),
        Line(),
        *_labelled("Subagents", [Line(text=_counts(report))]),
        *_labelled("Findings", [Line(text=wording.findings(finding.severity for finding in report.findings))]),
        *_labelled("Usage", [Line(text=_usage(report))]),
        *_labelled("Gates", list(_gate_lines(report))),
        *_labelled("Report", [Line(text=terminal(path)) for path in written]),
        *_labelled("More", [Line(text=command) for command in _more(report, written)]),
        *_labelled("Record", [Line(text=command) for command in _record(report, can_record)]),
    )


def failure_lines(result: Result) -> tuple[str, ...]:
    """Why a subagent failed, as the message of its item: every reason with what to do about it, the last words of its
    program, and the command that shows the rest.
    """
    lines = [f"{terminal(result.planned.id)}: {_WORDS[result.status][0].lower()}"]
    for reason in result.reasons[:REPORT_REASONS]:
        lines.append(f"{_reason(reason)}")
        if reason.hint:
            lines.append(f"  hint: {terminal(cut(reason.hint, MESSAGE_CHARS))}")
    hidden = len(result.reasons) - REPORT_REASONS
    if hidden > 0:
        lines.append(f"(and {wording.number_of(hidden, 'more reason')})")
    if result.exit_code:
        lines.append(f"exit code {result.exit_code}")
    last_words = result.diagnostics.stderr_tail.rstrip().rpartition("\n")[2]
    if last_words:
        lines.append(f"stderr: {terminal(cut(last_words, MESSAGE_CHARS))}")
    lines.append(f"more: {commands.show(result.planned.id)}")
    return tuple(lines)


def _row_lines(rows: Sequence[Result], width: int) -> Iterator[Line]:
    ordered = wording.worst_first(rows)
    if len(ordered) > TERMINAL_ROWS:
        ordered = tuple(row for row in ordered if not _well(row))
    shown = ordered[:TERMINAL_ROWS]
    column = min(max((cells(terminal(row.planned.id)) for row in shown), default=0), _ID_COLUMN)
    for row in shown:
        yield _row_line(row, column, width)
        if row.reasons and not _well(row):
            more = f" (+{len(row.reasons) - 1} more)" if len(row.reasons) > 1 else ""
            told = fit(_reason(row.reasons[0]), width - _INDENT - len(more))
            yield Line(text=" " * _INDENT + told + more)
    left_out = len(rows) - len(shown)
    if left_out:
        unwell = len(ordered) - len(shown)
        told = f"{unwell:,} of them not well" if unwell else "all of them well"
        yield Line(text=f" and {left_out:,} more, {told}")


def _row_line(row: Result, column: int, width: int) -> Line:
    """The row with as many of its numbers as fit; the id is never cut, since it is what a person copies."""
    word, style = _WORDS[wording.word(row)]
    start = f" {word:<{_INDENT - 2}} {pad(terminal(row.planned.id), column)}"
    vendor = f"  {fit(terminal(row.vendor or wording.NOTHING), 9):<9}"
    runtime = f"  {wording.duration(row.runtime_ms):>7}"
    spent = wording.tokens(row.usage.input_tokens, row.usage.output_tokens)
    tokens = f"  {wording.quantity(spent):>7}" + (" tok" if spent is not None else "")
    for text in (start + vendor + runtime + tokens, start + runtime + tokens, start + runtime):
        if cells(text) <= width:
            return Line(text=text.rstrip(), style=style)
    return Line(text=start.rstrip(), style=style)


def _reason(reason: Reason) -> str:
    return terminal(f"{wording.reason_head(reason)}: {cut(reason.message, MESSAGE_CHARS)}")


def _well(row: Result) -> bool:
    return row.expected or row.status == "success"


def _counts(report: Report) -> str:
    told = wording.headline(report)
    deselected = report.counts.deselected
    return f"{told}; {deselected:,} deselected" if deselected else told


def _usage(report: Report) -> str:
    usage, ran = report.totals.usage, [row for row in report.agents if row.status != "not_run"]
    spent = wording.tokens(usage.input_tokens, usage.output_tokens)
    parts = []
    if spent is not None:
        known = all(row.usage.input_tokens is not None and row.usage.output_tokens is not None for row in ran)
        parts.append(f"{'' if known else 'at least '}{wording.quantity(spent)} tokens")
    if usage.usd is not None:
        known = all(row.usage.usd is not None for row in ran)
        parts.append(f"{'' if known else 'at least '}{wording.dollars(usage.usd)}")
    if report.totals.runtime_ms is not None:
        known = all(row.runtime_ms is not None for row in ran)
        parts.append(f"{'' if known else 'at least '}{wording.duration(report.totals.runtime_ms)} of agents")
    return ", ".join(parts) or "not reported"


def _gate_lines(report: Report) -> Iterator[Line]:
    column = max((len(gate.expression) for gate in report.gates), default=0)
    for gate in report.gates:
        word, style = _GATE_WORDS[gate.passed]
        yield Line(text=f"{terminal(gate.expression):<{column}}  {word} ({wording.actual(gate)})", style=style)


_GATE_WORDS: Final[dict[bool, tuple[str, Style]]] = {True: ("passed", "success"), False: ("FAILED", "failed")}


def _more(report: Report, written: Sequence[str]) -> Iterator[str]:
    """The command for the first row that needs attention, or else the first: one that works when it is pasted."""
    if not written or not report.agents:
        return
    first = wording.worst_first(report.agents)[0].planned
    ids = Counter(row.planned.id for row in report.agents)
    yield commands.show(first.id if ids[first.id] == 1 else first.nodeid, report=written[0])


def _record(report: Report, can_record: bool) -> Iterator[str]:
    missing = sum(any(reason.kind == "missing_recording" for reason in row.reasons) for row in report.agents)
    if can_record and missing:
        yield commands.record(missing)


def _labelled(label: str, lines: Iterable[Line]) -> Iterator[Line]:
    for number, line in enumerate(lines):
        start = label if number == 0 else ""
        yield Line(text=f" {start:<{_LABEL}}{line.text}", style=line.style)
