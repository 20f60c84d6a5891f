"""A contract as one JSON Schema that can be handed to others: to an agent in its prompt, to a vendor's schema option.

Neither can open the neighbours of a contract's file, and a vendor's validator may know no `$id` and no `$schema`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote

from pytest_subagents.contract.bundle import Bundle, bundle
from pytest_subagents.contract.documents import Document, built_in_document, document_of_file, document_of_python
from pytest_subagents.contract.drafts import DRAFTS, draft_of
from pytest_subagents.contract.graph import Graph
from pytest_subagents.contract.pointers import Part
from pytest_subagents.contract.stack import room_on_the_stack
from pytest_subagents.contract.uris import to_fragment
from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.spec import ContractRef

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_-]+")


def one_schema(ref: ContractRef) -> JsonValue:
    """The schema of a contract, with the files that it refers to below `$defs` (up to draft-07 `definitions`).

    Every reference in it is one to a place in itself, and there is no `$schema`, `$id` or anchor. It accepts what the
    contract accepts. A fresh value at each call; `BadUsage` for a contract that cannot be read or does not hold
    together, which `load_contract` finds too.
    """
    document = _document(ref)
    try:
        with room_on_the_stack():
            named = document.value.get("$schema") if isinstance(document.value, dict) else None
            graph = Graph(document, (draft_of(named) if isinstance(named, str) else None) or DRAFTS[0])
            return _named_after_files(bundle(graph), graph)
    except RecursionError:
        raise document.fault((), "the schema is nested too deeply") from None


def _document(ref: ContractRef) -> Document:
    match ref:
        case ContractRef(name=str() as name):
            return built_in_document(name)
        case ContractRef(path=PurePosixPath() as path):
            return document_of_file(path, ref.where if ref.where != ContractRef().where else None)
    return document_of_python(ref.schema, ref.where)


def _named_after_files(bundled: Bundle, graph: Graph) -> JsonValue:
    """The schema with `#/$defs/finding` for what lies in `finding.json`: not every reader decodes `file%201`."""
    schema = bundled.schema
    places = {document.uri: prefix for prefix, document in bundled.places}
    holder = graph.draft.definitions
    held = schema.get(holder)
    if len(bundled.places) == 1 or not isinstance(held, dict):
        return schema
    names = {str(prefix[1]): _stem(uri) for uri, prefix in places.items() if prefix}
    taken = held.keys() - names.keys()
    for old, stem in names.items():
        names[old] = next(name for name in _numbered(stem) if name not in taken)
        taken.add(names[old])
    moved = {to_fragment((holder, old)): to_fragment((holder, new)) for old, new in names.items()}
    for node in graph:
        _redirect(_at(schema, (*places[node.document.uri], *node.path)), moved)
    schema[holder] = {names.get(name, name): value for name, value in held.items()}
    return schema


def _stem(uri: str) -> str:
    return _UNSAFE.sub("-", PurePosixPath(unquote(uri)).stem).strip("-") or "file"


def _numbered(name: str) -> Iterator[str]:
    yield name
    number = 2
    while True:
        yield f"{name}-{number}"
        number += 1


def _at(value: JsonValue, path: tuple[Part, ...]) -> JsonValue:
    for part in path:
        match value:
            case dict():
                value = value[str(part)]
            case list():
                value = value[int(part)]
    return value


def _redirect(schema: JsonValue, moved: Mapping[str, str]) -> None:
    """The references of one subschema, where they led into a file; a second one stands below `allOf`."""
    if not isinstance(schema, dict):
        return
    others = schema.get("allOf")
    for holding in (schema, *(others if isinstance(others, list) else ())):
        match holding:
            case {"$ref": str() as reference}:
                for old, new in moved.items():
                    if reference == old or reference.startswith(f"{old}/"):
                        holding["$ref"] = new + reference[len(old) :]
                        break
