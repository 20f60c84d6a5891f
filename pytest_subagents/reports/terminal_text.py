"""What a person reads in the terminal: the section at the end of a run, and the message of one failure."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from pytest_subagents.model.attempts import Attempt
from pytest_subagents.model.limits import MESSAGE_CHARS, REPORT_REASONS, TERMINAL_ROWS, TERMINAL_UNWELL
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.report import Report
from pytest_subagents.model.result import Planned, Result
from pytest_subagents.reports import commands, wording
from pytest_subagents.reports.attempts_text import runs_in_brief
from pytest_subagents.reports.baseline_text import baseline_lines
from pytest_subagents.reports.cells import cells, fit, pad
from pytest_subagents.reports.escape import cut, terminal
from pytest_subagents.reports.line import Line, Style
from pytest_subagents.reports.wrapping import wrapped

_WORDS: Final[Mapping[wording.Word, str]] = MappingProxyType(
    {"success": "success", "partial": "PARTIAL", "failed": "FAILED", "not_run": "NOT RUN", "expected": "expected"}
)
"""In capitals what needs attention, so that colour is not needed to see it."""
_INDENT: Final = 10
_NARROWEST: Final = 40
_ID_COLUMN: Final = 36
_LABEL: Final = 11
_BEYOND: Final = 5
"""Ids that one line names."""
_KEPT: Final = 3
"""Checkouts that are named."""


def summary_lines(
    report: Report,
    *,
    written: Sequence[str] = (),
    width: int = 80,
    can_record: bool = False,
    beyond: Sequence[Planned] = (),
    kept: Sequence[str] = (),
    whole: bool = False,
    again: str = "",
) -> tuple[Line, ...]:
    """The section that ends a run: a line for each subagent, the worst first, with the reason below what is not well;
    then the sums, the gates, where the report is, and what to type next.

    `written` are the files of the report as paths from here, report.json first; `can_record` says that a mode which
    records exists; `beyond` are the subagents that read or wrote beyond their scope, `kept` the private checkouts that
    are still there, as paths from here; `again` is the mode in which a resume goes on with this run, empty where there
    is nothing to go on with. Where there are many subagents, those that did well are only counted, unless `whole` asks
    for all.
    """
    width = max(width, _NARROWEST)
    return (
        *_row_lines(report.agents, width, most=None if whole else TERMINAL_UNWELL, all_of_them=_all(report, written)),
        Line(),
        *_labelled("Subagents", _counts(report)),
        *_labelled("Findings", [Line(text=wording.findings(finding.severity for finding in report.findings))]),
        *_labelled("Baseline", baseline_lines(report, width - _LABEL - 1)),
        *_labelled("Usage", [Line(text=_usage(report))]),
        *_labelled("Scopes", _beyond(report, beyond, written)),
        *_labelled("Merge", _merge_lines(report, width - _LABEL - 1)),
        *_labelled("Again", [Line(text=commands.resume(again))] if again else []),
        *_labelled("Review", _reviews(report, written)),
        *_labelled("Gates", _gate_lines(report)),
        *_labelled("Report", [Line(text=terminal(path)) for path in written]),
        *_labelled("Kept", _kept(kept)),
        *_next(report, written, can_record),
    )


def failure_lines(result: Result, *, report: str = commands.DEFAULT_REPORT) -> tuple[str, ...]:
    """Why a subagent failed, as the message of its item: every reason with what to do about it, the last words of its
    program, and the command that shows the rest. `report` is where its row will be, as a path from here.

    The first line is the first reason, since pytest repeats that line in its short summary.
    """
    lines = [] if result.reasons else [_WORDS[result.status].lower()]
    for reason in result.reasons[:REPORT_REASONS]:
        lines.append(_reason(reason))
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
    lines.append(f"more: {commands.show(result.planned.id, report=report)}")
    return tuple(lines)


def every_row(report: Report, *, written: str, width: int = 80, unwell: bool = False) -> tuple[Line, ...]:
    """A line for each subagent, the worst first, with the reason below what is not well; only of those with `unwell`.
    Then how many of which there are, and the command that tells all about one; `written` is the report's file."""
    rows = tuple(row for row in report.agents if not (unwell and is_well(row)))
    lines = tuple(_row_lines(rows, max(width, _NARROWEST), most=None, all_of_them=""))
    none = () if lines else (Line(text=" all is well"),)
    more = [Line(text=command) for command in _more(report, [written])] if rows else []
    return (*lines, *none, Line(), *_labelled("Subagents", _counts(report)), *_labelled("More", more))


def _row_lines(rows: Sequence[Result], width: int, *, most: int | None, all_of_them: str) -> Iterator[Line]:
    """`most` of those that are not well, where there are many rows; None for every row. `all_of_them` is the command
    that tells the others."""
    ordered = wording.worst_first(rows)
    if most is not None and len(ordered) > TERMINAL_ROWS:
        ordered = tuple(row for row in ordered if not is_well(row))
        shown = ordered[:most]
    else:
        shown = ordered
    most_cells = max(_ID_COLUMN, width // 2)
    aligned = [row for row in shown if cells(terminal(row.planned.id)) <= most_cells]
    column = max((cells(terminal(row.planned.id)) for row in aligned), default=0)
    dropped = max((_dropped(row, column, width) for row in aligned), default=0)
    for row in shown:
        yield _row_line(row, column, width, dropped)
        if row.reasons and not is_well(row):
            yield from _reason_lines(row.reasons, width - _INDENT)
        yield from _brief_lines(runs_in_brief(row), width - _INDENT)
    left_out = len(rows) - len(shown)
    if left_out:
        unwell = len(ordered) - len(shown)
        told = f"{unwell:,} of them not well{all_of_them}" if unwell else "all of them well"
        yield Line(text=f" and {left_out:,} more, {told}")


def _all(report: Report, written: Sequence[str]) -> str:
    return f": {commands.show_failed(report=written[0])}" if written else ""


def _brief_lines(brief: str, width: int) -> Iterator[Line]:
    for text in textwrap.wrap(terminal(brief), width, max_lines=2, placeholder=" …"):
        yield Line(text=" " * _INDENT + fit(terminal(text), width))


def _reason_lines(reasons: Sequence[Reason], width: int) -> Iterator[Line]:
    """The first reason, on two lines at most, and how many there are besides."""
    more = f"(+{len(reasons) - 1} more) " if len(reasons) > 1 else ""
    for text in textwrap.wrap(more + _reason(reasons[0]), width, max_lines=2, placeholder=" …"):
        # Once more, since this is where a line begins now.
        yield Line(text=" " * _INDENT + fit(terminal(text), width))


def _row_line(row: Result, column: int, width: int, dropped: int) -> Line:
    """The row without the first `dropped` of its numbers, and without as many more as do not fit; the id is never
    cut, since it is what a person copies."""
    layouts = _layouts(row, column)
    return Line(text=layouts[max(dropped, _dropped(row, column, width))].rstrip(), style=wording.word(row))


def _dropped(row: Result, column: int, width: int) -> int:
    """How many of the numbers of a row have no room."""
    layouts = _layouts(row, column)
    return next((number for number, text in enumerate(layouts) if cells(text) <= width), len(layouts) - 1)


def _layouts(row: Result, column: int) -> tuple[str, ...]:
    """The row with all of its numbers, and with ever fewer of them."""
    start = f" {_WORDS[wording.word(row)]:<{_INDENT - 2}} {pad(terminal(row.planned.id), column)}"
    vendor = f"  {fit(terminal(row.vendor or wording.NOTHING), 9):<9}"
    runtime = f"  {wording.duration(row.runtime_ms):>7}"
    spent = wording.tokens(row.usage.input_tokens, row.usage.output_tokens)
    tokens = f"  {wording.quantity(spent):>7}" + (" tok" if spent is not None else "")
    tokens += f"  ({row.status})" if row.expected else ""
    return start + vendor + runtime + tokens, start + runtime + tokens, start + runtime, start


def _reason(reason: Reason) -> str:
    return terminal(f"{wording.reason_head(reason)}: {cut(reason.message, MESSAGE_CHARS)}")


def is_well(row: Result) -> bool:
    """Whether nobody need look at it."""
    return row.expected or row.status == "success"


def _counts(report: Report) -> Iterator[Line]:
    deselected = report.counts.deselected
    told = f"{wording.counts(report)} ({report.counts.planned:,})"
    yield Line(text=f"{told}; {deselected:,} deselected" if deselected else told)
    if not report.complete:
        yield Line(text=wording.CUT_SHORT, style="not_run")


def _usage(report: Report) -> str:
    usage, milliseconds = report.totals.usage, report.totals.runtime_ms
    spent = wording.tokens(usage.input_tokens, usage.output_tokens)
    parts = [f"{wording.quantity(spent)} tokens"] if spent is not None else []
    parts += [wording.dollars(usage.usd)] if usage.usd is not None else []
    parts += [wording.duration(milliseconds)] if milliseconds is not None else []
    if not parts:
        return "not reported"
    return ", ".join(parts) + ("" if _all_reported(report) else "; not all of it was reported")


def _all_reported(report: Report) -> bool:
    """Whether the sums that are shown are sums over all that ran."""
    usage = report.totals.usage
    shown: list[tuple[object, Callable[[Result | Attempt], object]]] = [
        (report.totals.runtime_ms, lambda row: row.runtime_ms),
        (usage.input_tokens, lambda row: row.usage.input_tokens),
        (usage.output_tokens, lambda row: row.usage.output_tokens),
        (usage.usd, lambda row: row.usage.usd),
    ]
    ran = [run for row in report.agents for run in row.runs if run.status != "not_run"]
    return all(of(row) is not None for total, of in shown if total is not None for row in ran)


def _gate_lines(report: Report) -> Iterator[Line]:
    column = max((len(gate.expression) for gate in report.gates), default=0)
    for gate in report.gates:
        style: Style = "success" if gate.passed else "failed"
        word = "passed" if gate.passed else "FAILED"
        yield Line(
            text=f"{terminal(gate.expression):<{column}}  {word} ({terminal(wording.actual(gate))})", style=style
        )


def _merge_lines(report: Report, width: int) -> Iterator[Line]:
    for merge in report.merges:
        whole = merge.tree is not None and not merge.left_out and merge.why is None
        told = terminal(cut(wording.merge(merge), MESSAGE_CHARS))
        yield from (Line(text=text, style="success" if whole else "failed") for text in wrapped(told, width))


def _beyond(report: Report, beyond: Sequence[Planned], written: Sequence[str]) -> Iterator[Line]:
    if not beyond:
        return
    ids = ", ".join(terminal(planned.id) for planned in beyond[:_BEYOND])
    ids += f" and {len(beyond) - _BEYOND:,} more" if len(beyond) > _BEYOND else ""
    its = "its scope" if len(beyond) == 1 else "their scope"
    command = f": {_show(report, beyond[0], written[0])}" if written else ""
    yield Line(text=f"{ids} read or wrote beyond {its}{command}", style="partial")


def _reviews(report: Report, written: Sequence[str]) -> Iterator[Line]:
    """Who waits, and the command that says why and for what."""
    waiting = [row.planned.id for row in report.agents if row.waits_for_review and not row.expected]
    if waiting:
        wait = "waits" if len(waiting) == 1 else "wait"
        ids = ", ".join(terminal(id) for id in waiting[:_BEYOND])
        ids += f" and {len(waiting) - _BEYOND:,} more" if len(waiting) > _BEYOND else ""
        command = commands.approve(report=written[0]) if written else commands.approve()
        yield Line(text=f"{ids} {wait} for a person: {command}", style="partial")


def _next(report: Report, written: Sequence[str], can_record: bool) -> Iterator[Line]:
    """One command: of what has no recording there is nothing more to show."""
    record = list(_record(report, can_record))
    label, found = ("Record", record) if record else ("More", list(_more(report, written)))
    yield from _labelled(label, [Line(text=command) for command in found])


def _more(report: Report, written: Sequence[str]) -> Iterator[str]:
    """The command for the first row that needs attention, or else the first: one that works when it is pasted."""
    if not written or not report.agents:
        return
    yield _show(report, wording.worst_first(report.agents)[0].planned, written[0])


def _show(report: Report, planned: Planned, written: str) -> str:
    ids = Counter(row.planned.id for row in report.agents)
    return commands.show(planned.id if ids[planned.id] == 1 else planned.nodeid, report=written)


def _record(report: Report, can_record: bool) -> Iterator[str]:
    missing = sum(_is_missing(row) for row in report.agents)
    if can_record and missing:
        behind = sum(row.status == "not_run" for row in report.agents)  # which need one that is missing, most likely
        yield commands.record(missing + behind)


def _is_missing(row: Result) -> bool:
    missing = any(reason.kind == "missing_recording" for reason in row.reasons)
    return missing and not _is_a_file_of_a_folder(row.planned)


def _is_a_file_of_a_folder(planned: Planned) -> bool:
    """Whether it is a transcript that nothing declares: no run of ours could record it again."""
    return planned.nodeid.partition("::")[0].endswith(".jsonl")


def _kept(paths: Sequence[str]) -> Iterator[Line]:
    yield from (Line(text=terminal(path)) for path in paths[:_KEPT])
    if len(paths) > _KEPT:
        yield Line(text=f"and {len(paths) - _KEPT:,} more there, until the next live run")
    elif paths:
        yield Line(text="until the next live run (--subagents-keep)")


def _labelled(label: str, lines: Iterable[Line]) -> Iterator[Line]:
    for number, line in enumerate(lines):
        start = label if number == 0 else ""
        yield Line(text=f" {start:<{_LABEL}}{line.text}", style=line.style)
