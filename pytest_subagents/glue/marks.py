"""Marked test functions: their subagents as parameters, and what happens to them where the plugin is off."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import cast

import pytest
from msgspec.structs import replace

from pytest_subagents.conduct.overriding import overridden
from pytest_subagents.conduct.several_runs import OneOfSeveral, name_of_run, numbers_of
from pytest_subagents.conduct.shown_paths import printable
from pytest_subagents.contract.from_python import schema_of
from pytest_subagents.contract.loading import built_in_names
from pytest_subagents.errors import BadUsage, SubagentsError
from pytest_subagents.glue import assigning
from pytest_subagents.glue.outcome import shown
from pytest_subagents.glue.repeating import without_repetition
from pytest_subagents.glue.run import NODE_KEY, RUN_KEY, Run
from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.spec import Subagent, Workflow
from pytest_subagents.model.value import Value
from pytest_subagents.vendors.registry import VENDORS

NAMES = ("subagents", "subagent")
"""The marks, of which a test may carry several."""

_OFF = pytest.mark.skip(reason="subagents are not switched on (pytest --subagents)")


def parametrize(metafunc: pytest.Metafunc) -> None:
    """Make one item for each subagent that the marks of a test declare."""
    run = metafunc.config.stash.get(RUN_KEY, None)
    try:
        agents = _declared(metafunc, run)
    except SubagentsError as error:
        if run is None:
            raise pytest.Collector.CollectError(shown(str(error))) from None
        run.blame(_as_usage(error))
        agents = ()
    # A fixture need not be among the test's arguments to be parametrized, only among its fixtures.
    if "subagent" not in metafunc.fixturenames:
        metafunc.fixturenames.append("subagent")
    marks = () if run is not None else (_OFF,)
    values = [value for agent in agents for value in _parameters(agent, marks)]
    metafunc.parametrize("subagent", values, indirect=True)


def admit(run: Run, items: Iterable[pytest.Item]) -> None:
    """Make assignments of the marked tests among `items`: only now their node ids are known."""
    modules: dict[Path, list[pytest.Function]] = {}
    for item in items:
        if isinstance(item, pytest.Function) and agent_of(item) is not None:
            item.stash[NODE_KEY] = printable(item.nodeid)
            modules.setdefault(item.path, []).append(item)
    for members in modules.values():
        try:
            _admit_module(run, members)
        except SubagentsError as error:
            run.blame(_as_usage(error))


def agent_of(item: pytest.Item) -> Subagent | None:
    """The subagent of a marked test; None for every other item, those of files too."""
    match _parameter_of(item):
        case Subagent() as agent:
            return agent
        case OneOfSeveral(agent=agent):
            return agent
    return None


def _parameters(agent: Subagent, marks: Sequence[pytest.MarkDecorator]) -> Iterator[object]:
    """What a test is run with: `agent`, or each of its runs, called `math[1]`, `math[2]`."""
    numbers = numbers_of(agent)
    if not numbers:
        yield pytest.param(agent, id=agent.id, marks=marks)
    for number in numbers:
        value = OneOfSeveral(agent=agent, number=number)
        yield pytest.param(value, id=name_of_run(agent.id, number), marks=marks)


def _parameter_of(item: pytest.Item) -> object:
    callspec = getattr(item, "callspec", None)
    return callspec.params.get("subagent") if callspec is not None else None


def _declared(metafunc: pytest.Metafunc, run: Run | None) -> Sequence[Subagent]:
    from pytest_subagents.specify.marks import from_marks

    definition = metafunc.definition
    marks = [mark for name in NAMES for mark in definition.iter_markers(name)]
    return from_marks(
        marks,
        where=definition.nodeid,
        folder=definition.path.parent,
        rootdir=metafunc.config.rootpath,
        vendors=VENDORS,
        contracts=built_in_names(),
        schema_of=_schema_of,
    )


@lru_cache(maxsize=256)
def _schema_of(model: type) -> JsonValue:
    return cast(JsonValue, schema_of(model))


def _as_usage(error: SubagentsError) -> BadUsage:
    return error if isinstance(error, BadUsage) else BadUsage(error.where, error.what, hint=error.hint)


def _admit_module(run: Run, members: Sequence[pytest.Function]) -> None:
    places = _Places(members)
    module = printable(members[0].nodeid.partition("::")[0])
    rows = _rows(members, repeated=not run.settings.live)
    named = tuple(
        replace(
            row.agent,
            id=row.nodeid,
            depends_on=tuple(
                replace(dependency, agent=places.of(dependency.agent, row.item, row.agent))
                for dependency in row.agent.depends_on
            ),
        )
        for row in rows
    )
    assigning.assigned(
        run,
        [
            assigning.Declared(
                subagent=overridden(row.agent, vendor=run.settings.vendor, model=run.settings.model),
                nodeid=row.nodeid,
                recording=assigning.recording_of_test(row.item.path, _name_of(row.item), row.parameters),
                runs=row.runs,
            )
            for row in rows
        ],
        Workflow(name=module, agents=named, where=module),
    )


class _Row(Value, frozen=True, kw_only=True):
    """A subagent of a marked test with one set of its other parameters."""

    agent: Subagent
    item: pytest.Function
    """The first of its items."""
    nodeid: str
    parameters: str
    """Between the brackets of its node id."""
    runs: tuple[tuple[int, str], ...] = ()


def _rows(members: Sequence[pytest.Function], *, repeated: bool = False) -> tuple[_Row, ...]:
    """In the order of their first items. With `repeated`, repetitions of a test share the recording of it."""
    rows: dict[str, _Row] = {}
    for item in members:
        nodeid, parameters = item.stash[NODE_KEY], item.callspec.id
        recorded = without_repetition(item) if repeated else parameters
        match _parameter_of(item):
            case Subagent() as agent:
                rows[nodeid] = _Row(agent=agent, item=item, nodeid=nodeid, parameters=recorded)
            case OneOfSeveral(agent=agent, number=number):
                whole = _without_number(parameters, number)
                name = nodeid.removesuffix(f"[{printable(parameters)}]") + f"[{printable(whole)}]"
                row = rows.setdefault(
                    name, _Row(agent=agent, item=item, nodeid=name, parameters=_without_number(recorded, number))
                )
                rows[name] = replace(row, runs=(*row.runs, (number, nodeid)))
    return tuple(rows.values())


def _without_number(parameters: str, number: int) -> str:
    """`x-math[2]-y` to `x-math-y`: the last of its kind, as other parameters may be called anything."""
    before, _, after = parameters.rpartition(f"[{number}]")
    return before + after


def _row_of(item: pytest.Function) -> str:
    """The node id of the row that an item is of."""
    (row,) = _rows([item])
    return row.nodeid


class _Places:
    """Which items a `depends_on` of a mark means: one of the same test with the same other parameters, else the only
    one of that id in the module.
    """

    def __init__(self, members: Sequence[pytest.Function]) -> None:
        self._beside: dict[tuple[object, ...], str] = {}
        self._anywhere: dict[str, list[str]] = {}
        for item in members:
            agent = agent_of(item)
            if agent is not None:
                row = _row_of(item)
                self._beside[(_group_of(item), agent.id)] = row
                if row not in (rows := self._anywhere.setdefault(agent.id, [])):
                    rows.append(row)

    def of(self, id: str, item: pytest.Function, agent: Subagent) -> str:
        beside = self._beside.get((_group_of(item), id))
        if beside is not None:
            return beside
        found = self._anywhere.get(id, [])
        if len(found) == 1:
            return found[0]
        if found:
            raise BadUsage(agent.where, f"depends_on: {id!r} is the id of several subagents", hint=", ".join(found[:3]))
        near = difflib.get_close_matches(id, self._anywhere, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"the ids of this module: {', '.join(sorted(self._anywhere))}"
        raise BadUsage(agent.where, f"depends_on: no subagent of this module is called {id!r}", hint=hint)


def _group_of(item: pytest.Function) -> tuple[object, ...]:
    """What the items of one test with the same other parameters have in common."""
    others = sorted((name, id(value)) for name, value in item.callspec.params.items() if name != "subagent")
    return (item.nodeid.partition("[")[0], *others)


def _name_of(item: pytest.Function) -> str:
    """The test with its classes: `TestReview.test_all`."""
    return ".".join([*(node.name for node in item.listchain() if isinstance(node, pytest.Class)), item.originalname])
