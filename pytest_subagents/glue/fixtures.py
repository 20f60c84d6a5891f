"""The bodies of the fixtures, which plugin.py only names."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from os import PathLike
from pathlib import Path, PurePosixPath
from typing import Protocol, TypeAlias, cast

import pytest

from pytest_subagents.aggregate.fold import Tally
from pytest_subagents.aggregate.report import report_of
from pytest_subagents.conduct.assignment import Assignment
from pytest_subagents.conduct.replayed import replayed
from pytest_subagents.conduct.shown_paths import printable, shown_path
from pytest_subagents.contract.from_python import schema_of
from pytest_subagents.contract.loading import Contracts, built_in_names
from pytest_subagents.glue.marks import agent_of
from pytest_subagents.glue.run import NODE_KEY, RUN_KEY
from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.report import Report
from pytest_subagents.model.result import Planned, Result
from pytest_subagents.model.spec import RESULT, ContractRef, Subagent
from pytest_subagents.runners.registry import runner
from pytest_subagents.transcript.store import Recording

AggregateResults: TypeAlias = Callable[[Iterable[Result]], Report]


class ReplayTranscript(Protocol):
    def __call__(self, path: str | PathLike[str], *, contract: object = None, id: str | None = None) -> Result:
        """The result of the transcript at `path`, which is relative to the test's folder.

        `contract` is the name of a built-in one, a path, a schema as a dict, a Pydantic model or a dataclass;
        by default `result`. `id` is by default the stem of the file.
        """
        ...


def subagent_of(request: pytest.FixtureRequest) -> Subagent:
    agent = agent_of(_marked(request))
    assert agent is not None
    return agent


def result_of_item(request: pytest.FixtureRequest) -> Result:
    item = _marked(request)
    return item.config.stash[RUN_KEY].result_of(item.stash[NODE_KEY])


def nodeid_of_item(request: pytest.FixtureRequest) -> str:
    return _marked(request).stash[NODE_KEY]


def replayer(request: pytest.FixtureRequest) -> ReplayTranscript:
    folder, rootdir = request.path.parent, request.config.rootpath
    contracts = Contracts()

    def replay_transcript(path: str | PathLike[str], *, contract: object = None, id: str | None = None) -> Result:
        file = folder / path
        name = id or file.name.removesuffix(".jsonl")
        subagent = Subagent(id=printable(name), contract=_contract(contract, folder))
        shown = shown_path(rootdir, str(file))
        assignment = Assignment(
            subagent=subagent,
            planned=Planned(nodeid=f"{shown}::{subagent.id}", id=subagent.id),
            contract=contracts.get(subagent.contract),
            recording=Recording(transcript=str(file)),
            transcript=shown,
        )
        return replayed(assignment, runner("replay"))

    return replay_transcript


def aggregate(results: Iterable[Result]) -> Report:
    """The report that `results` fold into, whatever their order; rows are told apart by `planned.nodeid`."""
    return report_of(Tally.of(results=results))


def _contract(contract: object, folder: Path) -> ContractRef:
    match contract:
        case None:
            return RESULT
        case ContractRef():
            return contract
        case str() if contract in built_in_names():
            return ContractRef(name=contract)
        case str() | PathLike():
            return ContractRef(path=PurePosixPath(folder / contract), where=str(contract))
        case dict():
            return ContractRef(schema=cast(JsonValue, contract))
        case type():
            return ContractRef(schema=cast(JsonValue, schema_of(contract)), where=contract.__name__)
        case _:
            raise TypeError(f"contract is {type(contract).__name__}, not a name, path, schema, model or dataclass")


def _marked(request: pytest.FixtureRequest) -> pytest.Function:
    item = request.node
    if NODE_KEY not in item.stash:
        pytest.fail(
            "this fixture is for tests that are marked: @pytest.mark.subagents(...) or @pytest.mark.subagent(...)",
            pytrace=False,
        )
    return cast(pytest.Function, item)
