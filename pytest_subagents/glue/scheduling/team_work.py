"""Which subagent starts next, what its worker must be told, and what follows from how another one ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Final

from pytest_subagents.aggregate.attempts import row_of
from pytest_subagents.aggregate.lattice import worse
from pytest_subagents.aggregate.rows import crashed, stopped
from pytest_subagents.aggregate.selecting import is_decided, may_stop_early
from pytest_subagents.conduct.dependency import missed_checkpoint, unmet_need
from pytest_subagents.glue.run import Run
from pytest_subagents.glue.scheduling.entries import Entry
from pytest_subagents.glue.transport import encoded
from pytest_subagents.model.attempts import NOT_NEEDED
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.result import NeededPoint, Result
from pytest_subagents.model.value import Value
from pytest_subagents.plan.backing_off import BackingOff
from pytest_subagents.plan.dispatching import Dispatcher
from pytest_subagents.plan.task import Task
from pytest_subagents.runners.spending import Spending

_ALL: Final = "all"
_LOST: Final = Reason(kind="dependency", message="what it needs did not end well")


class Start(Value, frozen=True, kw_only=True):
    """One item that a worker gets now, and what it must know for it."""

    item: int
    nodeid: str
    results: tuple[str, ...] = ()
    """Those of what it needs, encoded."""
    passed: tuple[tuple[str, str], ...] = ()
    """The checkpoints that it needs."""
    left_out: tuple[str, ...] = ()
    """Node ids of those of what it needs that a person skipped: their recordings speak for them."""
    instead: Reason | None = None
    """Why it does not run."""


@dataclass(slots=True)
class TeamWork:
    """All subagents of a run that cannot be run by anybody at any time."""

    entries: Sequence[Entry]
    run: Run
    spending: Spending
    most: int | None = None
    """How many agents may run at a time."""
    _position: dict[str, int] = field(init=False)
    _dispatcher: Dispatcher = field(init=False)
    _vendors: dict[str, BackingOff] = field(init=False)
    _refused: dict[int, str] = field(default_factory=dict)
    """Those that do not start although they could, and why."""
    _changes: int = 0
    """Of the spending, as of the last look."""
    _not_needed: set[int] = field(default_factory=set)
    """Attempts that do not start, as others have decided it."""
    _over: set[str] = field(default_factory=set)
    """Node ids of runs of rows that are over."""
    _open: set[int] = field(init=False)
    """Those that have neither been started nor given up."""

    def __post_init__(self) -> None:
        self._position = {entry.nodeid: index for index, entry in enumerate(self.entries)}
        places: dict[str, int | None] = {_ALL: self.most}
        paces: dict[str, float] = {}
        for entry in self.entries:
            places[_team(entry)] = entry.at_once
            places[_vendor(entry.vendor)] = None
            paces[entry.team] = entry.stagger
        self._vendors = {entry.vendor: BackingOff() for entry in self.entries}
        self._dispatcher = Dispatcher([self._task(entry) for entry in self.entries], places=places, paces=paces)
        self._open = {index for index, entry in enumerate(self.entries) if not entry.runs}

    def __contains__(self, nodeid: str) -> bool:
        return nodeid in self._position

    def next(self, now: float) -> Start | None:
        """The subagent that starts now (`time.monotonic`), if one may."""
        self.look(now)
        index = self._dispatcher.next(now)
        while index is not None and self.entries[index].runs:  # a row, which has ended with the last of its runs
            index = self._dispatcher.next(now)
        if index is None:
            return None
        self._open.discard(index)
        entry = self.entries[index]
        if entry.live:
            self.spending.started(now)
            self._vendors[entry.vendor].started(index)
        needed = (*entry.needs, *(other for other, _ in entry.points), *entry.behind)
        behind = [self._row(other) for other in entry.behind if not self._left_out(other)]
        told = (*(result for need in entry.needs if (result := self._result(need)) is not None), *behind)
        return Start(
            item=entry.item,
            nodeid=entry.nodeid,
            results=tuple(map(encoded, told)),
            passed=tuple(point for point in entry.points if not self._left_out(point[0])),
            left_out=tuple(run for need in dict.fromkeys(needed) for run in self._runs(need) if self._left_out(run)),
        )

    def lost(self) -> Start | None:
        """The next one that will never start; its item says why."""
        index = self._dispatcher.lost()
        while index is not None and self.entries[index].runs:
            index = self._dispatcher.lost()
        if index is None:
            return None
        self._open.discard(index)
        entry = self.entries[index]
        if index in self._not_needed:
            return Start(item=entry.item, nodeid=entry.nodeid, instead=NOT_NEEDED)
        why = self._refused.get(index)
        reason = Reason(kind="stopped", message=why) if why else next(self._unmet(entry), _LOST)
        return Start(item=entry.item, nodeid=entry.nodeid, instead=reason)

    def look(self, now: float) -> None:
        """Gives up what may not start any more: the budget is spent, or its workflow was given up."""
        self.spending.refusal("", now)  # time is over by itself
        if self._changes == self.spending.changes:
            return
        self._changes = self.spending.changes
        refusals: dict[str, str] = {}
        for index in sorted(self._open):
            entry = self.entries[index]
            if entry.live:
                if entry.team not in refusals:
                    refusals[entry.team] = self.spending.refusal(entry.team, now)
                if refusals[entry.team] and index not in self._refused:
                    self._refused[index] = refusals[entry.team]
                    self._dispatcher.give_up(index)

    def next_look(self) -> float | None:
        """When time alone may change something."""
        times = [at for at in (self._dispatcher.next_look(), self.spending.ends_at) if at is not None]
        return min(times, default=None) if self._open else None

    def ended(self, nodeid: str) -> None:
        """Its item is over, whether it ran or not; its results, if there are any, are in the run."""
        index = self._position[nodeid]
        result = self._result(nodeid)
        well = result is not None and result.status in ("success", "partial") and nodeid not in self.run.crashed
        if self._left_out(nodeid):
            well = True
            for point in {name for entry in self.entries for other, name in entry.points if other == nodeid}:
                self._dispatcher.passed(index, point)
        self._dispatcher.ended(index, well=well)
        vendor = self.entries[index].vendor
        if self._vendors[vendor].ended(index, well=well):
            self._dispatcher.limit(_vendor(vendor), self._vendors[vendor].places)
        if self.entries[index].row in self._position:
            self._over.add(nodeid)
            self._look_at_row(self.entries[index].row)

    def _look_at_row(self, row: str) -> None:
        """One of its runs is over: what waits for the row goes on with the last of them; none of those that have not
        been started is where nothing could beat what is there."""
        index = self._position[row]
        entry, found = self.entries[index], self._results_of(row)
        if self._over.issuperset(entry.runs):
            ended = self._result(row)
            for point in ended.passed if ended is not None else ():
                self._dispatcher.passed(index, point)
            if entry.abort and ended is not None and ended.status == "failed" and not ended.expected:
                self.spending.abort(entry.team, f"{ended.planned.id} failed, and execution.abort_on_failure is set")
            well = ended is None or ended.status in ("success", "partial")
            self._dispatcher.ended(index, well=well)
        elif self.run.settings.live and found and may_stop_early(found) and is_decided(found):
            for run in entry.runs:
                position = self._position[run]
                if position in self._open and self.entries[position].live:
                    self._not_needed.add(position)
                    self._dispatcher.give_up(position)

    def again(self, nodeid: str) -> None:
        """Its worker died, and somebody wants it to be run once more."""
        index = self._position[nodeid]
        self._vendors[self.entries[index].vendor].ended(index, well=False)
        self._dispatcher.again(index)
        self._open.add(index)

    def passed(self, nodeid: str, checkpoint: str) -> None:
        if nodeid in self._position:
            self._dispatcher.passed(self._position[nodeid], checkpoint)

    def limited(self, nodeid: str) -> None:
        """It has met a limit of its vendor's."""
        if nodeid in self._position:
            index = self._position[nodeid]
            vendor = self.entries[index].vendor
            if self._vendors[vendor].limited(index):
                self._dispatcher.limit(_vendor(vendor), self._vendors[vendor].places)

    def _task(self, entry: Entry) -> Task:
        limits: tuple[str, ...] = ()
        if entry.live:
            limits = (_ALL, _team(entry), _vendor(entry.vendor), *(f"resource {name}" for name in entry.resources))
        position = self._position
        return Task(
            duration=entry.seconds,
            needs=tuple(position[need] for need in entry.needs if need in position),
            after=tuple(position[other] for other in (*entry.after, *entry.runs) if other in position),
            points=tuple((position[other], name) for other, name in entry.points if other in position),
            priority=entry.priority,
            limits=tuple(dict.fromkeys(limits)),
            pace=entry.team if entry.live and entry.stagger else "",
        )

    def _result(self, nodeid: str) -> Result | None:
        """The lowest of what is known; of a row, what its runs come to, as far as they are over."""
        if self._runs(nodeid) != (nodeid,):
            rows = self._results_of(nodeid)
            return row_of(rows) if rows else None
        found = self.run.results.get(nodeid)
        return reduce(worse, found) if found else None

    def _runs(self, nodeid: str) -> tuple[str, ...]:
        """Of a row that several runs make, those; else itself."""
        index = self._position.get(nodeid)
        return self.entries[index].runs or (nodeid,) if index is not None else (nodeid,)

    def _results_of(self, row: str) -> tuple[Result, ...]:
        """Of its runs that are over; nobody's whom a person skipped."""
        over = (run for run in self._runs(row) if run in self._over and not self._left_out(run))
        return tuple(self._row(run) for run in over)

    def _left_out(self, nodeid: str) -> bool:
        """A test that somebody skipped is as if it were not selected: who needs it asks its recording."""
        runs = self._runs(nodeid)
        return not any(run in self.run.planned or run in self.run.results for run in runs)

    def _unmet(self, entry: Entry) -> Iterator[Reason]:
        for need in entry.needs:
            if not self._left_out(need) and (reason := unmet_need(self._row(need))) is not None:
                yield reason
        for nodeid, checkpoint in entry.points:
            if not self._left_out(nodeid) and (nodeid, checkpoint) not in self.run.passed:
                point = NeededPoint(nodeid=nodeid, checkpoint=checkpoint)
                if (reason := missed_checkpoint(point, self._row(nodeid))) is not None:
                    yield reason

    def _row(self, nodeid: str) -> Result:
        """What stands for one whose result never came."""
        result = self._result(nodeid)
        if self._runs(nodeid) != (nodeid,):
            assert result is not None
            return result
        planned = self.run.planned[nodeid]
        if nodeid in self.run.crashed:
            return crashed(planned)
        return result if result is not None else stopped(planned)


def _team(entry: Entry) -> str:
    return f"team {entry.team}"


def _vendor(name: str) -> str:
    return f"vendor {name}"
