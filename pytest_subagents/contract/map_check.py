"""The map of a contract against its schema: what cannot work is refused when the contract is loaded."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any, Final, cast

from msgspec.structs import replace

from pytest_subagents.contract.graph import Graph
from pytest_subagents.contract.mapping import KNOWN_SEVERITIES, Fields, fields_of, same_value
from pytest_subagents.contract.pointers import PointerError, parse_pointer
from pytest_subagents.contract.schema_facts import Place, at_root, inside, is_nowhere, items_of, keys_at, values_at
from pytest_subagents.contract.wording import listed, shown
from pytest_subagents.errors import BadUsage
from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.severity import SEVERITIES
from pytest_subagents.model.spec import FieldMap
from pytest_subagents.model.value import Value

_DEFAULT: Final = FieldMap()
_OF_ANSWER: Final = ("status", "summary", "findings")
_OF_FINDING: Final = ("severity", "file", "line", "title", "detail")
_STATUSES: Final = ("success", "partial", "failed")


class Mapped(Value, frozen=True, kw_only=True):
    fields: Fields
    warnings: tuple[str, ...]


def check_map(graph: Graph, given: FieldMap | None, where: str) -> Mapped:
    """The map to use and what is odd about it; `BadUsage` for one that cannot apply to the schema.

    Without a map the names of the built-in contract are used where an answer has them. A pointer that is only the
    default, and that the schema rules out, is dropped.
    """
    check = _Check(graph, where)
    map = _DEFAULT if given is None else given
    root = at_root(graph)
    places: dict[str, Place] = {}
    for name in _OF_ANSWER:
        map = check.pointer(map, name, root, places)
    found = places.get("findings")
    for name in _OF_FINDING:
        map = check.pointer(map, name, ((),) if found is None else items_of(graph, found), places)
    check.statuses(map, places.get("status"))
    check.severities(map)
    # a map that says nothing of a status has the default pointer, and then a valid answer is a success
    unmentioned = map.status == _DEFAULT.status and "status" not in keys_at(root)
    optional_status = given is None or unmentioned
    warnings = (*_unknown_statuses(map, places.get("status")), *_unknown_severities(map, places.get("severity")))
    return Mapped(
        fields=fields_of(map, optional_status=optional_status),
        warnings=tuple(f"{where}: {warning}" for warning in warnings),
    )


class _Check:
    def __init__(self, graph: Graph, where: str) -> None:
        self.graph = graph
        self.where = where

    def fault(self, key: str, what: str, hint: str | None = None) -> BadUsage:
        return BadUsage(self.where, f"map.{key}: {what}", hint=hint)

    def pointer(self, map: FieldMap, name: str, place: Place, places: dict[str, Place]) -> FieldMap:
        """Follows one pointer as far as the schema knows, and notes where it ends."""
        pointer: str | None = getattr(map, name)
        if pointer is None:
            return map
        try:
            parts = parse_pointer(pointer)
        except PointerError as error:
            raise self.fault(name, f"{shown(pointer)}: {error}") from None
        for part in parts:
            if is_nowhere(self.graph, place, part):
                if pointer == getattr(_DEFAULT, name):
                    return replace(map, **cast(dict[str, Any], {name: None}))
                known = keys_at(place)
                near = difflib.get_close_matches(part, known, 1)
                hint = f"did you mean {near[0]!r}?" if near else f"it knows {listed(list(known))}" if known else None
                raise self.fault(
                    name, f"{shown(pointer)} is nowhere in an answer: the schema rules out {shown(part)}", hint
                )
            place = inside(self.graph, place, part)
        places[name] = place
        return map

    def statuses(self, map: FieldMap, place: Place | None) -> None:
        seen: list[tuple[str, JsonValue]] = []
        possible = None if place is None else values_at(place)
        for name in _STATUSES:
            values: tuple[JsonValue, ...] = getattr(map, name)
            for value in values:
                other = next((status for status, word in seen if same_value(word, value)), None)
                if other is not None:
                    raise self.fault(name, f"{shown(value)} is listed as {other} already")
                seen.append((name, value))
                foreign = possible is not None and not any(same_value(value, word) for word in possible)
                if foreign and values != getattr(_DEFAULT, name):
                    hint = f"it can be {listed(possible or [])}"
                    raise self.fault(name, f"{shown(value)} is no value of {shown(map.status)}", hint)

    def severities(self, map: FieldMap) -> None:
        ours = SEVERITIES[:-1]
        for word, severity in sorted(map.severities.items()):
            if severity not in ours:
                raise self.fault(
                    "severities", f"{shown(severity)} for {shown(word)} is no severity", f"use {listed(ours)}"
                )


def _unknown_statuses(map: FieldMap, place: Place | None) -> Iterator[str]:
    possible = None if place is None else values_at(place)
    known = (*map.success, *map.partial, *map.failed)
    unknown = [value for value in possible or () if not any(same_value(value, word) for word in known)]
    if unknown:
        yield f"map.status: {shown(map.status)} can be {listed(unknown)}, which no map names and so counts as failed"


def _unknown_severities(map: FieldMap, place: Place | None) -> Iterator[str]:
    words = {str(word).casefold() for word in map.severities}
    possible = None if place is None else values_at(place)
    unknown = [
        value
        for value in possible or ()
        if value is not None and str(value).casefold() not in KNOWN_SEVERITIES.keys() | words
    ]
    if unknown:
        yield f"map.severities: {shown(map.severity)} can be {listed(unknown)}, which count as {SEVERITIES[-1]!r}"
