"""What a person must look at because two subagents meet: only all rows together tell that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from msgspec.structs import replace

from pytest_subagents.model.reason import Reason
from pytest_subagents.model.result import Result
from pytest_subagents.model.status import lowest

_SHOWN: Final = 3


def with_reviews(rows: Mapping[str, Result]) -> dict[str, Result]:
    """`rows` by node id, in which every row that asks for it (`Result.on_conflict`) and conflicts has a reason more.

    It conflicts where it has the reason `conflict`, or where it and another of its workflow that neither needs the
    other changed the same path. Doing it again, when more is known of conflicts, adds what is new.
    """
    asking = {nodeid: row.on_conflict for nodeid, row in rows.items() if row.on_conflict is not None}
    found = dict(rows)
    writers = _writers(rows) if asking else {}
    for nodeid, reason in asking.items():
        row = rows[nodeid]
        words = _met(row, rows, writers)
        if words is not None and reason is not None and row.status != "not_run":
            found[nodeid] = _asked(row, replace(reason, message=f"{words} (any_conflict)"))
    return found


def _asked(row: Result, reason: Reason) -> Result:
    if any(each.kind == "review" and each.message.endswith("(any_conflict)") for each in row.reasons):
        return row
    status = lowest((row.status, reason.ceiling))
    return replace(row, reasons=(*row.reasons, reason), status=status, expected=row.expected and status == row.status)


def _met(row: Result, rows: Mapping[str, Result], writers: Mapping[tuple[str, str], list[str]]) -> str | None:
    """The conflict in words; None where there is none."""
    if any(reason.kind == "conflict" for reason in row.reasons):
        return "its patch conflicts, so a person must approve it"
    file = _file(row)
    for change in row.changes:
        others = [other for other in writers.get((file, change.path), ()) if not _related(other, row, rows)]
        if others:
            ids = ", ".join(repr(rows[other].planned.id) for other in others[:_SHOWN])
            more = f" and {len(others) - _SHOWN:,} more" if len(others) > _SHOWN else ""
            return f"it changes {change.path}, and so does {ids}{more}: a person must approve it"
    return None


def _writers(rows: Mapping[str, Result]) -> dict[tuple[str, str], list[str]]:
    """Node ids, in their order, by workflow file and path."""
    found: dict[tuple[str, str], list[str]] = {}
    for nodeid in sorted(rows):
        for change in rows[nodeid].changes:
            found.setdefault((_file(rows[nodeid]), change.path), []).append(nodeid)
    return found


def _related(other: str, row: Result, rows: Mapping[str, Result]) -> bool:
    """Whether it is itself, or one of them starts from what the other has done."""
    nodeid = row.planned.nodeid
    return other == nodeid or other in _needs(nodeid, rows) or nodeid in _needs(other, rows)


def _needs(nodeid: str, rows: Mapping[str, Result]) -> frozenset[str]:
    """All that it needs, and what that needs."""
    seen: set[str] = set()
    waiting = [nodeid]
    while waiting:
        for need in _direct(rows.get(waiting.pop())):
            if need not in seen:
                seen.add(need)
                waiting.append(need)
    return frozenset(seen)


def _direct(row: Result | None) -> Iterator[str]:
    if row is not None:
        yield from row.planned.needs


def _file(row: Result) -> str:
    return row.planned.nodeid.partition("::")[0]
