"""Two reports compared: how each subagent ended, what it found, said and took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from pytest_subagents.aggregate.answer_changes import answer_changes
from pytest_subagents.aggregate.baseline import against, answers, without_baseline
from pytest_subagents.aggregate.findings import substance_of
from pytest_subagents.model.comparison import CHANGE_WORDS, ChangeWord, Comparison, Measure, RowChange, Spent
from pytest_subagents.model.report import Report
from pytest_subagents.model.result import Result
from pytest_subagents.model.verdict import Finding

_STANDING: Final[Mapping[str, int]] = MappingProxyType({"not_run": 0, "failed": 0, "partial": 1, "success": 2})


def compare(before: Report, after: Report) -> Comparison:
    """`after` against `before`. Rows are the same subagent where their node ids are equal."""
    before = without_baseline(before)
    earlier = {row.planned.nodeid: row for row in before.agents}
    later = {row.planned.nodeid: row for row in after.agents}
    rows = [_row(nodeid, earlier.get(nodeid), later.get(nodeid)) for nodeid in sorted(earlier.keys() | later.keys())]
    return Comparison(
        before=before,
        after=against(after, before),
        rows=tuple(sorted(rows, key=lambda row: CHANGE_WORDS.index(row.word))),
        spent=Spent(
            tokens=_whole(before, after, _tokens),
            usd=_whole(before, after, _usd),
            runtime_ms=_whole(before, after, _runtime),
        ),
    )


def _row(nodeid: str, before: Result | None, after: Result | None) -> RowChange:
    known = before or after
    assert known is not None
    earlier, later = before.findings if before else (), after.findings if after else ()
    new, missing = _beyond(later, earlier), _beyond(earlier, later)
    checked = after is not None and answers(after)
    changes, more = answer_changes(before.answer, after.answer) if before and after else ((), 0)
    return RowChange(
        nodeid=nodeid,
        id=known.planned.id,
        word=_word(before, after),
        before=before,
        after=after,
        spent=Spent(
            tokens=_measure(before, after, _tokens),
            usd=_measure(before, after, _usd),
            runtime_ms=_measure(before, after, _runtime),
        ),
        new=new,
        known=len(later) - len(new),
        fixed=missing if checked else (),
        unchecked=() if checked else missing,
        answer=changes,
        more=more,
    )


def _word(before: Result | None, after: Result | None) -> ChangeWord:
    if before is None or after is None:
        return "new" if before is None else "gone"
    was, now = _standing(before), _standing(after)
    if was == now:
        return "same"
    return "broke" if now < was else "fixed"


def _standing(row: Result) -> int:
    """What came out as expected is well."""
    return _STANDING["success" if row.expected else row.status]


def _beyond(found: Sequence[Finding], others: Sequence[Finding]) -> tuple[Finding, ...]:
    """Those of `found` that are not among the `others`; equal ones are counted."""
    left = Counter(map(substance_of, others))
    beyond = []
    for finding in found:
        substance = substance_of(finding)
        if left[substance]:
            left[substance] -= 1
        else:
            beyond.append(finding)
    return tuple(beyond)


def _tokens(row: Result) -> int | None:
    usage = row.usage
    return (
        None if usage.input_tokens is None or usage.output_tokens is None else usage.input_tokens + usage.output_tokens
    )


def _usd(row: Result) -> float | None:
    return row.usage.usd


def _runtime(row: Result) -> int | None:
    return row.runtime_ms


def _measure(before: Result | None, after: Result | None, of: Callable[[Result], float | None]) -> Measure:
    return Measure(before=of(before) if before else None, after=of(after) if after else None)


def _whole(before: Report, after: Report, of: Callable[[Result], float | None]) -> Measure:
    return Measure(before=_sum(before, of), after=_sum(after, of))


def _sum(report: Report, of: Callable[[Result], float | None]) -> float | None:
    numbers = [of(row) for row in report.agents if row.status != "not_run"]
    known = [number for number in numbers if number is not None]
    return round(sum(known), 9) if len(known) == len(numbers) else None
