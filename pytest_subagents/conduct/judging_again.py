"""One recording judged again, as pytest would judge it in a replay, without pytest: nothing is started."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from msgspec.structs import replace

from pytest_subagents.aggregate.attempts import row_of
from pytest_subagents.conduct.assignment import Assignment, Team
from pytest_subagents.conduct.dependency import missed_checkpoint, unmet_need
from pytest_subagents.conduct.judged import StalePolicy, not_run
from pytest_subagents.conduct.overriding import overridden
from pytest_subagents.conduct.protecting import protected_globs
from pytest_subagents.conduct.replayed import replayed
from pytest_subagents.conduct.several_runs import name_of_run, numbers_of, runs_of_row
from pytest_subagents.conduct.shown_paths import printable, shown_path
from pytest_subagents.conduct.teams import expects, judged_before_merge, planned_in, team_of
from pytest_subagents.conduct.transcript_folder import expectations_in, nearest_contract, stem_of
from pytest_subagents.conduct.verifying import load_verifier
from pytest_subagents.contract.loading import Contracts
from pytest_subagents.errors import BadUsage
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.result import Planned, Result
from pytest_subagents.model.spec import Subagent, Workflow
from pytest_subagents.model.value import Value
from pytest_subagents.plan.arranging import Arrangement, arranged
from pytest_subagents.runners.registry import runner
from pytest_subagents.transcript.store import Recording, recording_in, recording_of_agent, recording_of_run


class JudgedAgain(Value, frozen=True, kw_only=True):
    row: Result
    """What pytest would say of it."""
    alone: Result
    """What its recording comes to by itself; another one where something that it needs has not ended well."""
    warnings: tuple[str, ...] = ()
    """About its contract."""
    merges: bool = False
    """Whether pytest would also ask if its patch merges with those of others, which lowers a row."""


@dataclass(slots=True, kw_only=True)
class RecordedTeam:
    """The subagents of a workflow file by their recordings; each is judged once."""

    workflow: Workflow
    path: Path
    """Of its file."""
    file: str
    """The same, as node ids begin."""
    rootdir: Path
    stale: StalePolicy = "fail"
    contracts: Contracts = field(default_factory=Contracts)
    _alone: dict[int, Result] = field(default_factory=dict)
    _rows: dict[int, Result] = field(default_factory=dict)
    _arrangement: Arrangement | None = None
    _team: Team | None = None

    def judged(self, id: str, *, number: int | None = None) -> JudgedAgain:
        """The subagent `id`, and first what it needs; of one that runs several times only the run `number`, where one
        is given. What a person must mend is raised: a bad contract, graph or `verify` function, a number there is not.
        """
        self._arrangement = arranged(self.workflow)
        self._team = team_of(self.workflow, self.path, file=self.file, rootdir=self.rootdir)
        index = next(place for place, agent in enumerate(self.workflow.agents) if agent.id == id)
        beneath = self._beneath(index, self._arrangement)
        for place in self._arrangement.order:
            if place in beneath:
                self._judge(place, self._arrangement, number=number if place == index else None)
        contract = self.contracts.get(self.workflow.agents[index].contract)
        return JudgedAgain(
            row=self._rows[index],
            alone=self._alone[index],
            warnings=contract.warnings,
            merges=self.workflow.merge.at_end and bool(self._rows[index].changes),
        )

    def _beneath(self, index: int, arrangement: Arrangement) -> set[int]:
        """It, and all that it needs."""
        found, waiting = {index}, [index]
        while waiting:
            here = waiting.pop()
            others = (*arrangement.needs[here], *(other for other, _ in arrangement.points[here]))
            waiting += [other for other in others if other not in found]
            found.update(others)
        return found

    def _judge(self, index: int, arrangement: Arrangement, *, number: int | None) -> None:
        runs = self._runs(index, arrangement, number)
        several = runs[0].planned.attempt is not None
        alone = [replayed(run, runner("replay"), stale=self.stale) for run in runs]
        self._alone[index] = row_of(alone) if several else alone[0]
        reason = self._unmet(index, arrangement, runs[0].planned)
        if reason is None:
            self._rows[index] = self._alone[index]
        else:
            left_out = [not_run(run, reason) for run in runs]
            self._rows[index] = row_of(left_out) if several else left_out[0]

    def _unmet(self, index: int, arrangement: Arrangement, planned: Planned) -> Reason | None:
        unmet = [unmet_need(self._rows[need]) for need in arrangement.needs[index]]
        others = [self._rows[other] for other, _ in arrangement.points[index]]
        unmet += [missed_checkpoint(point, other) for point, other in zip(planned.points, others, strict=True)]
        return next(filter(None, unmet), None)

    def _runs(self, index: int, arrangement: Arrangement, number: int | None) -> tuple[Assignment, ...]:
        agent = judged_before_merge(overridden(self.workflow.agents[index], vendor=None, model=None), self.workflow)
        nodeids = tuple(printable(f"{self.file}::{each.id}") for each in self.workflow.agents)
        place = recording_of_agent(str(self.path.parent), self.workflow.name, agent.id)
        planned = planned_in(self.workflow, arrangement, index, agent, nodeids)
        row = self._assignment(agent, planned, recording_in(self.rootdir, place))
        row = replace(row, protected=protected_globs(self.workflow, row, rootdir=self.rootdir))
        numbers = numbers_of(agent)
        if number is not None and number not in numbers:
            what = f"{agent.id!r} runs {len(numbers)} times" if numbers else f"{agent.id!r} runs once, without a number"
            hint = name_of_run(agent.id, len(numbers)) if numbers else agent.id
            raise BadUsage("replay", what, hint=f"name it {hint}")
        runs = [(each, printable(f"{self.file}::{name_of_run(agent.id, each)}")) for each in numbers]
        chosen = [run for run in runs if number in (None, run[0])]
        several = [
            (recording_of_run(place, attempt.number), replace(row, planned=one, selectors=selectors))
            for attempt, one, selectors in runs_of_row(row, chosen, self.rootdir)
        ]
        return tuple(self._with_recording(run, path) for path, run in several) or (row,)

    def _with_recording(self, run: Assignment, path: str) -> Assignment:
        recording = recording_in(self.rootdir, path)
        return replace(run, recording=recording, transcript=shown_path(self.rootdir, recording.transcript))

    def _assignment(self, agent: Subagent, planned: Planned, recording: Recording) -> Assignment:
        return Assignment(
            subagent=agent,
            planned=planned,
            contract=self.contracts.get(agent.contract),
            recording=recording,
            verifiers=tuple((name, load_verifier(name, self.rootdir, agent.where)) for name in agent.verify),
            transcript=shown_path(self.rootdir, recording.transcript),
            team=self._team,
        )


def judged_transcript(path: Path, *, rootdir: Path, contract: str | None, said_by: str) -> JudgedAgain:
    """A transcript that no workflow file declares, as one in a folder of them: by the nearest contract, or else
    `contract`, which `said_by` has named, and by what `expect.yaml` expects of it."""
    inside = path.is_relative_to(rootdir)
    file = printable((path.relative_to(rootdir) if inside else Path(path.name)).as_posix())
    ref = nearest_contract(path.parent, rootdir=rootdir, default=contract, said_by=said_by)
    loaded = Contracts().get(ref)
    expected = expectations_in(path.parent, rootdir).get(stem_of(path))
    agent = Subagent(id=file.removesuffix(".jsonl"), contract=ref, expect=expected, where=file)
    planned = Planned(nodeid=printable(f"{file}::{stem_of(path)}"), id=agent.id, expects=expects(expected))
    recording = recording_in(rootdir, str(path))
    shown = shown_path(rootdir, recording.transcript)
    assignment = Assignment(subagent=agent, planned=planned, contract=loaded, recording=recording, transcript=shown)
    result = replayed(assignment, runner("replay"))
    return JudgedAgain(row=result, alone=result, warnings=loaded.warnings)


def passes(row: Result, *, partial: Literal["pass", "fail"] = "pass") -> bool:
    """Whether pytest would let it pass."""
    if row.expected or row.status == "success":
        return True
    return row.status == "partial" and partial == "pass" and not row.waits_for_review
