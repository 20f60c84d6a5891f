"""Marked test functions: their subagents as parameters, and what happens to them where the plugin is off."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import pytest

from pytest_subagents.contract.from_python import schema_of
from pytest_subagents.errors import BadUsage, SubagentsError
from pytest_subagents.glue import assigning
from pytest_subagents.glue.items import SubagentItem
from pytest_subagents.glue.outcome import shown
from pytest_subagents.glue.run import NODE_KEY, RUN_KEY, Run
from pytest_subagents.model.spec import Subagent
from pytest_subagents.specify.marks import from_marks
from pytest_subagents.vendors.registry import VENDORS

NAMES = ("subagents", "subagent")
"""The marks, of which a test may carry several."""


def parametrize(metafunc: pytest.Metafunc) -> None:
    """Make one item for each subagent that the marks of a test declare."""
    run = metafunc.config.stash.get(RUN_KEY, None)
    try:
        agents = _declared(metafunc, run)
    except SubagentsError as error:
        if run is None:
            raise pytest.Collector.CollectError(shown(str(error))) from None
        run.mistakes.append(_as_usage(error))
        agents = ()
    # A fixture need not be among the test's arguments to be parametrized, only among its fixtures.
    if "subagent" not in metafunc.fixturenames:
        metafunc.fixturenames.append("subagent")
    metafunc.parametrize("subagent", agents, ids=[agent.id for agent in agents], indirect=True)


def admit(run: Run, items: Iterable[pytest.Item]) -> None:
    """Make assignments of the marked tests among `items`: only now their node ids are known."""
    groups: dict[tuple[object, ...], list[pytest.Function]] = {}
    for item in items:
        agent = agent_of(item)
        if agent is not None and isinstance(item, pytest.Function):
            groups.setdefault(_group_of(item), []).append(item)
    for members in groups.values():
        _admit_group(run, members)


def agent_of(item: pytest.Item) -> Subagent | None:
    """The subagent of a marked test; None for every other item, those of files too."""
    callspec = getattr(item, "callspec", None)
    agent = callspec.params.get("subagent") if callspec is not None else None
    return agent if isinstance(agent, Subagent) else None


def skip_where_off(item: pytest.Item) -> None:
    """Skip a marked test where the plugin is installed and not switched on."""
    if RUN_KEY not in item.config.stash and not isinstance(item, SubagentItem):
        pytest.skip("subagents are not switched on (pytest --subagents)")


def _declared(metafunc: pytest.Metafunc, run: Run | None) -> Sequence[Subagent]:
    definition = metafunc.definition
    marks = [mark for name in NAMES for mark in definition.iter_markers(name)]
    return from_marks(
        marks,
        where=definition.nodeid,
        folder=definition.path.parent,
        rootdir=metafunc.config.rootpath,
        vendors=VENDORS,
        contracts=assigning.built_in_names(),
        schema_of=_schema_of,
    )


@lru_cache(maxsize=256)
def _schema_of(model: type) -> object:
    return schema_of(model)


def _as_usage(error: SubagentsError) -> BadUsage:
    return error if isinstance(error, BadUsage) else BadUsage(error.where, error.what, hint=error.hint)


def _group_of(item: pytest.Function) -> tuple[object, ...]:
    """What the items of one test with the same other parameters have in common: only these may need each other."""
    others = sorted((name, id(value)) for name, value in item.callspec.params.items() if name != "subagent")
    return (item.nodeid.partition("[")[0], *others)


def _admit_group(run: Run, members: Sequence[pytest.Function]) -> None:
    by_id = {agent.id: item for item in members if (agent := agent_of(item)) is not None}
    agents = [agent for item in members if (agent := agent_of(item)) is not None]
    first = members[0]
    names = [node.name for node in first.listchain() if isinstance(node, pytest.Class)]
    test = ".".join([*names, first.originalname])
    for item in members:
        item.stash[NODE_KEY] = assigning.printable(item.nodeid)
    try:
        assigning.of_marks(
            run,
            agents,
            first.path,
            test,
            nodeid_of=lambda agent: by_id[agent.id].stash[NODE_KEY],
            parameter_of=lambda agent: by_id[agent.id].callspec.id,
        )
    except SubagentsError as error:
        run.mistakes.append(_as_usage(error))
