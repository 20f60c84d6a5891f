"""What a schema says for certain of the values at a pointer, so that a map which cannot apply is found at once.

Only what is certain counts: a schema that allows anything is silent, and then so are we.
"""

from __future__ import annotations

from itertools import product
from typing import Final, TypeAlias

from pytest_subagents.contract.graph import Graph, Node
from pytest_subagents.contract.pointers import MISSING, index_of, look_up
from pytest_subagents.model import limits
from pytest_subagents.model.json_value import JsonValue

Place: TypeAlias = tuple[tuple[Node, ...], ...]
"""The alternatives for the values at a place, each with the schemas that all apply to it; without any it is open."""

_OPEN: Final[Place] = ((),)


def at_root(graph: Graph) -> Place:
    return _spread(graph, (graph.root,))


def inside(graph: Graph, place: Place, part: str) -> Place:
    """The values at key or index `part` of those at `place`."""
    found: list[tuple[Node, ...]] = []
    for alternative in place:
        if not any(_lacks(graph, node, part) for node in alternative):
            below = tuple(child for node in alternative for child in _children(graph, node, part))
            found += _spread(graph, below)
    return tuple(found) if len(found) <= limits.SCHEMA_ALTERNATIVES else _OPEN


def items_of(graph: Graph, place: Place) -> Place:
    """The items of the arrays at `place`; a value that is no array stands for itself, as it does in a map."""
    found: list[tuple[Node, ...]] = []
    for alternative in place:
        below = tuple(child for node in alternative for child in _items(node))
        found += _spread(graph, below) if below else [alternative if _never(alternative, "array") else ()]
    return tuple(found) if len(found) <= limits.SCHEMA_ALTERNATIVES else _OPEN


def is_nowhere(graph: Graph, place: Place, part: str) -> bool:
    """Whether no value at `place` can have `part`."""
    return all(any(_lacks(graph, node, part) for node in alternative) for alternative in place)


def values_at(place: Place) -> list[JsonValue] | None:
    """All values that can be at `place`; None where they are not listed."""
    values: list[JsonValue] = []
    for alternative in place:
        listed = next((found for node in alternative if (found := _listed(node)) is not None), None)
        if listed is None:
            return None
        values += [value for value in listed if value not in values]
    return values


def keys_at(place: Place) -> list[str]:
    """The keys that the schemas at `place` name, sorted."""
    return sorted({key for alternative in place for node in alternative for key in node.edges.get("properties", {})})


def _spread(graph: Graph, nodes: tuple[Node, ...]) -> Place:
    """`nodes`, which all apply to one value, with what they refer to and with their alternatives multiplied out."""
    together: list[Node] = []
    choices: list[list[Node]] = []
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if node in together:
            continue
        together.append(node)
        for keyword in ("anyOf", "oneOf"):
            alternatives = [edge.node for edge in graph.applied(node) if edge.keyword == keyword]
            if alternatives:
                choices.append(alternatives)
        waiting += [
            edge.node for edge in graph.applied(node) if edge.keyword == "allOf" or edge.keyword in node.references
        ]
    count = 1
    for alternatives in choices:
        count *= len(alternatives)
    if count > limits.SCHEMA_ALTERNATIVES:
        return (tuple(together),)
    return tuple(
        (*together, *more) for chosen in product(*choices) for more in (_spread(graph, chosen) if chosen else ((),))
    )[: limits.SCHEMA_ALTERNATIVES + 1]


def _own(graph: Graph, node: Node) -> bool:
    """Whether the node's own keywords count."""
    return not (graph.draft.ref_hides_siblings and "$ref" in node.references)


def _lacks(graph: Graph, node: Node, part: str) -> bool:
    if isinstance(node.schema, bool):
        return not node.schema
    if not _own(graph, node):
        return False
    listed = _listed(node)
    if listed is not None:
        return all(look_up(value, (part,)) is MISSING for value in listed)
    properties = node.edges.get("properties", {})
    if part in properties:
        return properties[part].schema is False
    if index_of(part) is not None and not _never((node,), "array"):
        return False
    closed = node.schema.get("additionalProperties") is False and "patternProperties" not in node.schema
    return closed or _never((node,), "object")


def _children(graph: Graph, node: Node, part: str) -> list[Node]:
    if not _own(graph, node):
        return []
    named = node.edges.get("properties", {})
    children = [named[part]] if part in named else []
    if not children and "patternProperties" not in node.edges:
        children += node.edges.get("additionalProperties", {}).values()
    if index_of(part) is not None:
        children += _items(node)
    return children


def _items(node: Node) -> list[Node]:
    if "prefixItems" in node.edges:
        return []
    items = node.edges.get("items", {})
    return [items[""]] if "" in items else []


def _never(alternative: tuple[Node, ...], type: str) -> bool:
    """Whether no value of `type` fits all of these schemas."""
    for node in alternative:
        types = node.get("type")
        if isinstance(types, str) and types != type:
            return True
        if isinstance(types, list) and type not in types:
            return True
    return False


def _listed(node: Node) -> list[JsonValue] | None:
    match node.schema:
        case {"const": value}:
            return [value]
        case {"enum": list(values)}:
            return values
        case {"type": "null"}:
            return [None]
        case {"type": "boolean"}:
            return [True, False]
    return None
