"""What becomes of a subagent when one that it needs did not end well."""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Iterable, Iterator, Mapping

from pytest_subagents.aggregate.rows import deciding, lost
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.result import NeededPoint, Planned, Result
from pytest_subagents.model.status import Status

_NOT_WELL: frozenset[Status] = frozenset({"failed", "not_run"})


def with_dependencies(rows: Mapping[str, Result]) -> dict[str, Result]:
    """`rows` by node id, in which every row that needs one that did not end well, or a checkpoint that was not passed,
    is `not_run`.

    Whatever such a row said is gone: what it was built on does not hold. It goes on along the needs, the same for
    every order of `rows`, and ends also where needs run in a circle. A need that is not among `rows` (a deselected
    one) changes nothing, and whether a need was expected to fail changes nothing either.
    """
    lost_rows = _lost(rows)
    causes = _causes(rows, lost_rows)
    result = dict(rows)
    for nodeid in lost_rows:
        planned = rows[nodeid].planned
        result[nodeid] = lost(planned, _reasons(planned, rows, lost_rows, causes))
    return result


def _lost(rows: Mapping[str, Result]) -> set[str]:
    """The rows that cannot stand."""
    needed_by = _needed_by(rows)
    found: set[str] = set()
    waiting = [nodeid for nodeid, row in rows.items() if next(_broken(row.planned, rows, found), None) is not None]
    while waiting:
        here = waiting.pop()
        if here not in found:
            found.add(here)
            waiting += needed_by.get(here, ())
    return found


def _broken(planned: Planned, rows: Mapping[str, Result], lost_rows: Container[str]) -> Iterator[str]:
    """The node ids of what it needs and has not got."""
    yield from (need for need in planned.needs if _is_bad(need, rows, lost_rows))
    yield from (point.nodeid for point in planned.points if _is_missed(point, rows, lost_rows))


def _is_bad(need: str, rows: Mapping[str, Result], lost_rows: Container[str]) -> bool:
    return need in rows and (need in lost_rows or rows[need].status in _NOT_WELL)


def _is_missed(point: NeededPoint, rows: Mapping[str, Result], lost_rows: Container[str]) -> bool:
    need = point.nodeid
    return need in rows and (need in lost_rows or point.checkpoint not in rows[need].passed)


def _needed_by(rows: Mapping[str, Result]) -> Mapping[str, list[str]]:
    needed_by: dict[str, list[str]] = {}
    for nodeid, row in rows.items():
        for need in (*row.planned.needs, *(point.nodeid for point in row.planned.points)):
            needed_by.setdefault(need, []).append(nodeid)
    return needed_by


def _causes(rows: Mapping[str, Result], lost_rows: Container[str]) -> Mapping[str, str]:
    """For every row that is lost, and every one that makes another lost: the row that it comes from, itself where it
    is the first.

    Of several causes it is the nearest one, of equally near ones that with the smallest node id.
    """
    breaks: dict[str, list[str]] = {}
    for nodeid, row in rows.items():
        for need in _broken(row.planned, rows, lost_rows):
            breaks.setdefault(need, []).append(nodeid)
    causes: dict[str, str] = {}
    _spread(causes, [nodeid for nodeid in sorted(breaks) if nodeid not in lost_rows], breaks)
    for nodeid in sorted(breaks):
        # What is lost and has no cause by now stands in a circle or behind one, so that nothing else is the first.
        if nodeid not in causes and rows[nodeid].status in _NOT_WELL:
            _spread(causes, [nodeid], breaks)
    for nodeid in sorted(breaks):
        if nodeid not in causes:
            _spread(causes, [nodeid], breaks)
    return causes


def _spread(causes: dict[str, str], sources: Iterable[str], breaks: Mapping[str, list[str]]) -> None:
    """Carry each of `sources` to what it breaks and has no cause yet, breadth first."""
    waiting = deque(sources)
    causes.update((source, source) for source in waiting)
    while waiting:
        here = waiting.popleft()
        for dependent in breaks.get(here, ()):
            if dependent not in causes:
                causes[dependent] = causes[here]
                waiting.append(dependent)


def _reasons(
    planned: Planned, rows: Mapping[str, Result], lost_rows: Container[str], causes: Mapping[str, str]
) -> tuple[Reason, ...]:
    """One for each need that it has not got, in the order in which they were declared."""
    words = (
        *(
            _told(rows[need], rows[causes[need]])
            for need in dict.fromkeys(planned.needs)
            if _is_bad(need, rows, lost_rows)
        ),
        *(
            _told_of_point(point, rows[point.nodeid], rows[causes[point.nodeid]])
            for point in planned.points
            if _is_missed(point, rows, lost_rows)
        ),
    )
    return tuple(Reason(kind="dependency", message=f"needs {each}") for each in words)


def _told_of_point(point: NeededPoint, need: Result, root: Result) -> str:
    checkpoint = f"the checkpoint {point.checkpoint!r} of {need.planned.id!r}, which"
    if root is not need:
        return f"{checkpoint} did not run because {root.planned.id!r} {_ended(root)}"
    return f"{checkpoint} {_ended(need)}" if need.status in _NOT_WELL else f"{checkpoint} did not pass it"


def _told(need: Result, root: Result) -> str:
    if root is need:
        return f"{need.planned.id!r}, which {_ended(root)}"
    return f"{need.planned.id!r}, which did not run because {root.planned.id!r} {_ended(root)}"


def _ended(root: Result) -> str:
    match root.status:
        case "failed":
            return f"failed ({deciding(root).kind})"
        case "not_run":
            return f"did not run ({deciding(root).kind})"
    return "did not pass its checkpoint"
