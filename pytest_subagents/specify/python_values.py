"""Values of Python, from a mark, as the tree that a file would give: one reader then judges both."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any, Final

from pytest_subagents.model import limits
from pytest_subagents.model.scope import Scope
from pytest_subagents.model.spec import (
    Attempts,
    Checkpoint,
    ContractRef,
    Criterion,
    Dependency,
    Expectation,
    FieldMap,
    Limits,
    Retries,
    Subagent,
    VendorSettings,
)
from pytest_subagents.specify.place import Place, quoted
from pytest_subagents.specify.tree import Entry, Given, Items, Leaf, Located, Table

_PLAIN_VALUES: Final = (Attempts, Dependency, Expectation, FieldMap, Limits, Retries, Scope)
"""Values of the model whose fields are the keys of a file."""
_OURS: Final = frozenset({"where", "set_keys"})
"""Fields of a subagent that reading fills."""


def table_of(fields: Mapping[str, object], at: Place) -> Table:
    """The table of an agent's keys; a key that is None is not there. Raises the error of the place's source."""
    entries = [
        Entry(name, 0, _contract(value, at.key(name)) if name == "contract" else _located(value, at.key(name), 1))
        for name, value in fields.items()
        if value is not None
    ]
    return Table(tuple(entries))


def fields_of(subagent: Subagent) -> dict[str, object]:
    """What a person gave to `Subagent(...)`: the fields that are not as they would be without."""
    return {name: value for name, value in _given(subagent).items() if name not in _OURS}


def _given(value: object) -> dict[str, object]:
    given: dict[str, object] = {}
    for field in dataclasses.fields(value):  # type: ignore[arg-type]
        default = field.default
        if field.default_factory is not dataclasses.MISSING:
            default = field.default_factory()
        here = getattr(value, field.name)
        if default is dataclasses.MISSING or type(here) is not type(default) or here != default:
            given[field.name] = here
    return given


def _contract(value: object, at: Place) -> Located:
    """A contract in the form that a file has for it; a map without `schema` is a schema itself."""
    match value:
        case ContractRef():
            named = [inner for inner in (value.name, value.path, value.schema) if inner is not None]
            if len(named) != 1:
                raise at.fault(0, "a ContractRef has exactly one of name, path, schema")
            rest = {name: inner for name, inner in _given(value).items() if name in ("map", "extract")}
            return _full_contract(named[0], rest, at)
        case Mapping() if "schema" in value:
            return _full_contract(value["schema"], {name: value[name] for name in value if name != "schema"}, at)
        case Mapping():
            return _full_contract(value, {}, at)
    return _named_contract(value, at)


def _full_contract(schema: object, rest: Mapping[Any, object], at: Place) -> Table:
    return Table((Entry("schema", 0, _named_contract(schema, at.key("schema"))), *_table(rest, at, 1).entries))


def _named_contract(value: object, at: Place) -> Located:
    """Paths and classes stay what they are: the reader of contracts knows them."""
    return Given(value) if isinstance(value, (PurePath, type)) else _located(value, at, 1)


def _located(value: object, at: Place, depth: int) -> Located:
    if depth > limits.WORKFLOW_DEPTH:
        raise at.fault(0, f"a value is nested more than {limits.WORKFLOW_DEPTH} levels deep")
    match value:
        case None | bool():
            return Leaf(value)
        case str():
            text = str.__str__(value)
            if any("\ud800" <= char <= "\udfff" for char in text):
                raise at.fault(0, f"{quoted(at.path)} has half of a surrogate pair, which is no character")
            return Leaf(text)
        case int():
            number = int(value)
            if abs(number) > limits.INTEGER_MAX:
                raise at.fault(0, f"{quoted(at.path)} is an integer out of range")
            return Leaf(number)
        case float():
            if not math.isfinite(value):
                raise at.fault(0, f"{quoted(at.path)} is not a finite number")
            return Leaf(float(value))
        case list() | tuple():
            return Items(tuple(_located(item, at.item(index), depth + 1) for index, item in enumerate(value)))
        case PurePath():
            return Leaf(value.as_posix())
        case Mapping():
            return _table(value, at, depth)
    return _of_model(value, at, depth)


def _table(value: Mapping[Any, object], at: Place, depth: int) -> Table:
    entries: list[Entry] = []
    for key, inner in value.items():
        if not isinstance(key, str):
            raise at.fault(0, f"{quoted(at.path)} has the key {quoted(key)}, which is no text")
        entries.append(Entry(str(key), 0, _located(inner, at.key(str(key)), depth + 1)))
    return Table(tuple(entries))


def _of_model(value: object, at: Place, depth: int) -> Located:
    """A value of our model, in the form that a file has for it."""
    match value:
        case Checkpoint():
            condition = {key: text for key in ("writes", "says") if (text := getattr(value, key)) is not None}
            return _table({"id": value.id, "condition": condition or "write_complete"}, at, depth)
        case Criterion(run=None):
            return _located(value.text, at, depth)
        case Criterion():
            return _table({key: inner for key, inner in _given(value).items() if key != "text"}, at, depth)
    if isinstance(value, _PLAIN_VALUES):
        return _table(_given(value), at, depth)
    return Given(value)


def vendors_of(value: object) -> object:
    """`vendors` as a map by vendor, where it is given as `VendorSettings`."""
    if not (isinstance(value, (list, tuple)) and all(isinstance(one, VendorSettings) for one in value)):
        return value
    by_vendor: dict[str, object] = {}
    for one in value:
        settings = {key: inner for key, inner in _given(one).items() if key != "vendor"}
        if "mcp" in settings:
            settings["mcp"] = {server.name: server.settings for server in one.mcp}
        by_vendor[one.vendor] = settings
    return by_vendor
