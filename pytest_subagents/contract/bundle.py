"""All documents of a contract as one schema without a single address, which is what both libraries are given.

Neither of them ever sees a URL, an `$id` or a `$schema`, so neither has anything to fetch, and both resolve the
references that are left (`#/...`) in the same way. A `$schema` inside would besides make jsonschema switch from our
validator class to its own.
"""

from __future__ import annotations

from typing import Final

from pytest_subagents.contract.documents import Document
from pytest_subagents.contract.drafts import REFERENCES
from pytest_subagents.contract.graph import Graph, Node
from pytest_subagents.contract.pointers import Part
from pytest_subagents.contract.uris import to_fragment
from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.value import Value

_ADDRESSES: Final = frozenset(
    {"$id", "$schema", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$vocabulary", *REFERENCES}
)

_PLACES: Final = {"properties": dict, "patternProperties": dict, "prefixItems": list, "items": list}
"""The keywords that have one schema for each part of a value, and how they hold them."""


class Bundle(Value, frozen=True, kw_only=True):
    schema: dict[str, JsonValue]
    places: tuple[tuple[tuple[Part, ...], Document], ...]
    """Where each document lies in the schema; the contract itself, at the top, is the last one."""

    def origin(self, path: tuple[Part, ...]) -> tuple[Document, tuple[Part, ...]]:
        """The document, and the place in it, that a place in the schema comes from."""
        for prefix, document in self.places[:-1]:
            if path[: len(prefix)] == prefix:
                return document, path[len(prefix) :]
        return self.places[-1][1], path


def bundle(graph: Graph) -> Bundle:
    contract, *neighbours = graph.documents
    holder = graph.draft.definitions
    taken = contract.value[holder] if isinstance(contract.value, dict) and holder in contract.value else {}
    prefixes: dict[str, tuple[Part, ...]] = {contract.uri: ()}
    for number, document in enumerate(neighbours, start=1):
        name = f"file {number}"
        while isinstance(taken, dict) and name in taken:
            name += "'"
        prefixes[document.uri] = (holder, name)
    nodes = {id(node.schema): node for node in graph if isinstance(node.schema, dict)}
    addresses = _ADDRESSES | {graph.draft.identity}
    whole = _copy(contract.value, nodes, prefixes, addresses)
    assert isinstance(whole, dict)
    if neighbours:
        held = whole.setdefault(holder, {})
        assert isinstance(held, dict)
        for document in neighbours:
            held[str(prefixes[document.uri][1])] = _copy(document.value, nodes, prefixes, addresses)
    places = tuple((prefixes[document.uri], document) for document in (*neighbours, contract))
    return Bundle(schema=whole, places=places)


def _copy(
    value: JsonValue, nodes: dict[int, Node], prefixes: dict[str, tuple[Part, ...]], addresses: frozenset[str]
) -> JsonValue:
    if isinstance(value, list):
        return [_copy(item, nodes, prefixes, addresses) for item in value]
    if not isinstance(value, dict):
        return value
    node = nodes.get(id(value))
    if node is None:
        return {key: _copy(item, nodes, prefixes, addresses) for key, item in value.items()}
    copy = {key: _copy(item, nodes, prefixes, addresses) for key, item in value.items() if key not in addresses}
    references = [to_fragment((*prefixes[target.document.uri], *target.path)) for target in node.references.values()]
    for keyword, form in _PLACES.items():
        if isinstance(copy.get(keyword), form):
            copy[keyword] = _forbidding(copy[keyword])
    if references:
        copy["$ref"] = references[0]
    if len(references) > 1:
        others: list[JsonValue] = [{"$ref": reference} for reference in references[1:]]
        held = copy.get("allOf")
        copy["allOf"] = [*held, *others] if isinstance(held, list) else others
    return copy


def _forbidding(value: JsonValue) -> JsonValue:
    """`false` written in words: jsonschema 4.26 forgets the place of what a plain `false` turns away."""
    forbidden: JsonValue = {"not": {}}
    if isinstance(value, dict):
        return {name: forbidden if schema is False else schema for name, schema in value.items()}
    return [forbidden if schema is False else schema for schema in value] if isinstance(value, list) else value
