"""The keys of a map from a contract's fields to ours: `contract.map` and `contract.map.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pytest_subagents.model.spec import FieldMap
from pytest_subagents.specify.kinds.containers import AnyScalar, ListOf, MapOf, OrNothing
from pytest_subagents.specify.kinds.record import Key, Record
from pytest_subagents.specify.kinds.scalars import Choice, Text
from pytest_subagents.specify.wording import POINTER_PATTERN, pointer_problem

SEVERITIES: Final = ("critical", "high", "medium", "low", "info")

_VALUES: Final = ListOf(of=AnyScalar(), plural="values")


def _severities(words: Mapping[str, str]) -> Mapping[str, str]:
    return words


POINTER: Final = OrNothing(
    of=Text(words="JSON Pointer", problem=pointer_problem, pattern=POINTER_PATTERN, may_be_empty=True)
)


def _pointer(name: str, doc: str, default: str) -> Key:
    return Key(name=name, kind=POINTER, doc=doc, default=default, replay="honoured")


FIELD_MAP: Final = Record(
    make=FieldMap,
    keys=(
        _pointer(
            "status",
            "Where the contract keeps its status; null where it has none: a valid answer is a success",
            "/status",
        ),
        Key(
            name="success",
            kind=_VALUES,
            doc="The values at `status` that mean success",
            default="[success]",
            replay="honoured",
        ),
        Key(
            name="partial",
            kind=_VALUES,
            doc="The values at `status` that mean partial",
            default="[partial]",
            replay="honoured",
        ),
        Key(
            name="failed",
            kind=_VALUES,
            doc="The values at `status` that mean failed; so does any other",
            default="[failed]",
            replay="honoured",
        ),
        _pointer("summary", "Where it keeps its summary", "/summary"),
        _pointer("findings", "Where it keeps the list of its findings", "/findings"),
        _pointer("severity", "Where a finding keeps its severity", "/severity"),
        Key(
            name="severities",
            kind=MapOf(of=Choice(choices=SEVERITIES), build=_severities, words="word -> severity"),
            doc="From the contract's word for a severity (or its number) to ours",
            replay="honoured",
        ),
        _pointer("file", "Where a finding keeps its file", "/file"),
        _pointer("line", "Where a finding keeps its line", "/line"),
        _pointer("title", "Where a finding keeps its title", "/title"),
        _pointer("detail", "Where a finding keeps the rest", "/detail"),
    ),
)
