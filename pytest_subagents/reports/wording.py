"""Numbers and verdicts in words, the same in every text format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from pytest_subagents.model.limits import MESSAGE_CHARS
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.report import GateResult, Report, ReportMerge
from pytest_subagents.model.result import Result
from pytest_subagents.model.scope import Scope
from pytest_subagents.model.severity import SEVERITIES, known_severity
from pytest_subagents.reports.escape import cut

Word: TypeAlias = Literal["success", "partial", "failed", "not_run", "expected"]

NOTHING: Final = "–"
"""Where nothing was measured; never a 0."""
CUT_SHORT: Final = "The run was cut short, so this is not all of it"

_WORST_FIRST: Final[Mapping[Word, int]] = MappingProxyType(
    {"failed": 0, "not_run": 1, "partial": 2, "expected": 3, "success": 4}
)
_TREE_DIGITS: Final = 12
_FRACTION_DIGITS: Final = 4
_MOST_DIGITS: Final = 17
_WHOLE: Final = 1e12
"""From here on no digit behind the point matters."""
_COUNTED: Final = (
    ("success", "succeeded"),
    ("partial", "partial"),
    ("failed", "failed"),
    ("not_run", "not run"),
    ("expected", "as expected"),
)


def word(row: Result) -> Word:
    """How the row counts: its status, or `expected`."""
    return "expected" if row.expected else row.status


def worst_first(rows: Iterable[Result]) -> tuple[Result, ...]:
    """`rows` with what needs attention on top; among equals their order stays."""
    return tuple(sorted(rows, key=lambda row: _WORST_FIRST[word(row)]))


def counts(report: Report) -> str:
    """`1 succeeded, 2 failed`, of all that were planned."""
    told = [f"{getattr(report.counts, name):,} {verb}" for name, verb in _COUNTED if getattr(report.counts, name)]
    return ", ".join(told)


def headline(report: Report) -> str:
    """The verdict on the whole in one sentence."""
    failed_gates = sum(not gate.passed for gate in report.gates)
    told = f"{number_of(report.counts.planned, 'subagent')}: {counts(report)}"
    told += f"; {number_of(failed_gates, 'gate')} failed" if failed_gates else ""
    return told if report.complete else f"{told}. {CUT_SHORT}"


def number_of(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def duration(milliseconds: int | None) -> str:
    """`380ms`, `30.2s`, `3m06s`, `2h05m`."""
    if milliseconds is None or milliseconds < 0:
        return NOTHING
    if milliseconds < 1_000:
        return f"{milliseconds}ms"
    if milliseconds < 60_000:
        return f"{milliseconds // 100 / 10:.1f}s"
    seconds = milliseconds // 1_000
    if seconds < 3_600:
        return f"{seconds // 60}m{seconds % 60:02}s"
    return f"{seconds // 3_600}h{seconds % 3_600 // 60:02}m"


def quantity(number: int | None) -> str:
    """`7740`, from 10,000 up `96.1k`, from 10 million up `12.3M`."""
    if number is None:
        return NOTHING
    if abs(number) < 10_000:
        return str(number)
    return f"{number / 1_000:.1f}k" if abs(number) < 10_000_000 else f"{number / 1_000_000:.1f}M"


def tokens(row_input: int | None, row_output: int | None) -> int | None:
    """Input and output together; None where either is not known."""
    return None if row_input is None or row_output is None else row_input + row_output


def dollars(usd: float | None) -> str:
    """`$1.50`; as many digits as it takes below a cent."""
    if usd is None:
        return NOTHING
    if usd == 0 or abs(usd) >= 0.01:
        return f"${usd:.2f}"
    return f"${usd:.6f}".rstrip("0") if abs(usd) >= 0.000001 else "under $0.000001"


def place(file: str | None, line: int | None) -> str:
    """`src/a.py:3`, `src/a.py`, or nothing."""
    if file is None:
        return NOTHING
    shown = cut(file, MESSAGE_CHARS)
    return shown if line is None else f"{shown}:{line}"


def where(reason: Reason) -> str:
    """Where a reason points to: `at /summary, line 12`, or nothing."""
    parts = [f"at {cut(reason.at, MESSAGE_CHARS) or 'the top'}"] if reason.at is not None else []
    parts += [f"line {reason.line}"] if reason.line is not None else []
    return ", ".join(parts)


def reason_head(reason: Reason) -> str:
    """What comes before the message: `contract at /summary, line 12`."""
    told = where(reason)
    separator = " " if reason.at is not None else ", "
    return f"{reason.kind}{separator}{told}" if told else reason.kind


def scope(value: Scope) -> str:
    """What it may read and write, in words."""
    reads = "what it reads is not declared" if value.read is None else f"reads {', '.join(value.read) or 'nothing'}"
    return f"{reads}; writes {', '.join(value.write) or 'nothing'}"


def findings(severities: Iterable[str]) -> str:
    """`1 critical, 3 high`, or `none`."""
    counts = Counter(known_severity(severity) for severity in severities)
    return ", ".join(f"{counts[severity]:,} {severity}" for severity in SEVERITIES if counts[severity]) or "none"


def baseline(report: Report) -> str:
    """`1 new (1 high), 2 known, 3 fixed`, or nothing where there is no baseline."""
    if report.baseline is None:
        return ""
    counts = report.baseline.counts
    new = [finding.severity for finding in report.findings if finding.state == "new"]
    told = f"{counts.new:,} new ({findings(new)})" if new else "0 new"
    told += f", {counts.known:,} known, {counts.fixed:,} fixed"
    return told + (f", {counts.unchecked:,} not looked for" if counts.unchecked else "")


def merge(found: ReportMerge) -> str:
    """What the merge at the end of which workflow came to; ids of git are cut."""
    return f"{found.workflow}: {merged(found)}"


def merged(found: ReportMerge) -> str:
    """The same without the name of the workflow."""
    if found.tree is None:
        return f"not merged, {found.why}"
    told = f"{number_of(len(found.merged), 'subagent')} merged, tree {found.tree[:_TREE_DIGITS]}"
    told += f"; left out: {', '.join(found.left_out)}" if found.left_out else ""
    return told + (f"; {found.why}" if found.why else "")


def actual(gate: GateResult) -> str:
    """The value that a gate met; None is said in words. A fraction has as many digits as it takes to see on which side
    of the gate's bound it is."""
    if gate.actual is None:
        return "not known"
    if isinstance(gate.actual, float):
        return _fraction(gate.actual, gate.expression.rpartition(" ")[2])
    return gate.actual if isinstance(gate.actual, str) else f"{gate.actual:,}"


def _fraction(number: float, bound: str) -> str:
    """`0.6667`; never what reads like `bound` and is not."""
    if not abs(number) < _WHOLE:
        return f"{number:,}"
    for digits in range(_FRACTION_DIGITS, _MOST_DIGITS):
        rounded = round(number, digits)
        if rounded == number or (rounded and f"{rounded}" != bound.rstrip("0")):
            return f"{rounded:,.{digits}f}".rstrip("0").rstrip(".")
    return f"{number:,}"
