"""A contract's schemas as a graph: every subschema a node, every keyword that applies one an edge.

References are resolved here, once, and by us: against the nearest `$id` first (a relative `$ref` below
`"$id": "file:///etc/"` is an absolute one), to a fragment of a document of the contract or to a file below the
contract's own folder. Everything else is refused wherever it stands, under `not` and in places that no answer
reaches too: both libraries resolve late, and then it is the answer that decides what is fetched (measured with
jsonschema 4.26 and jsonschema-rs 0.60, whose requests no Python hook sees).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from pytest_subagents.contract import uris
from pytest_subagents.contract.documents import Document, document_of_neighbour
from pytest_subagents.contract.drafts import DATA_KEYWORDS, REFERENCES, Draft, Reach
from pytest_subagents.contract.pointers import Part, PointerError, format_pointer, index_of, parse_pointer
from pytest_subagents.contract.wording import kind_of, shown
from pytest_subagents.model import limits
from pytest_subagents.model.json_value import JsonValue


@dataclass(slots=True, eq=False)
class Resource:
    """A part of a document with a URI of its own: the document itself, or what an `$id` names."""

    document: Document
    path: tuple[Part, ...]
    uri: str
    anchors: dict[str, Node] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Node:
    """One subschema."""

    document: Document
    path: tuple[Part, ...]
    schema: dict[str, JsonValue] | bool
    resource: Resource
    edges: dict[str, dict[str, Node]] = field(default_factory=dict)
    """The subschemas below each keyword, by name; those of an array by index, a single one under the empty name."""
    references: dict[str, Node] = field(default_factory=dict)
    """What `$ref`, `$dynamicRef` and `$recursiveRef` lead to."""

    @property
    def pointer(self) -> str:
        return format_pointer(self.path) or "#"

    def get(self, keyword: str) -> JsonValue:
        return self.schema.get(keyword) if isinstance(self.schema, dict) else None


class Edge(NamedTuple):
    keyword: str
    name: str
    reach: Reach
    node: Node


class Graph:
    """All subschemas of a contract. Making one raises `BadUsage` for a reference that does not lead to one of them."""

    def __init__(self, document: Document, draft: Draft) -> None:
        self.draft = draft
        self.documents: list[Document] = []
        self.nodes: dict[tuple[str, tuple[Part, ...]], Node] = {}
        self._contract = document
        self._resources: dict[str, Resource] = {}
        self._pending: list[Node] = []
        self.root = self._add_document(document)
        while self._pending:
            self._resolve_all(self._pending.pop())
        self._refuse_dynamic_scopes()

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes.values())

    def applied(self, node: Node) -> Iterator[Edge]:
        """The subschemas that judging a value by `node` may lead to."""
        for keyword, target in node.references.items():
            yield Edge(keyword, "", "same", target)
        if self.draft.ref_hides_siblings and "$ref" in node.references:
            return
        for keyword, named in node.edges.items():
            reach = self.draft.applicators[keyword].reach
            if reach != "none":
                for name, child in named.items():
                    yield Edge(keyword, name, reach, child)

    def reachable(self) -> Iterator[Node]:
        """The subschemas that some answer may be judged by."""
        seen = {self.root: None}
        waiting = [self.root]
        while waiting:
            node = waiting.pop()
            yield node
            for edge in self.applied(node):
                if edge.node not in seen:
                    seen[edge.node] = None
                    waiting.append(edge.node)

    # Documents and nodes

    def _add_document(self, document: Document) -> Node:
        if len(self.documents) == limits.CONTRACT_FILES:
            raise document.fault((), f"more than {limits.CONTRACT_FILES} files in one contract")
        value = document.value
        if not isinstance(value, dict):
            raise document.fault((), f"a contract is a JSON Schema, an object, not {kind_of(value)}")
        self.documents.append(document)
        self._check_draft(document, (), value)
        resource = Resource(document, (), document.uri)
        self._register(resource, document.uri)
        return self._add(document, (), value, resource)

    def _add(self, document: Document, path: tuple[Part, ...], schema: JsonValue, resource: Resource) -> Node:
        if not isinstance(schema, dict | bool):
            raise document.fault(path, f"a schema is an object or true or false, not {kind_of(schema)}")
        node = self.nodes.get((document.uri, path))
        if node is not None:
            return node
        if isinstance(schema, dict):
            self._check_draft(document, path, schema)
            resource = self._identified(document, path, schema, resource)
        node = Node(document, path, schema, resource)
        self.nodes[document.uri, path] = node
        self._pending.append(node)
        if isinstance(schema, dict):
            self._add_anchors(node, schema)
            for keyword, named in self._subschemas(document, path, schema):
                node.edges[keyword] = {
                    name: self._add(document, (*path, keyword, *part), subschema, resource)
                    for name, part, subschema in named
                }
        return node

    def _subschemas(
        self, document: Document, path: tuple[Part, ...], schema: dict[str, JsonValue]
    ) -> Iterator[tuple[str, list[tuple[str, tuple[Part, ...], JsonValue]]]]:
        for keyword in filter(self.draft.applicators.__contains__, schema):
            shapes = self.draft.applicators[keyword].shapes
            value = schema[keyword]
            if "many" in shapes and isinstance(value, list):
                yield keyword, [(str(index), (index,), item) for index, item in enumerate(value)]
            elif "map" in shapes and isinstance(value, dict):
                names = keyword == "dependencies"  # which may also list names of keys
                yield keyword, [(k, (k,), v) for k, v in value.items() if not (names and isinstance(v, list))]
            elif "one" in shapes:
                yield keyword, [("", (), value)]
            else:
                raise document.fault((*path, keyword), f"{keyword!r} cannot be {kind_of(value)}")

    # Identity

    def _check_draft(self, document: Document, path: tuple[Part, ...], schema: dict[str, JsonValue]) -> None:
        named = schema.get("$schema")
        if named is not None and (not isinstance(named, str) or named.removesuffix("#") != self.draft.uri):
            what = f"{shown(named)} is not the draft of the contract"
            raise document.fault((*path, "$schema"), what, hint=f"use {self.draft.uri}")

    def _identified(
        self, document: Document, path: tuple[Part, ...], schema: dict[str, JsonValue], outer: Resource
    ) -> Resource:
        """The resource that a schema belongs to: its own one if it has an `$id`."""
        keyword = self.draft.identity
        identity = schema.get(keyword)
        if not isinstance(identity, str) or identity.startswith("#"):
            return outer
        at = (*path, keyword)
        if self.draft.ref_hides_siblings and "$ref" in schema:
            raise document.fault(at, f"{keyword!r} beside '$ref' does not count in {self.draft.name}")
        uri = uris.without_fragment(uris.join(document, at, outer.uri, identity))
        resource = outer if not path else Resource(document, path, uri)
        resource.uri = uri
        self._register(resource, uri)
        return resource

    def _register(self, resource: Resource, uri: str) -> None:
        if self._resources.setdefault(uri, resource) is not resource:
            at = (*resource.path, self.draft.identity)
            raise resource.document.fault(at, f"two schemas of the contract are called {shown(uri)}")

    def _add_anchors(self, node: Node, schema: dict[str, JsonValue]) -> None:
        identity = schema.get(self.draft.identity)
        names = [schema.get("$anchor"), schema.get("$dynamicAnchor")]
        if self.draft.ref_hides_siblings:
            names = [identity[1:]] if isinstance(identity, str) and identity.startswith("#") else []
        for name in dict.fromkeys(name for name in names if isinstance(name, str) and name):
            if node.resource.anchors.setdefault(name, node) is not node:
                raise node.document.fault(node.path, f"the anchor {shown(name)} is there twice")

    # References

    def _resolve_all(self, node: Node) -> None:
        if not isinstance(node.schema, dict):
            return
        self._refuse_strays(node, node.schema)
        for keyword in REFERENCES:
            if keyword in node.schema and keyword in self.draft.keywords:
                reference = node.schema[keyword]
                if not isinstance(reference, str):
                    what = f"{keyword!r} is a string, not {kind_of(reference)}"
                    raise node.document.fault((*node.path, keyword), what)
                node.references[keyword] = self._resolve(node, (*node.path, keyword), reference)

    def _resolve(self, node: Node, at: tuple[Part, ...], reference: str) -> Node:
        document = node.document
        absolute = uris.join(document, at, node.resource.uri, reference)
        uri = uris.without_fragment(absolute)
        resource = self._resources.get(uri)
        if resource is None:
            file = uris.neighbour(self._contract, document, at, uri, reference)
            found = document_of_neighbour(uri, file, self._contract, document.spot(at))
            resource = self._add_document(found).resource
        fragment = uris.fragment_of(document, at, absolute)
        if fragment.startswith("/") or not fragment:
            return self._at_pointer(document, at, resource, fragment, reference)
        target = resource.anchors.get(fragment)
        if target is None:
            raise document.fault(at, f"{shown(reference)} leads nowhere, as there is no anchor {shown(fragment)}")
        return target

    def _at_pointer(
        self, document: Document, at: tuple[Part, ...], resource: Resource, fragment: str, reference: str
    ) -> Node:
        try:
            parts = parse_pointer(fragment)
        except PointerError as error:
            raise document.fault(at, f"{shown(reference)}: {error}") from None
        owner = resource.document
        known = self.nodes[owner.uri, resource.path]
        path, value = resource.path, owner.value if not resource.path else known.schema
        for part in parts:
            step = index_of(part) if isinstance(value, list) else part
            if isinstance(value, dict) and step in value:
                value = value[part]
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                raise document.fault(at, f"{shown(reference)} leads nowhere")
            assert step is not None
            path = (*path, step)
            known = self.nodes.get((owner.uri, path), known)
        rest = path[len(known.path) :]
        if rest and (rest[0] in DATA_KEYWORDS or not isinstance(value, dict | bool)):
            raise document.fault(at, f"{shown(reference)} leads to a value, not to a schema")
        return self._add(owner, path, value, known.resource)

    def _refuse_strays(self, node: Node, schema: dict[str, JsonValue]) -> None:
        """A reference below a keyword that nobody knows: another reader could follow it, so it must stay inside."""
        known = self.draft.applicators.keys() | DATA_KEYWORDS | (set(REFERENCES) & self.draft.keywords)
        found: list[tuple[Part, JsonValue, tuple[Part, ...]]] = [
            (key, value, (*node.path, key)) for key, value in schema.items() if key not in known
        ]
        while found:
            key, value, path = found.pop()
            if isinstance(value, list):
                found += [(index, item, (*path, index)) for index, item in enumerate(value)]
            elif isinstance(value, dict):
                found += [(name, item, (*path, name)) for name, item in value.items()]
            elif key in REFERENCES and isinstance(value, str) and not value.startswith("#"):
                what = f"{shown(value)} leads out of the contract, from a place that is no schema"
                raise node.document.fault(path, what)

    def _refuse_dynamic_scopes(self) -> None:
        """In one resource a dynamic reference is an ordinary one; across several it depends on the way there."""
        if len({id(node.resource) for node in self}) == 1:
            return
        for node in self:
            for keyword in node.references.keys() - {"$ref"}:
                what = f"{keyword!r} is taken only where the contract is one file without an inner '$id'"
                raise node.document.fault((*node.path, keyword), what)
