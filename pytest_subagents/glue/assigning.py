"""From what a person wrote or a folder holds to assignments: the contract of each subagent, and its recording.

The readers of what people write are imported where they are needed: a folder of transcripts needs none of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec.structs import replace

from pytest_subagents.conduct.assignment import NO_TEAM, Assignment, Team
from pytest_subagents.conduct.overriding import overridden
from pytest_subagents.conduct.protecting import protected_globs
from pytest_subagents.conduct.several_runs import name_of_run, numbers_of, runs_of_row
from pytest_subagents.conduct.shown_paths import printable, shown_path
from pytest_subagents.conduct.teams import expects, judged_before_merge, planned_in, team_of
from pytest_subagents.conduct.transcript_folder import expectations_in, nearest_contract, stem_of
from pytest_subagents.conduct.verifying import load_verifier
from pytest_subagents.contract.loading import built_in_names
from pytest_subagents.errors import BadFile, BadUsage
from pytest_subagents.glue.run import Collected, Folder, Run
from pytest_subagents.model.ids import file_name
from pytest_subagents.model.result import Planned
from pytest_subagents.model.spec import Subagent, Workflow
from pytest_subagents.model.value import Value
from pytest_subagents.plan.arranging import arranged
from pytest_subagents.transcript.store import Recording, recording_in, recording_of_run
from pytest_subagents.vendors.registry import VENDORS


class Declared(Value, frozen=True, kw_only=True):
    """A subagent with its place in the run: the node id of its row, and its recording."""

    subagent: Subagent
    nodeid: str
    recording: str
    runs: tuple[tuple[int, str], ...] = ()
    """Where several runs make the row: the number of each, and the node id of its item."""
    team: Team = NO_TEAM


def of_workflow(run: Run, path: Path, file_nodeid: str) -> tuple[Assignment, ...]:
    """The assignments of a workflow file, each after what it needs.

    `BadFile` where the file is bad; `BadUsage` for a contract, a graph or a key that cannot be honoured.
    """
    from pytest_subagents.specify.workflow_file import read_workflow

    workflow = read_workflow(path, rootdir=run.rootdir, vendors=VENDORS, contracts=built_in_names())
    run.warnings += [f"{key.where}: {key.key!r} changes nothing here: {key.why}" for key in workflow.reported]
    folder = f"{path.parent}/recordings/{file_name(workflow.name)}"
    team = team_of(workflow, path, file=file_nodeid, rootdir=run.rootdir)
    declared = [
        Declared(
            subagent=judged_before_merge(
                overridden(agent, vendor=run.settings.vendor, model=run.settings.model), workflow
            ),
            nodeid=printable(f"{file_nodeid}::{agent.id}"),
            recording=f"{folder}/{file_name(agent.id)}.jsonl",
            runs=tuple(
                (number, printable(f"{file_nodeid}::{name_of_run(agent.id, number)}")) for number in numbers_of(agent)
            ),
            team=team,
        )
        for agent in workflow.agents
    ]
    if workflow.notify is not None and run.settings.live:
        run.told[printable(file_nodeid)] = workflow
    found = assigned(run, declared, workflow)
    if workflow.audit_log is not None:
        from pytest_subagents.glue.auditing import audited

        recordings = {each.planned.nodeid: each.recording.transcript for each in found}
        run.audits.append(audited(run, workflow, workflow.audit_log, recordings))
    if workflow.merge.at_end:
        from pytest_subagents.integration.integrating import check_mergeable

        check_mergeable(workflow)
        run.mergings.append(printable(file_nodeid))
    return found


def recording_of_test(path: Path, test: str, parameters: str) -> str:
    """Where the recording of a marked test is: `test` is its name with its class, `TestReview.test_all`."""
    return f"{path.parent}/recordings/{path.stem}/{file_name(f'{test}[{parameters}]')}.jsonl"


def assigned(run: Run, declared: Sequence[Declared], workflow: Workflow) -> tuple[Assignment, ...]:
    """The assignments of subagents that may wait for each other, each after what it waits for; known to the run from
    now on. `workflow` says what there is to say of their order; its subagents are these, under any ids.
    """
    arrangement = arranged(workflow)
    nodeids = tuple(each.nodeid for each in declared)
    run.collected.append(Collected(workflow=workflow, nodeids=nodeids))
    order = arrangement
    if run.again:
        from pytest_subagents.glue.again import arranged_again

        order = arranged_again(run, workflow, nodeids, arrangement)
    assignments: list[Assignment] = []
    for index in order.order:
        each, agent = declared[index], declared[index].subagent
        said = {dependency.agent for dependency in workflow.agents[index].depends_on}
        planned = planned_in(workflow, arrangement, index, agent, nodeids)
        assignment = _assignment(run, agent, planned, recording_in(run.rootdir, each.recording), each.team)
        assignment = replace(
            assignment,
            after=tuple(nodeids[other] for other in order.after[index]),
            inferred=frozenset(
                nodeids[need] for need in arrangement.needs[index] if workflow.agents[need].id not in said
            ),
            protected=protected_globs(workflow, assignment, rootdir=run.rootdir),
        )
        if each.nodeid in run.again:
            from pytest_subagents.glue.again import as_again

            assignment = as_again(run, assignment)
        assignments += _runs(run, assignment, each) if each.runs else [assignment]
    return tuple(_admit(run, assignment) for assignment in assignments)


def _runs(run: Run, row: Assignment, declared: Declared) -> Iterator[Assignment]:
    """Several runs of one subagent, each with a recording of its own."""
    run.attempts[declared.nodeid] = tuple(nodeid for _, nodeid in declared.runs)
    for attempt, planned, selectors in runs_of_row(row, declared.runs, run.rootdir):
        recording = recording_in(run.rootdir, recording_of_run(declared.recording, attempt.number))
        yield replace(
            row,
            planned=planned,
            selectors=selectors,
            recording=recording,
            transcript=shown_path(run.rootdir, recording.transcript),
        )


def of_transcript(run: Run, path: Path, file_nodeid: str) -> Assignment:
    """The assignment of a transcript in a folder: no instructions, the nearest contract, what `expect.yaml` says."""
    folder = _folder(run, path.parent)
    subagent = Subagent(
        id=printable(file_nodeid.removesuffix(".jsonl")),
        contract=folder.contract,
        expect=folder.expectations.get(stem_of(path)),
        where=shown_path(run.rootdir, str(path)),
    )
    planned = Planned(
        nodeid=printable(f"{file_nodeid}::{stem_of(path)}"), id=subagent.id, expects=expects(subagent.expect)
    )
    return _admit(run, _assignment(run, subagent, planned, recording_in(run.rootdir, str(path))))


def _assignment(
    run: Run, subagent: Subagent, planned: Planned, recording: Recording, team: Team | None = None
) -> Assignment:
    contract = run.contracts.get(subagent.contract)
    if contract.warnings:
        run.warnings += [warning for warning in contract.warnings if warning not in run.warnings]
    return Assignment(
        subagent=subagent,
        planned=planned,
        contract=contract,
        recording=recording,
        verifiers=tuple((address, load_verifier(address, run.rootdir, subagent.where)) for address in subagent.verify),
        transcript=shown_path(run.rootdir, recording.transcript),
        team=team,
    )


def _admit(run: Run, assignment: Assignment) -> Assignment:
    """`assignment`, known to the run under its node id, which must be its own."""
    nodeid = assignment.planned.nodeid
    earlier = run.assignments.get(nodeid)
    if earlier is not None and earlier.recording != assignment.recording:
        raise BadUsage(
            printable(nodeid),
            "two transcripts come to the same node id",
            hint="name the folder that holds both instead of the files or folders themselves",
        )
    run.assignments[nodeid] = assignment
    run.needed.update(each for other in assignment.waits_for for each in run.items_of(other))
    return assignment


def _folder(run: Run, folder: Path) -> Folder:
    """What the files of `folder` say of all transcripts in it, read once; `BadFile` where one of them is bad."""
    known = run.folders.get(folder)
    if known is None:
        run.folders[folder] = Folder()  # where a file of it is bad, that is said once, not for every transcript
        _refuse_what_pytest_passes_over(run, folder)
        known = run.folders[folder] = Folder(
            contract=nearest_contract(
                folder, rootdir=run.rootdir, default=run.settings.contract, said_by="ini subagents_contract"
            ),
            expectations=expectations_in(folder, run.rootdir),
        )
    return known


def _refuse_what_pytest_passes_over(run: Run, folder: Path) -> None:
    """pytest collects what is a file, and is silent of a link in a circle or to nowhere, of a FIFO or a device."""
    for path in sorted(folder.glob("*.jsonl")):
        if not os.path.isfile(path) and not os.path.isdir(path):
            raise BadFile(
                shown_path(run.rootdir, str(path)),
                "it is named like a transcript and is no file that can be read",
                hint="a link that leads nowhere? mend or remove it",
            )
