"""Two reports side by side, as a terminal shows it."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from pytest_subagents.model.comparison import CHANGE_WORDS, AnswerChange, ChangeWord, Comparison, RowChange, Spent
from pytest_subagents.model.limits import COMPARED_SHOWN, MESSAGE_CHARS, TERMINAL_ROWS
from pytest_subagents.model.report import Report
from pytest_subagents.model.result import Result
from pytest_subagents.model.verdict import Finding
from pytest_subagents.reports import wording
from pytest_subagents.reports.baseline_text import baseline_lines
from pytest_subagents.reports.cells import cells, fit, pad
from pytest_subagents.reports.escape import cut, terminal
from pytest_subagents.reports.line import Line, Style
from pytest_subagents.reports.word_diff import word_diff

_WORDS: Final[Mapping[ChangeWord, tuple[str, Style]]] = MappingProxyType(
    {
        "broke": ("BROKE", "failed"),
        "new": ("new", "expected"),
        "gone": ("GONE", "partial"),
        "fixed": ("fixed", "success"),
        "same": ("same", "plain"),
    }
)
"""In capitals what needs attention, so that colour is not needed to see it."""
_FINDING: Final = re.compile("/findings/[0-9]+")
_INDENT: Final = 8
_ID_COLUMN: Final = 36
_NARROWEST: Final = 40
_LABEL: Final = 11


def comparison_lines(found: Comparison, *, before: str, after: str, width: int = 80) -> tuple[Line, ...]:
    """A line for each subagent that is not what it was, those that broke first, with what is different below it; then
    how many are the same, and the sums. `before` and `after` are the files, as paths from here.
    """
    width = max(width, _NARROWEST)
    differing = [row for row in found.rows if row.differs]
    column = min(max((cells(terminal(row.id)) for row in differing), default=0), _ID_COLUMN)
    lines = [line for row in differing[:TERMINAL_ROWS] for line in _row_lines(row, column, width)]
    hidden = len(differing) - TERMINAL_ROWS
    lines += [Line(text=f" and {hidden:,} more that are not what they were (--json has all)")] if hidden > 0 else []
    lines += _same(len(found.rows) - len(differing))
    return (
        *lines,
        Line(),
        *_labelled("Before", [Line(text=_report(before, found.before))]),
        *_labelled("After", [Line(text=_report(after, found.after))]),
        *_labelled("Subagents", [Line(text=_counted(found))]),
        *_labelled("Findings", baseline_lines(found.after, width - _LABEL - 1)),
        *_labelled("Spent", [Line(text=_taken(found.spent) or "no difference that is known")]),
    )


def _same(count: int) -> list[Line]:
    if not count:
        return []
    return [Line(text=f" {wording.number_of(count, 'subagent')} {'is' if count == 1 else 'are'} the same")]


def _report(path: str, report: Report) -> str:
    return f"{terminal(path)}: {report.status}, {wording.headline(report)}"


def _counted(found: Comparison) -> str:
    told = [f"{found.count(word):,} {word}" for word in CHANGE_WORDS if found.count(word)]
    return ", ".join(told) or "none"


def _row_lines(row: RowChange, column: int, width: int) -> Iterator[Line]:
    word, style = _WORDS[row.word]
    taken = _taken(row.spent)
    start = f" {word:<{_INDENT - 2}} {pad(terminal(row.id), column)}  {_ended(row)}"
    text = f"{start}  {taken}" if taken and cells(start) + cells(taken) + 2 <= width else start
    yield Line(text=text.rstrip(), style=style)
    if text == start and taken:
        yield Line(text=" " * _INDENT + fit(taken, width - _INDENT))
    if row.word == "broke" and row.after is not None and row.after.reasons:
        reason = row.after.reasons[0]
        yield from _wrapped(f"{wording.reason_head(reason)}: {cut(reason.message, MESSAGE_CHARS)}", width)
    yield from _found("new finding" if row.word != "new" else "finding", row.new, width)
    yield from _found("fixed", row.fixed, width)
    if row.unchecked:
        yield from _wrapped(f"{wording.number_of(len(row.unchecked), 'finding')} not looked for", width)
    yield from _said(row, width)


def _ended(row: RowChange) -> str:
    words = [_word(each) for each in (row.before, row.after) if each is not None]
    return words[0] if len(set(words)) == 1 else " -> ".join(words)


def _word(row: Result) -> str:
    return wording.word(row).replace("_", " ")


def _taken(spent: Spent) -> str:
    """`+12.0s, -4100 tokens, +$0.02`, of what is known and different."""
    parts = [
        _signed(spent.runtime_ms.delta, lambda number: wording.duration(int(number))),
        _signed(spent.tokens.delta, lambda number: f"{wording.quantity(int(number))} tokens"),
        _signed(spent.usd.delta, wording.dollars),
    ]
    return ", ".join(part for part in parts if part)


def _signed(delta: float | None, told: Callable[[float], str]) -> str:
    return f"{'+' if delta > 0 else '-'}{told(abs(delta))}" if delta else ""


def _found(what: str, findings: Iterable[Finding], width: int) -> Iterator[Line]:
    found = list(findings)
    for finding in found[:COMPARED_SHOWN]:
        where = f"{wording.place(finding.file, finding.line)}: " if finding.file is not None else ""
        yield from _wrapped(f"{what}: {cut(finding.severity, 40)}, {where}{cut(finding.title, MESSAGE_CHARS)}", width)
    if len(found) > COMPARED_SHOWN:
        yield from _wrapped(f"and {len(found) - COMPARED_SHOWN:,} more", width)


def _said(row: RowChange, width: int) -> Iterator[Line]:
    changes = [change for change in row.answer if not _is_a_finding(change)]
    for change in changes[:COMPARED_SHOWN]:
        yield from _wrapped(_change(change), width)
    hidden = len(changes) + row.more - COMPARED_SHOWN
    if hidden > 0:
        yield from _wrapped(f"and {wording.number_of(hidden, 'more change')} of its answer (--json)", width)


def _is_a_finding(change: AnswerChange) -> bool:
    """Whether it is told already: a finding more or less, in an answer as the contract `result` has it."""
    return change.kind != "changed" and _FINDING.fullmatch(change.pointer) is not None


def _change(change: AnswerChange) -> str:
    where = cut(change.pointer, MESSAGE_CHARS) or "the answer"
    match change.kind:
        case "added":
            return f"{where}: added {_value(change.after)}"
        case "removed":
            return f"{where}: removed {_value(change.before)}"
    if isinstance(change.before, str) and isinstance(change.after, str):
        return f"{where}: {cut(word_diff(change.before, change.after), MESSAGE_CHARS)}"
    return f"{where}: {_value(change.before)} -> {_value(change.after)}"


def _value(value: object) -> str:
    return cut(json.dumps(value, ensure_ascii=False, sort_keys=True), MESSAGE_CHARS)


def _wrapped(text: str, width: int) -> Iterator[Line]:
    """On three lines at most, below the row."""
    room = width - _INDENT
    for number, part in enumerate(textwrap.wrap(terminal(text), room - 2, max_lines=3, placeholder=" …")):
        # Once more, since this is where a line begins now.
        yield Line(text=" " * (_INDENT + (2 if number else 0)) + fit(terminal(part), room))


def _labelled(label: str, lines: Iterable[Line]) -> Iterator[Line]:
    for number, line in enumerate(lines):
        yield Line(text=f" {label if number == 0 else '':<{_LABEL}}{line.text}", style=line.style)
