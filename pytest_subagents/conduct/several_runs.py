"""The items of a subagent that runs several times: `attempts` compete for its row, of `repeat` all count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec.structs import replace

from pytest_subagents.conduct.assignment import Assignment, Selector
from pytest_subagents.conduct.verifying import load_selector
from pytest_subagents.errors import BadUsage
from pytest_subagents.model.attempts import CRITERIA, AttemptOf
from pytest_subagents.model.result import Planned
from pytest_subagents.model.spec import Subagent
from pytest_subagents.model.value import Value


class OneOfSeveral(Value, frozen=True, kw_only=True):
    """The parameter of a marked test: one run of its subagent, of which there are several."""

    agent: Subagent
    number: int


def numbers_of(agent: Subagent) -> range:
    """The numbers of its runs; none where there is only one, which has no number."""
    count = max(agent.attempts.count, agent.repeat)
    return range(1, count + 1) if count > 1 else range(0)


def name_of_run(id: str, number: int) -> str:
    """What the item of a run is called: no id has brackets, so this is no other subagent's."""
    return f"{id}[{number}]"


def run_name(id: str, attempt: AttemptOf | None) -> str:
    """What an item is called."""
    return id if attempt is None else name_of_run(id, attempt.number)


def runs_of_row(
    row: Assignment, runs: Sequence[tuple[int, str]], rootdir: Path
) -> Iterator[tuple[AttemptOf, Planned, tuple[tuple[str, Selector], ...]]]:
    """Each run of a subagent as it is planned, with the functions that its selection asks. `runs` are numbers and node
    ids. `BadUsage` where it is to be selected and repeated at once, or a function cannot be loaded."""
    agent = row.subagent
    attempts, repeats = agent.attempts, agent.repeat > 1
    if repeats and attempts.count > 1:
        raise BadUsage(
            agent.where,
            f"{agent.id!r} has 'attempts' and 'repeat', and its runs cannot be selected and all count",
            hint="leave one of them out",
        )
    names = () if repeats else tuple(name for name in attempts.select if name not in CRITERIA)
    selectors = tuple((name, load_selector(name, rootdir, agent.where)) for name in names)
    for number, nodeid in runs:
        attempt = AttemptOf(
            row=row.planned.nodeid,
            number=number,
            count=max(attempts.count, agent.repeat),
            select=() if repeats else attempts.select,
            stop_early=attempts.stop_early and not repeats,
            repeats=repeats,
        )
        yield attempt, replace(row.planned, nodeid=nodeid, attempt=attempt), selectors
