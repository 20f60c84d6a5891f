"""What becomes of a subagent when one that it needs did not end well."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping

from pytest_subagents.aggregate.rows import deciding, lost
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.result import Planned, Result
from pytest_subagents.model.status import Status

_NOT_WELL: frozenset[Status] = frozenset({"failed", "not_run"})


def with_dependencies(rows: Mapping[str, Result]) -> dict[str, Result]:
    """`rows` by node id, in which every row that needs one that did not end well is `not_run`.

    Whatever such a row said is gone: what it was built on does not hold. It goes on along the needs, the same for
    every order of `rows`, and ends also where needs run in a circle. A need that is not among `rows` (a deselected
    one) changes nothing, and whether a need was expected to fail changes nothing either.
    """
    causes = _causes(rows)
    result = dict(rows)
    for nodeid, row in rows.items():
        reasons = _reasons(row.planned, rows, causes)
        if reasons:
            result[nodeid] = lost(row.planned, reasons)
    return result


def _causes(rows: Mapping[str, Result]) -> dict[str, str]:
    """For every row that did not end well or cannot stand: the row that it comes from, itself where it is the first.

    Of several causes it is the nearest one, of equally near ones that with the smallest node id.
    """
    needed_by: dict[str, list[str]] = {}
    for nodeid, row in rows.items():
        for need in row.planned.needs:
            needed_by.setdefault(need, []).append(nodeid)
    bad = [nodeid for nodeid in sorted(rows) if rows[nodeid].status in _NOT_WELL]
    blocked = _reached(needed_by, bad)
    causes: dict[str, str] = {}
    _spread(causes, [nodeid for nodeid in bad if nodeid not in blocked], needed_by)
    for nodeid in bad:
        if nodeid not in causes:  # it stands in a circle or behind one, so nothing else is the first
            _spread(causes, [nodeid], needed_by)
    return causes


def _reached(needed_by: Mapping[str, list[str]], sources: Iterable[str]) -> set[str]:
    """Every node that needs one of `sources`, directly or not."""
    reached: set[str] = set()
    waiting = list(sources)
    while waiting:
        for dependent in needed_by.get(waiting.pop(), ()):
            if dependent not in reached:
                reached.add(dependent)
                waiting.append(dependent)
    return reached


def _spread(causes: dict[str, str], sources: Iterable[str], needed_by: Mapping[str, list[str]]) -> None:
    """Carry each of `sources` to what needs it and has no cause yet, breadth first."""
    waiting = deque(sources)
    causes.update((source, source) for source in waiting)
    while waiting:
        here = waiting.popleft()
        for dependent in needed_by.get(here, ()):
            if dependent not in causes:
                causes[dependent] = causes[here]
                waiting.append(dependent)


def _reasons(planned: Planned, rows: Mapping[str, Result], causes: Mapping[str, str]) -> tuple[Reason, ...]:
    """One for each need that is lost, in the order in which they were declared."""
    return tuple(
        Reason(kind="dependency", message=f"needs {_told(rows[need], rows[causes[need]])}")
        for need in dict.fromkeys(planned.needs)
        if need in causes
    )


def _told(need: Result, root: Result) -> str:
    verb = "failed" if root.status == "failed" else "did not run"
    cause = f"{verb} ({deciding(root).kind})"
    if root is need:
        return f"{need.planned.id!r}, which {cause}"
    return f"{need.planned.id!r}, which did not run because {root.planned.id!r} {cause}"
