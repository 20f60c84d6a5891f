"""From what a person wrote or a folder holds to assignments: the contract of each subagent, and its recording."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

from pytest_subagents.conduct import Assignment, Verifier
from pytest_subagents.contract.loading import built_in_names
from pytest_subagents.errors import BadFile, BadUsage
from pytest_subagents.glue.run import Run
from pytest_subagents.glue.verifying import load_verifier
from pytest_subagents.model.ids import file_name
from pytest_subagents.model.result import Planned
from pytest_subagents.model.spec import RESULT, ContractRef, Expectation, FieldMap, Subagent
from pytest_subagents.plan.graph import ordered, waves_of
from pytest_subagents.specify.contract_map import read_map
from pytest_subagents.specify.expectations import read_expectations
from pytest_subagents.specify.honouring import refusals
from pytest_subagents.specify.workflow_file import read_workflow
from pytest_subagents.transcript.store import Recording
from pytest_subagents.vendors.registry import VENDORS


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A subagent with its place in the run: its node id, those of what it needs, and its recording."""

    subagent: Subagent
    nodeid: str
    needs: tuple[str, ...]
    recording: Path


def of_workflow(run: Run, path: Path, file_nodeid: str) -> tuple[Assignment, ...]:
    """The assignments of a workflow file, each after what it needs.

    `BadFile` where the file is bad; `BadUsage` for a contract, a graph or a key that cannot be honoured.
    """
    workflow = read_workflow(path, rootdir=run.rootdir, vendors=VENDORS, contracts=built_in_names())
    for refusal in refusals(workflow, run.settings.mode):
        raise refusal
    run.warnings += [f"{key.where}: {key.key!r} is read and changes nothing here: {key.why}" for key in workflow.reported]
    folder = path.parent / "recordings" / file_name(workflow.name)
    return assigned(
        run,
        [
            Declared(
                subagent=agent,
                nodeid=printable(f"{file_nodeid}::{agent.id}"),
                needs=tuple(printable(f"{file_nodeid}::{dependency.agent}") for dependency in agent.depends_on),
                recording=folder / f"{file_name(agent.id)}.jsonl",
            )
            for agent in workflow.agents
        ],
    )


def recording_of_test(path: Path, test: str, parameters: str) -> Path:
    """Where the recording of a marked test is: `test` is its name with its class, `TestReview.test_all`."""
    return path.parent / "recordings" / path.stem / f"{file_name(f'{test}[{parameters}]')}.jsonl"


def assigned(run: Run, declared: Sequence[Declared]) -> tuple[Assignment, ...]:
    """The assignments of subagents that may need each other, each after what it needs; known to the run from now on."""
    by_nodeid = {each.nodeid: each for each in declared}
    needs = {each.nodeid: each.needs for each in declared}
    order = ordered(
        needs,
        where=lambda nodeid: by_nodeid[nodeid].subagent.where,
        shown=lambda nodeid: by_nodeid[nodeid].subagent.id,
    )
    waves = waves_of(needs, order)
    assignments = []
    for nodeid in order:
        each = by_nodeid[nodeid]
        agent = each.subagent
        planned = Planned(
            nodeid=nodeid,
            id=agent.id,
            vendor=agent.vendor,
            model=agent.model,
            task=agent.title,
            scope=agent.scope,
            depends_on=tuple(dependency.agent for dependency in agent.depends_on),
            needs=each.needs,
            wave=waves[nodeid],
            expects=_expects(agent.expect),
        )
        assignments.append(_assignment(run, agent, planned, Recording(transcript=each.recording)))
    return tuple(_admit(run, assignment) for assignment in assignments)


def of_transcript(run: Run, path: Path, file_nodeid: str) -> Assignment:
    """The assignment of a transcript in a folder: no instructions, the nearest contract, what `expect.yaml` says."""
    subagent = Subagent(
        id=printable(file_nodeid.removesuffix(".jsonl")),
        contract=_nearest_contract(run, path.parent),
        expect=_expectations(run, path.parent).get(stem_of(path)),
        where=_shown_path(run, path),
    )
    planned = Planned(
        nodeid=printable(f"{file_nodeid}::{stem_of(path)}"), id=subagent.id, expects=_expects(subagent.expect)
    )
    return _admit(run, _assignment(run, subagent, planned, Recording(transcript=path)))


def stem_of(path: Path) -> str:
    return path.name.removesuffix(".jsonl")


def printable(text: str) -> str:
    """`text` without the lone surrogates that stand for undecodable bytes of a file name."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _assignment(run: Run, subagent: Subagent, planned: Planned, recording: Recording) -> Assignment:
    contract = run.contracts.get(subagent.contract)
    run.warnings += [warning for warning in contract.warnings if warning not in run.warnings]
    return Assignment(
        subagent=subagent,
        planned=planned,
        contract=contract,
        recording=recording,
        verifiers=tuple((address, _verifier(run, address, subagent.where)) for address in subagent.verify),
        transcript=_shown_path(run, recording.transcript),
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
    run.needed.update(assignment.planned.needs)
    return assignment


def _verifier(run: Run, address: str, where: str) -> Verifier:
    return load_verifier(address, run.rootdir, where)


def _nearest_contract(run: Run, folder: Path) -> ContractRef:
    found = _contract_above(folder, run.rootdir)
    if found is not None:
        return ContractRef(
            path=PurePosixPath(found), map=_map_beside(found, run.rootdir), where=_shown_path(run, found)
        )
    name = run.settings.contract
    if name is None or name in built_in_names():
        return RESULT if name is None else ContractRef(name=name, where="ini subagents_contract")
    path = run.rootdir / name
    return ContractRef(
        path=PurePosixPath(path), map=_map_beside(path, run.rootdir), where=f"ini subagents_contract = {name}"
    )


@lru_cache(maxsize=1024)
def _contract_above(folder: Path, rootdir: Path) -> Path | None:
    """`contract.json` in `folder` or the nearest folder above it, up to the rootdir (for others: two levels up)."""
    inside = folder == rootdir or rootdir in folder.parents
    for here in [folder, *folder.parents][: None if inside else 3]:
        if (here / "contract.json").is_file():
            return here / "contract.json"
        if here == rootdir:
            return None
    return None


def _map_beside(contract: Path, rootdir: Path) -> FieldMap | None:
    path = contract.with_name(f"{contract.stem}.map.yaml")
    return read_map(path, rootdir) if path.is_file() else None


def _expectations(run: Run, folder: Path) -> dict[str, Expectation]:
    if folder not in run.expectations:
        path = folder / "expect.yaml"
        run.expectations[folder] = dict(read_expectations(path, run.rootdir)) if path.is_file() else {}
        _require_recordings(run, folder, path)
    return run.expectations[folder]


def _require_recordings(run: Run, folder: Path, path: Path) -> None:
    """An expectation of a recording that is not there would be one that nothing can ever break."""
    stems = {stem_of(file) for file in folder.glob("*.jsonl")}
    for stem in sorted(run.expectations[folder].keys() - stems):
        near = difflib.get_close_matches(stem, stems, n=1)
        hint = f"did you mean {near[0]!r}?" if near else "name it as its file, without '.jsonl'"
        raise BadFile(_shown_path(run, path), f"there is no recording {stem!r} beside it", hint=hint)


def _expects(expect: Expectation | None) -> str | None:
    if expect is None:
        return None
    return expect.status if expect.kind is None else f"{expect.status}:{expect.kind}"


def _shown_path(run: Run, path: Path) -> str:
    """`path` from the rootdir; one that is elsewhere is shown by its name, since a report holds no absolute path."""
    try:
        return printable(path.relative_to(run.rootdir).as_posix())
    except ValueError:
        return printable(path.name)
