"""The order in which evidence about one subagent lowers, and what the rows say of the whole."""

from __future__ import annotations

import json
from collections.abc import Iterable

import msgspec

from pytest_subagents.model.report import ReportStatus
from pytest_subagents.model.result import Planned, Result
from pytest_subagents.model.status import rank


def worse(first: Result, second: Result) -> Result:
    """The lower of two results of one subagent.

    Commutative, associative and idempotent: what lowers the report beats what does not, then the lower status
    wins, then the smaller canonical bytes.
    """
    here, there = _depth(first), _depth(second)
    if here != there:
        return first if here > there else second
    return min(first, second, key=canonical)


def canonical(value: Result | Planned) -> bytes:
    """Bytes that are the same for the same value, wherever it was made; dicts inside are sorted."""
    # Not msgspec's own encoder: it refuses lone surrogates, and writes a NaN as null.
    return json.dumps(msgspec.to_builtins(value), sort_keys=True).encode("ascii")


def report_status(rows: Iterable[Result]) -> ReportStatus:
    """What the rows come to. Expected rows are left out, so that they can neither lower nor raise it.

    A report of expected rows alone is a success: everything came out as it should.
    """
    statuses = {row.status for row in rows if not row.expected}
    if statuses <= {"success"}:
        return "success"
    return "failed" if statuses <= {"failed", "not_run"} else "partial"


def _depth(result: Result) -> tuple[int, int]:
    return 0 if result.expected else rank(result.status), rank(result.status)
