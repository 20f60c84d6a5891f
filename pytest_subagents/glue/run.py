"""The state of one pytest run: what is planned, what came back, what went wrong. One a process."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from pytest_subagents.aggregate.attempts import row_of
from pytest_subagents.aggregate.fold import Tally
from pytest_subagents.aggregate.selecting import is_decided
from pytest_subagents.conduct.assignment import NO_TEAM, Assignment
from pytest_subagents.conduct.dependency import missed_checkpoint, unmet_need
from pytest_subagents.conduct.judged import not_run
from pytest_subagents.conduct.replayed import replayed
from pytest_subagents.contract.loading import Contracts
from pytest_subagents.errors import SubagentsError
from pytest_subagents.glue.attempts import open_attempts
from pytest_subagents.glue.options import Settings
from pytest_subagents.model.attempts import NOT_NEEDED
from pytest_subagents.model.progress import AgentProgress
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.report import Report
from pytest_subagents.model.result import NeededPoint, Planned, Result
from pytest_subagents.model.spec import RESULT, ContractRef, Expectation, Workflow
from pytest_subagents.model.value import Value
from pytest_subagents.model.value import field as made
from pytest_subagents.runners.interface import Runner
from pytest_subagents.runners.registry import runner as runner_called
from pytest_subagents.runners.spending import Spending

if TYPE_CHECKING:
    from pytest_subagents.audit.log import Audited  # which a run without one needs not
    from pytest_subagents.conduct.workplace import Workplaces  # nor a replay this
    from pytest_subagents.glue.merging import Merges  # nor one without a merge at its end
    from pytest_subagents.glue.sharding import Sharding  # nor one of all
    from pytest_subagents.transcript.again import Again  # nor one that goes on with none

RUN_KEY: pytest.StashKey[Run] = pytest.StashKey()
"""Where a run hangs on pytest's config; absent where the plugin is not switched on."""

NODE_KEY: pytest.StashKey[str] = pytest.StashKey()
"""On the stash of every item that is a subagent: its node id as a report spells it."""


class Folder(Value, frozen=True, kw_only=True):
    """What holds for all transcripts of a folder."""

    contract: ContractRef = RESULT
    expectations: Mapping[str, Expectation] = made(default_factory=dict)


class Collected(Value, frozen=True, kw_only=True):
    """A workflow as it was collected: a file, or the marks of a module."""

    workflow: Workflow
    nodeids: tuple[str, ...]
    """Of its subagents, in their order."""


class Conductor(Protocol):
    """Runs subagents, or commands on what was recorded of them, where that was asked for."""

    def starts(self, assignment: Assignment) -> bool:
        """Whether an agent would be started for it: not for what is only a transcript, or has a fresh recording."""
        ...

    def runs(self, assignment: Assignment) -> bool:
        """Whether anything would be: an agent, or commands on what was recorded."""
        ...

    def result_of(self, assignment: Assignment, needed: Mapping[str, Result]) -> Result:
        """Its result; `needed` are the results of what it needs, by id."""
        ...

    def leave_out(self, assignment: Assignment) -> Result:
        """The result of an attempt that is not started, as nothing could beat what is there."""
        ...

    def decided(self, assignment: Assignment, row: Result) -> None:
        """All runs of a subagent are over, this one among them, and `row` is what they came to."""
        ...


def _tell_nobody(progress: AgentProgress) -> None:
    return None


def _announce_to_nobody(result: Result) -> None:
    return None


@dataclass(slots=True, kw_only=True)
class Run:
    """Mutable on purpose, and the only such thing: pytest's hooks have nowhere else to leave what they learn."""

    settings: Settings
    rootdir: Path
    cwd: Path
    """The folder that pytest was started in."""
    runner: Runner = field(default_factory=lambda: runner_called("replay"))
    conductor: Conductor | None = None
    """None in a replay that starts nothing."""
    folder: Path | None = None
    """The run directory; None in a replay that starts nothing."""
    work: Path | None = None
    """The folder of this run's private checkouts."""
    workplaces: Workplaces | None = None
    """Where this process's agents work; None in replay."""
    earlier: tuple[Path, ...] = ()
    """The one of the run that is gone on with, and of those that it went on with itself."""
    again: Mapping[str, Again] = field(default_factory=dict)
    """Who lost the merge of that run, by node id, and from whose work it starts now."""
    tell: Callable[[AgentProgress], None] = _tell_nobody
    """Takes what live subagents are doing."""
    announce: Callable[[Result], None] = _announce_to_nobody
    """Takes a live result as soon as it is there: whatever happens to its test or its worker then, it is known."""
    hold_interrupts: Callable[[], AbstractContextManager[None]] = nullcontext
    """While an agent runs: an interrupt goes on when its result is there."""
    contracts: Contracts = field(default_factory=Contracts)
    assignments: dict[str, Assignment] = field(default_factory=dict)
    """By node id, of every subagent that this process knows, the deselected ones too."""
    attempts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Rows that several items make, by node id, each with the node ids of the items that this process knows."""
    not_needed: set[str] = field(default_factory=set)
    """Attempts that do not start, as others have decided it."""
    planned: dict[str, Planned] = field(default_factory=dict)
    results: dict[str, list[Result]] = field(default_factory=dict)
    """What was reported, as it came; several for one node are folded."""
    started: set[str] = field(default_factory=set)
    """Node ids of every pytest item that began, ordinary tests too."""
    deselected: set[str] = field(default_factory=set)
    mistakes: list[SubagentsError] = field(default_factory=list)
    """What a person must fix before anything can run; each has its exit code."""
    bad_files: int = 0
    """Workflow files that could not be read: exit code 2."""
    warnings: list[str] = field(default_factory=list)
    told: dict[str, Workflow] = field(default_factory=dict)
    """The workflows that have somebody told what a live run comes to (`notify`), by their file as node ids begin."""
    spending: Spending | None = None
    """Of a live run, in the process that it belongs to."""
    crashed: set[str] = field(default_factory=set)
    cut_short: bool = False
    """The run ends before its plan: `-x`, `--maxfail`, an interrupt."""
    max_failures: bool = False
    """Stopped by `-x` or `--maxfail`."""
    foreign_failures: int = 0
    """Failed tests, or failed bodies of marked tests: what the gates do not excuse."""
    baseline: Report | None = None
    """The earlier report that findings are compared with, in the process that concludes the run."""
    made_folders: tuple[Path, ...] = ()
    report: Report | None = None
    written: tuple[Path, ...] = ()
    snapshot_lines: tuple[str, ...] = ()
    """What the terminal says of the snapshot."""
    collected: list[Collected] = field(default_factory=list)
    audits: list[Audited] = field(default_factory=list)
    """The workflows of which an audit log is kept."""
    mergings: list[str] = field(default_factory=list)
    """The workflow files that are merged at the end, from the rootdir."""
    merges: Merges | None = None
    """What came of that."""
    sharding: Sharding | None = None
    """How it is dealt out, where it is only a part of one."""
    needed: set[str] = field(default_factory=set)
    """Node ids that some subagent waits for."""
    passed: set[tuple[str, str]] = field(default_factory=set)
    """Checkpoints that live subagents have passed: their node id, and that of the checkpoint."""
    folders: dict[Path, Folder] = field(default_factory=dict)
    """What is known of folders of transcripts."""
    _known: dict[str, Result] = field(default_factory=dict)

    def result_of(self, nodeid: str) -> Result:
        """The result of a subagent, conducted at most once in this process.

        What it needs comes first, also where that is not selected: then its recording speaks for it, so that a
        subagent has the same row whatever is selected beside it.
        """
        waiting = [nodeid]
        while waiting:
            here = waiting[-1]
            if here in self._known:  # also by being told: then this process need not know what it needs
                waiting.pop()
            elif open_needs := [need for need in self._needs(here) if need not in self._known]:
                waiting += open_needs
            else:
                self._known[here] = self._conduct(here)
        return self._known[nodeid]

    def learn(
        self,
        nodeid: str,
        *,
        results: Iterable[Result],
        passed: Iterable[tuple[str, str]],
        left_out: Iterable[str],
        instead: Reason | None,
    ) -> None:
        """What this process could not know of what a subagent needs, which others have run: their results, the
        checkpoints that they have passed, and those that a person skipped. Or why it does not run at all."""
        self._known.update((result.planned.nodeid, result) for result in results)
        self.passed.update(passed)
        for other in left_out:
            self.leave_out(other)
        if instead == NOT_NEEDED:
            self.not_needed.add(nodeid)
        elif instead is not None:
            self._known[nodeid] = not_run(self.assignments[nodeid], instead)

    def forget(self, nodeid: str) -> None:
        """Let go of a result that was reported, unless something that needs it may still ask: replay gives it again."""
        if nodeid not in self.needed and self.conductor is None:
            self._known.pop(nodeid, None)

    def never_ran(self, nodeid: str, reason: Reason) -> None:
        """Settle a subagent whose test ended before it: nothing is started just to fail."""
        if nodeid not in self._known and (self.settings.live or self.runs(nodeid)):
            self._known[nodeid] = not_run(self.assignments[nodeid], reason)

    def attempted(self, nodeid: str, result: Result) -> None:
        """The test around one of several runs is over, and this is what it came to."""
        self._known[nodeid] = result
        attempt, assignment = result.planned.attempt, self.assignments.get(nodeid)
        if attempt is None or assignment is None or self.conductor is None or not self.settings.live:
            return
        runs = self.runs_of(attempt.row)
        if all(each in self._known for each in runs):
            self.conductor.decided(assignment, row_of(self._known[each] for each in runs))

    def items_of(self, nodeid: str) -> tuple[str, ...]:
        """Node ids of the items that make a row: mostly its own."""
        return self.attempts.get(nodeid, (nodeid,))

    def runs_of(self, row: str) -> tuple[str, ...]:
        """Of the items that make a row, those that are selected; where none is, all, by their recordings."""
        items = self.items_of(row)
        return tuple(each for each in items if each in self.planned) or items

    def runs(self, nodeid: str) -> bool:
        """Whether anything would be started for a subagent that is selected."""
        return self.conductor is not None and self.conductor.runs(self.assignments[nodeid])

    def starts(self, nodeid: str) -> bool:
        """Whether an agent would be."""
        return self.conductor is not None and self.conductor.starts(self.assignments[nodeid])

    def shown_from_cwd(self, path: Path) -> str:
        """`path` as a person in the folder of the run would type it."""
        return os.path.relpath(path, self.cwd) if path.is_relative_to(self.rootdir) else str(path)

    def blame(self, mistake: SubagentsError) -> None:
        """Keep what a person must fix, once, however many subagents it is in the way of."""
        if str(mistake) not in {str(known) for known in self.mistakes}:
            self.mistakes.append(mistake)

    def clear(self) -> None:
        """Forget what was found; nothing is asked of a run that has ended."""
        self.report = self.sharding = None
        for found in (self.assignments, self.attempts, self.planned, self.results, self.folders, self._known):
            found.clear()

    def open_nodes(self) -> list[str]:
        """Node ids of what did not end well, for `--lf`."""
        found = [
            nodeid
            for nodeid, results in self.results.items()
            if any(
                not each.expected and (each.status in ("failed", "not_run") or each.waits_for_review)
                for each in results
            )
        ]
        return [*open_attempts(self, found)] if self.attempts else found

    def leave_out(self, nodeid: str) -> None:
        """A person skipped the test: it is as if it had not been selected."""
        for each in self.items_of(nodeid):
            self.planned.pop(each, None)
            self.deselected.add(each)

    @property
    def is_planned(self) -> bool:
        """Whether anything is: perhaps all of it in other shards."""
        return bool(self.planned) or (self.sharding is not None and bool(self.sharding.deal.plan))

    def tally(self) -> Tally:
        """Everything that is known of this run, as the value that a report is made of."""
        return Tally.of(
            planned=self.planned.values(),
            results=(result for results in self.results.values() for result in results),
            started=self.started,
            crashed=self.crashed,
            passed=self.passed,
            deselected=self.deselected,
            cut_short=self.cut_short,
        )

    def beneath(self, nodeid: str) -> tuple[Assignment, ...]:
        """All that a subagent needs, and those need, in the order of the plan; and those from whose work it starts
        besides, unless one of them has not ended well."""
        found, waiting = set[str](), [nodeid]
        while waiting:
            here = waiting.pop()
            behind = (each for each in self.assignments[here].behind if self._may_have_ended_well(each))
            needs = [need for need in map(self._whose_work, (*self._ended(here), *behind)) if need not in found]
            found.update(needs)
            waiting += needs
        return tuple(each for id, each in self.assignments.items() if id in found) if found else ()

    def called(self, nodeid: str, id: str) -> tuple[Assignment, ...]:
        """The runs of the subagent `id`, which the recording of another one, `nodeid`, names."""
        where = (self.assignments[nodeid].team or NO_TEAM).where
        if not where:
            return tuple(each for each in self.beneath(nodeid) if each.subagent.id == id)
        return tuple(self.assignments[each] for each in self.items_of(f"{where}::{id}") if each in self.assignments)

    def _may_have_ended_well(self, row: str) -> bool:
        known = self._known.get(row)
        return known is None or known.status in ("success", "partial")

    def _whose_work(self, row: str) -> str:
        """The item whose work is that of a row: of several runs, the one that was selected, as far as that is known."""
        known = self._known.get(row)
        chosen = next((each.nodeid for each in known.attempts if each.selected), None) if known is not None else None
        return chosen if chosen is not None else self.items_of(row)[0]

    def _needs(self, nodeid: str) -> tuple[str, ...]:
        """Node ids of those whose results must be known first."""
        if nodeid in self.not_needed:
            return ()
        if nodeid in self.attempts:
            return self.runs_of(nodeid)
        points = [point.nodeid for point in self._open_points(nodeid)]
        return tuple(dict.fromkeys((*self._ended(nodeid), *points, *self.assignments[nodeid].behind)))

    def _ended(self, nodeid: str) -> Iterator[str]:
        """Node ids of what must have ended well. Who lets agents run and has not selected the one whose files another
        reads wants it to read them as they are."""
        assignment = self.assignments[nodeid]
        for need in assignment.planned.needs:
            items = self.items_of(need)
            selected = any(each in self.planned for each in items)
            left_out = self.settings.live and need in assignment.inferred and not selected
            if items[0] in self.assignments and not left_out:
                yield need

    def _open_points(self, nodeid: str) -> Iterator[NeededPoint]:
        """Checkpoints of which it is not known that they have been passed."""
        for point in self.assignments[nodeid].planned.points:
            known = self.items_of(point.nodeid)[0] in self.assignments
            if known and (point.nodeid, point.checkpoint) not in self.passed:
                yield point

    def _conduct(self, nodeid: str) -> Result:
        if nodeid in self.attempts:
            return row_of(self._known[each] for each in self.runs_of(nodeid))
        assignment = self.assignments[nodeid]
        if self.conductor is not None and self.settings.live and self._is_not_needed(nodeid, self.conductor):
            return self.conductor.leave_out(assignment)
        unmet = [
            *(unmet_need(self._known[need]) for need in self._ended(nodeid)),
            *(missed_checkpoint(point, self._known[point.nodeid]) for point in self._open_points(nodeid)),
        ]
        for reason in unmet:
            if reason is not None:
                return not_run(assignment, reason)
        if self.conductor is not None and nodeid in self.planned:
            return self._conduct_live(self.conductor, assignment)
        return replayed(assignment, self.runner, stale=self.settings.stale)

    def _is_not_needed(self, nodeid: str, conductor: Conductor) -> bool:
        """Whether others have decided it, as far as this process knows."""
        attempt = self.assignments[nodeid].planned.attempt
        if nodeid in self.not_needed or attempt is None:
            return nodeid in self.not_needed
        if attempt.repeats or not attempt.stop_early or not conductor.starts(self.assignments[nodeid]):
            return False
        return is_decided(self._known[each] for each in self.runs_of(attempt.row) if each in self._known)

    def _conduct_live(self, conductor: Conductor, assignment: Assignment) -> Result:
        results = [self._known[need] for need in self._ended(assignment.planned.nodeid)]
        with self.hold_interrupts():
            try:
                result = conductor.result_of(assignment, {result.planned.id: result for result in results})
            except KeyboardInterrupt:  # the second one: somebody does not wait for its end
                reason = Reason(kind="killed", message="the run was interrupted while it worked")
                self.announce(not_run(assignment, reason))
                raise
            self.announce(result)
        return result
