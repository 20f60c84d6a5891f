"""`@pytest.mark.subagents(...)` and `@pytest.mark.subagent(...)`, from their arguments to subagents."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from pytest_subagents.errors import BadUsage
from pytest_subagents.model.ids import clash_of
from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.spec import Subagent
from pytest_subagents.specify.agent import read_agent
from pytest_subagents.specify.articles import Rewriting
from pytest_subagents.specify.place import Place, Source, quoted
from pytest_subagents.specify.python_values import fields_of, table_of, vendors_of


class MarkLike(Protocol):
    """A mark as pytest keeps it: `pytest.Mark` is one."""

    @property
    def name(self) -> str: ...

    @property
    def args(self) -> tuple[object, ...]: ...

    @property
    def kwargs(self) -> Mapping[str, object]: ...


def from_marks(
    marks: Sequence[MarkLike],
    where: str,
    *,
    folder: Path,
    rootdir: Path,
    vendors: Collection[str],
    contracts: Collection[str],
    schema_of: Callable[[type], JsonValue] | None = None,
) -> tuple[Subagent, ...]:
    """The subagents of one test, in the order of `marks`; other marks are passed over.

    Every value is read as strictly as in a workflow file. `where` is the node id of the test and `folder` the one of
    its file, from which the paths of contracts start. Whether `depends_on` names subagents that exist is for
    `dependencies.unmet`, since they may belong to other tests of the module. Raises `BadUsage`.
    """
    source = Source(
        shown=where,
        rootdir=rootdir,
        folder=folder,
        error=BadUsage,
        vendors=vendors,
        contracts=frozenset(contracts),
        schema_of=schema_of,
    )
    at = Place(source)
    subagents = tuple(_read(fields, at) for mark in marks for fields in _declared(mark, at))
    seen: set[str] = set()
    for subagent in subagents:
        if subagent.id in seen:
            raise at.fault(0, f"the id {quoted(subagent.id)} is given twice")
        seen.add(subagent.id)
    clash = clash_of(subagent.id for subagent in subagents)
    if clash is not None:
        what = f"the ids {quoted(clash[0])} and {quoted(clash[1])} differ in case alone"
        raise at.fault(0, what, hint="some file systems take them for the same")
    return subagents


def _declared(mark: MarkLike, at: Place) -> Iterator[Mapping[str, object]]:
    """What each subagent of a mark was given."""
    match mark.name:
        case "subagents":
            yield from _several(mark, at)
        case "subagent":
            if mark.args:
                hint = "write @pytest.mark.subagent(id=..., task=...)"
                raise at.fault(0, "the mark 'subagent' takes keywords only", hint=hint)
            yield mark.kwargs


def _several(mark: MarkLike, at: Place) -> Iterator[Mapping[str, object]]:
    hint = "write @pytest.mark.subagents(Subagent(id=..., task=...), ...)"
    if mark.kwargs:
        raise at.fault(0, f"the mark 'subagents' takes no keyword {quoted(next(iter(mark.kwargs)))}", hint=hint)
    if not mark.args:
        raise at.fault(0, "the mark 'subagents' declares no subagent", hint=hint)
    for index, value in enumerate(mark.args):
        if not isinstance(value, Subagent):
            kind = "type" if isinstance(value, type) else type(value).__name__
            raise at.fault(0, f"argument {index + 1} of the mark 'subagents' is a {kind}", hint=hint)
        yield fields_of(value)


def _read(fields: Mapping[str, object], at: Place) -> Subagent:
    id = fields.get("id")
    here = at.of_agent(id) if isinstance(id, str) else at
    table = table_of({**fields, **({"vendors": vendors_of(fields["vendors"])} if "vendors" in fields else {})}, here)
    return read_agent(Rewriting(at=here).agent(table, here), at).subagent
