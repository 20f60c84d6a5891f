"""The row of a report that a person means."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Final

from pytest_subagents.errors import BadUsage
from pytest_subagents.model.report import Report
from pytest_subagents.model.result import Result
from pytest_subagents.reports.escape import terminal

_LISTED: Final = 10


def row_called(agent: str, report: Report, *, command: str) -> Result:
    """The one row of `report` that `agent`, an id or a node id, names; `BadUsage` of `command` unless there is one."""
    rows = [row for row in report.agents if agent in _names(row)]
    if len(rows) == 1:
        return rows[0]
    if rows:
        nodeids = _listed([row.planned.nodeid for row in rows])
        raise BadUsage(
            command, f"{len(rows)} subagents are called {agent!r}", hint=f"name one by its node id: {nodeids}"
        )
    raise BadUsage(
        command, f"no subagent is called {agent!r}", hint=nearest(agent, {row.planned.id for row in report.agents})
    )


def _names(row: Result) -> tuple[str, ...]:
    """What a person may call it: also as it stands in the terminal, where what cannot be seen is escaped."""
    id, nodeid = row.planned.id, row.planned.nodeid
    runs = (name for run in row.attempts for name in (f"{id}[{run.number}]", run.nodeid, terminal(run.nodeid)))
    return id, nodeid, terminal(id), terminal(nodeid), *runs


def nearest(name: str, known: Iterable[str]) -> str:
    """The hint of who has typed a name that there is not: what was meant, or else what there is."""
    names = sorted(set(known))
    near = difflib.get_close_matches(name, names, n=_LISTED) or [each for each in names if name and name in each]
    return f"did you mean: {_listed(near)}" if near else f"known: {_listed(names)}"


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _LISTED:,} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more
