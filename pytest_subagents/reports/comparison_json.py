"""Two reports side by side, for programs."""

from __future__ import annotations

import msgspec

from pytest_subagents.model.comparison import CHANGE_WORDS, AnswerChange, Comparison, Measure, RowChange, Spent
from pytest_subagents.model.report import Report
from pytest_subagents.model.result import Result
from pytest_subagents.reports.baseline_part import finding_part
from pytest_subagents.reports.escape import json_document


def comparison_json(found: Comparison) -> str:
    """One JSON object and a line feed. Keys may be added, and none goes away while the version is 1."""
    assert found.after.baseline is not None
    counts = found.after.baseline.counts
    document = {
        "format": "pytest-subagents/comparison",
        "version": 1,
        "before": _report(found.before),
        "after": _report(found.after),
        "counts": {word: found.count(word) for word in CHANGE_WORDS},
        "findings": {
            "counts": counts,
            "new": [finding_part(each) for each in found.after.findings if each.state == "new"],
            "fixed": [finding_part(each) for each in found.after.baseline.fixed],
            "unchecked": [finding_part(each) for each in found.after.baseline.unchecked],
        },
        "spent": _spent(found.spent),
        "agents": [_row(row) for row in found.rows],
    }
    encoded = msgspec.json.format(msgspec.json.encode(document), indent=2).decode("utf-8")
    return json_document(encoded) + "\n"


def _report(report: Report) -> dict[str, object]:
    return {"status": report.status, "complete": report.complete, "counts": report.counts}


def _row(row: RowChange) -> dict[str, object]:
    return {
        "nodeid": row.nodeid,
        "id": row.id,
        "change": row.word,
        "before": _ended(row.before),
        "after": _ended(row.after),
        "spent": _spent(row.spent),
        "findings": {"new": row.new, "known": row.known, "fixed": row.fixed, "unchecked": row.unchecked},
        "answer": [_change(change) for change in row.answer],
        "more_changes": row.more,
    }


def _ended(row: Result | None) -> dict[str, object] | None:
    return None if row is None else {"status": row.status, "expected": row.expected}


def _spent(spent: Spent) -> dict[str, object]:
    return {
        "tokens": _measure(spent.tokens, whole=True),
        "usd": _measure(spent.usd, whole=False),
        "runtime_ms": _measure(spent.runtime_ms, whole=True),
    }


def _measure(measure: Measure, *, whole: bool) -> dict[str, float | None]:
    numbers = {"before": measure.before, "after": measure.after, "delta": measure.delta}
    return {name: int(each) if whole and each is not None else each for name, each in numbers.items()}


def _change(change: AnswerChange) -> dict[str, object]:
    """Without the side that it is not on: null is a value."""
    sides = {"before": change.before, "after": change.after}
    left_out = {"added": "before", "removed": "after"}.get(change.kind)
    return {
        "pointer": change.pointer,
        "kind": change.kind,
        **{name: value for name, value in sides.items() if name != left_out},
    }
