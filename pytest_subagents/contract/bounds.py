"""How much work judging by a contract can be, found before any answer is judged.

Both libraries follow `{"$ref": "#"}` for ever (jsonschema until the stack ends; jsonschema-rs notices and says that
every answer is valid), and a chain of thirty doubled references takes both 2^30 steps, in native code without a way
to stop it. So circles that consume nothing are refused, what a value is judged by is counted, and the count is kept
for deciding whether native code may see an answer.
"""

from __future__ import annotations

from typing import Final

from pytest_subagents.contract.graph import Edge, Graph, Node
from pytest_subagents.contract.wording import cut
from pytest_subagents.model import limits
from pytest_subagents.model.json_value import JsonValue

_ARRAYS: Final = frozenset({"items", "additionalItems", "prefixItems", "contains", "unevaluatedItems"})
_KEYED: Final = "properties"
_ALWAYS: Final = frozenset({"patternProperties", "unevaluatedProperties"})
"""Judge a key's value beside what `properties` has for it."""


def check_bounds(graph: Graph) -> int:
    """The work on one place of an answer, at most, in keywords; beyond `limits.NATIVE_STEPS` it is not counted on.

    Raises `BadUsage` for schemas that apply themselves to the same value, for too long a chain of references and
    for schemas that are too large once every reference is followed.
    """
    order = _in_order(graph)
    _check_chains(graph, order)
    _check_size(graph, order)
    return _work(graph, order)


def _in_order(graph: Graph) -> list[Node]:
    """All schemas, each after those that it applies to the same value; raises where that goes in a circle."""
    order: list[Node] = []
    state: dict[Node, bool] = {}  # True while a schema is being followed
    for start in graph:
        if start in state:
            continue
        state[start] = True
        way = [(start, _in_place(graph, start))]
        while way:
            node, rest = way[-1]
            if not rest:
                way.pop()
                state[node] = False
                order.append(node)
                continue
            following = rest.pop()
            if following not in state:
                state[following] = True
                way.append((following, _in_place(graph, following)))
            elif state[following]:
                circle = [step.pointer for step, _ in way]
                circle = [*circle[circle.index(following.pointer) :], following.pointer]
                what = f"the schema applies itself to the same value for ever: {cut(' -> '.join(circle), 200)}"
                raise following.document.fault(following.path, what)
    return order


def _in_place(graph: Graph, node: Node) -> list[Node]:
    return [edge.node for edge in graph.applied(node) if edge.reach == "same"]


def _check_chains(graph: Graph, order: list[Node]) -> None:
    longest: dict[Node, int] = {}
    for node in order:
        longest[node] = max(
            (
                longest[edge.node] + (1 if edge.keyword in node.references else 0)
                for edge in graph.applied(node)
                if edge.reach == "same"
            ),
            default=0,
        )
        if longest[node] > limits.CONTRACT_REFS:
            raise node.document.fault(node.path, f"more than {limits.CONTRACT_REFS} references, each to the next one")


def _check_size(graph: Graph, order: list[Node]) -> None:
    size: dict[Node, int] = {}
    for node in order:
        size[node] = 1 + sum(size[following] for following in _in_place(graph, node))
        if size[node] > limits.CONTRACT_NODES:
            what = f"more than {limits.CONTRACT_NODES:,} schemas for one value once every reference is followed"
            raise node.document.fault(node.path, what)


def _work(graph: Graph, order: list[Node]) -> int:
    """What `limits.ANSWER_DEPTH` levels of the worst answer cost at one of its places.

    An object's or array's child is judged by every schema that looks inside, so that work can double with each
    level (a tree of alternatives does it); different children of one value do not add up, they are places of their
    own.
    """
    edges = {node: list(graph.applied(node)) for node in order}
    own = {node: _weight(node) for node in order}
    deeper = dict.fromkeys(order, 0)
    worst = 0
    for level in range(limits.ANSWER_DEPTH + 1):
        here: dict[Node, int] = {}
        for node in order:
            total = sum(here[edge.node] for edge in edges[node] if edge.reach == "same")
            total += own[node] if level == 0 else _inside(edges[node], deeper)
            here[node] = min(total, limits.NATIVE_STEPS + 1)
        worst = max(worst, here[graph.root])
        if worst > limits.NATIVE_STEPS or (level and not any(here.values())):
            break
        deeper = here
    return worst


def _inside(edges: list[Edge], deeper: dict[Node, int]) -> int:
    keyed = other = always = names = 0
    indexed = rest = contains = 0
    for edge in edges:
        cost = deeper[edge.node]
        if edge.reach == "names":
            names += cost
        elif edge.reach == "same":
            continue
        elif edge.keyword == _KEYED:
            keyed = max(keyed, cost)
        elif edge.keyword in _ALWAYS:
            always += cost
        elif edge.keyword not in _ARRAYS:
            other += cost
        elif edge.keyword in ("contains", "unevaluatedItems"):
            contains += cost
        elif edge.name:
            indexed = max(indexed, cost)
        else:
            rest += cost
    return max(max(keyed, other) + always, max(indexed, rest) + contains) + names


def _weight(node: Node) -> int:
    """One for the schema, and one for each thing that its own keywords list."""
    if not isinstance(node.schema, dict):
        return 1
    return 1 + sum(_listed(value) for value in node.schema.values())


def _listed(value: JsonValue) -> int:
    return len(value) if isinstance(value, list | dict) else 1
