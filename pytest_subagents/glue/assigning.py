"""From what a person wrote or a folder holds to assignments: what each subagent is judged by, and where its recording is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path, PurePosixPath

from pytest_subagents.conduct import Assignment, Verifier
from pytest_subagents.contract.loading import built_in_names
from pytest_subagents.errors import BadUsage
from pytest_subagents.glue.run import Run
from pytest_subagents.glue.verifying import load_verifier
from pytest_subagents.model.ids import file_name
from pytest_subagents.model.result import Planned
from pytest_subagents.model.spec import RESULT, ContractRef, Expectation, FieldMap, Subagent
from pytest_subagents.plan.graph import order_agents, waves_of
from pytest_subagents.specify.contract_map import read_map
from pytest_subagents.specify.expectations import read_expectations
from pytest_subagents.specify.honouring import refusals
from pytest_subagents.specify.workflow_file import read_workflow
from pytest_subagents.transcript.store import Recording
from pytest_subagents.vendors.registry import VENDORS


def of_workflow(run: Run, path: Path, file_nodeid: str) -> tuple[Assignment, ...]:
    """The assignments of a workflow file, each after what it needs.

    `BadFile` where the file is bad; `BadUsage` for a contract, a graph or a key that cannot be honoured.
    """
    workflow = read_workflow(path, rootdir=run.rootdir, vendors=VENDORS, contracts=built_in_names())
    for refusal in refusals(workflow, run.settings.mode):
        raise refusal
    folder = path.parent / "recordings" / file_name(workflow.name)
    return _assigned(
        run,
        workflow.agents,
        nodeid_of=lambda agent: printable(f"{file_nodeid}::{agent.id}"),
        recording_of=lambda agent: folder / f"{file_name(agent.id)}.jsonl",
    )


def of_marks(
    run: Run,
    agents: Sequence[Subagent],
    path: Path,
    test: str,
    *,
    nodeid_of: Callable[[Subagent], str],
    parameter_of: Callable[[Subagent], str],
) -> tuple[Assignment, ...]:
    """The assignments of one marked test; `test` is its name with its class, `TestReview.test_all`."""
    for refusal in refusals(agents, run.settings.mode):
        raise refusal
    folder = path.parent / "recordings" / path.stem
    return _assigned(
        run,
        agents,
        nodeid_of=nodeid_of,
        recording_of=lambda agent: folder / f"{_one_name(test)}[{_one_name(parameter_of(agent))}].jsonl",
    )


def of_transcript(run: Run, path: Path, file_nodeid: str) -> Assignment:
    """The assignment of a transcript in a folder: no instructions, the nearest contract, what `expect.yaml` says."""
    subagent = Subagent(
        id=printable(file_nodeid.removesuffix(".jsonl")),
        contract=_nearest_contract(run, path.parent),
        expect=_expectations(run, path.parent).get(stem_of(path)),
        where=_shown_path(run, path),
    )
    planned = Planned(nodeid=printable(f"{file_nodeid}::{stem_of(path)}"), id=subagent.id, expects=_expects(subagent.expect))
    return _admit(run, _assignment(run, subagent, planned, Recording(transcript=path)))


def stem_of(path: Path) -> str:
    return path.name.removesuffix(".jsonl")


def _one_name(text: str) -> str:
    """`text` as one part of a file name: safe, and with no folder in it."""
    return file_name(text.replace("/", "%2F"))


def printable(text: str) -> str:
    """`text` without the lone surrogates that stand for undecodable bytes of a file name."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _assigned(
    run: Run,
    agents: Sequence[Subagent],
    *,
    nodeid_of: Callable[[Subagent], str],
    recording_of: Callable[[Subagent], Path],
) -> tuple[Assignment, ...]:
    ordered = order_agents(agents)
    waves = waves_of(ordered)
    nodeids = {agent.id: nodeid_of(agent) for agent in ordered}
    assignments = []
    for agent in ordered:
        needs = tuple(dependency.agent for dependency in agent.depends_on)
        planned = Planned(
            nodeid=nodeids[agent.id],
            id=agent.id,
            vendor=agent.vendor,
            model=agent.model,
            task=agent.title,
            scope=agent.scope,
            depends_on=needs,
            needs=tuple(nodeids[need] for need in needs),
            wave=waves[agent.id],
            expects=_expects(agent.expect),
        )
        assignments.append(_assignment(run, agent, planned, Recording(transcript=recording_of(agent))))
    return tuple(_admit(run, assignment) for assignment in assignments)


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
    return run.expectations[folder]


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
