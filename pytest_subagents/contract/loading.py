"""A contract as it was named -> one that answers can be checked by.

Everything that can be wrong with a contract is found here, at collection, and raised as `BadUsage`: what is not a
schema, what would fetch, hang or overflow, what only one of the two libraries takes, a map that cannot apply.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import fields as fields_of_class
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Final

from pytest_subagents.contract import native
from pytest_subagents.contract.bounds import check_bounds
from pytest_subagents.contract.bundle import Bundle, bundle
from pytest_subagents.contract.compiled import Contract as Contract
from pytest_subagents.contract.compiled import Judge
from pytest_subagents.contract.documents import Document, built_in_document, document_of_file, document_of_python
from pytest_subagents.contract.drafts import DRAFTS, Draft, draft_of, foreign_keywords
from pytest_subagents.contract.graph import Graph
from pytest_subagents.contract.guard import is_guarded
from pytest_subagents.contract.map_check import check_map
from pytest_subagents.contract.patterns import Pattern
from pytest_subagents.contract.stack import room_on_the_stack
from pytest_subagents.contract.wording import cut, listed, shown
from pytest_subagents.errors import BadUsage
from pytest_subagents.model import limits
from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.spec import ContractRef, FieldMap

_BUILT_IN: Final = ("result",)
_HARMLESS: Final = frozenset(
    {"deprecated", "$vocabulary", "contentSchema", "$anchor", "$comment", "readOnly", "writeOnly", "examples"}
)
"""Keywords of other drafts that change no verdict, or whose loss is noticed at once."""


def built_in_names() -> tuple[str, ...]:
    """The contracts that can be named without a file, sorted."""
    return _BUILT_IN


class Contracts:
    """Contracts by how they are named, each loaded once; owned by a run."""

    def __init__(self) -> None:
        self._loaded: dict[tuple[object, ...], Contract] = {}
        self._kept: list[ContractRef] = []

    def get(self, ref: ContractRef) -> Contract:
        """The contract that `ref` names; `BadUsage` where there is none or it cannot be one."""
        key = (ref.name, ref.path, id(ref.schema), id(ref.map), ref.extract)
        contract = self._loaded.get(key)
        if contract is None:
            same = (ref.name, ref.path, _canonical(ref.schema), _canonical_map(ref.map), ref.extract)
            contract = self._loaded.get(same) or load_contract(ref)
            self._loaded[same] = self._loaded[key] = contract
            self._kept.append(ref)  # an id stands for its object only while that lives
        return contract


def load_contract(ref: ContractRef) -> Contract:
    """Loads and checks a contract; `BadUsage` says the file, the place in it and what is wrong."""
    document = _document(ref)
    try:
        with room_on_the_stack():
            return _compiled(ref, document)
    except RecursionError:
        raise document.fault((), "the schema is nested too deeply") from None


def _document(ref: ContractRef) -> Document:
    if ref.name is not None:
        if ref.name not in _BUILT_IN:
            raise BadUsage(ref.where, f"there is no contract {shown(ref.name)}", hint=f"built in: {listed(_BUILT_IN)}")
        return built_in_document(ref.name)
    if ref.path is not None:
        return document_of_file(PurePosixPath(ref.path), ref.where if ref.where != ContractRef().where else None)
    return document_of_python(ref.schema, ref.where)


def _compiled(ref: ContractRef, document: Document) -> Contract:
    draft = _draft(document)
    graph = Graph(document, draft)
    work = check_bounds(graph)
    bundled = bundle(graph)
    patterns = _patterns(graph)
    if ref.name is None:
        _check_meta(bundled, draft)
    searches = any("unevaluatedProperties" in node.edges for node in graph) and any(
        "patternProperties" in node.edges for node in graph
    )
    contract = Contract(
        name=_name(ref, document),
        schema=document.value,
        accepts=_built(bundled, draft),
        judge=Judge(bundled.schema, draft, patterns, searches=searches, doubling=work > limits.NATIVE_STEPS),
        guarded=is_guarded(graph),
        work=work,
        fields=(mapped := check_map(graph, ref.map, ref.where)).fields,
        extract=ref.extract,
        digest=_digest(graph, ref),
        warnings=(*_foreign(graph), *mapped.warnings),
    )
    return contract if ref.name is not None else _probed(contract, document)


def _draft(document: Document) -> Draft:
    named = document.value.get("$schema") if isinstance(document.value, dict) else None
    if named is None:
        return DRAFTS[0]
    draft = draft_of(named) if isinstance(named, str) else None
    if draft is None:
        known = listed([known.uri for known in DRAFTS])
        raise document.fault(
            ("$schema",), f"{shown(named)} is no draft that contracts are written in", hint=f"use {known}"
        )
    return draft


def _patterns(graph: Graph) -> dict[str, Pattern]:
    found: dict[str, Pattern] = {}
    for node in graph:
        texts = [(text, (*node.path, "patternProperties", text)) for text in node.edges.get("patternProperties", {})]
        pattern = node.get("pattern")
        if isinstance(pattern, str):
            texts.append((pattern, (*node.path, "pattern")))
        for text, path in texts:
            if text in found:
                continue
            try:
                found[text] = Pattern(text)
            except (re.error, RecursionError, OverflowError, ValueError) as error:
                why = "nested too deeply" if isinstance(error, RecursionError) else str(error)
                what = f"{shown(text)} is no regular expression: {cut(why, 200)}"
                raise node.document.fault(path, what) from None
    return found


def _built(bundled: Bundle, draft: Draft) -> native.Accepts:
    try:
        return native.build(bundled.schema, draft)
    except native.UnbuildableError as refusal:
        document, path = bundled.origin(refusal.path)
        raise document.fault(path, f"not a JSON Schema of {draft.name}: {cut(refusal.what)}") from None


def _check_meta(bundled: Bundle, draft: Draft) -> None:
    """jsonschema's check; a test makes it for the built-in contracts, so that they do without its 25 ms of import."""
    from pytest_subagents.contract.reference import check_schema

    fault = check_schema(bundled.schema, draft)
    if fault is not None:
        document, path = bundled.origin(fault.path)
        raise document.fault(path, f"not a JSON Schema of {draft.name}: {fault.what}")


def _probed(contract: Contract, document: Document) -> Contract:
    from pytest_subagents.contract.probing import check_probes

    return replace(contract, guarded=check_probes(contract, document))


def _foreign(graph: Graph) -> Iterator[str]:
    foreign = foreign_keywords(graph.draft) - _HARMLESS
    for node in graph:
        for keyword in filter(foreign.__contains__, node.schema if isinstance(node.schema, dict) else ()):
            path = (*node.path, keyword)
            what = f"{keyword!r} is a keyword of another draft and means nothing in {graph.draft.name}"
            yield f"{node.document.spot(path)}: {node.document.saying(path, what)}"


def _name(ref: ContractRef, document: Document) -> str:
    if ref.name is not None:
        return ref.name
    if ref.path is not None:
        return PurePosixPath(ref.path).name
    title = document.value.get("title") if isinstance(document.value, dict) else None
    return title if isinstance(title, str) and title else "schema"


def _digest(graph: Graph, ref: ContractRef) -> str:
    """Of what the contract says; where its files lie is no part of it."""
    parts: list[JsonValue] = [document.value for document in graph.documents]
    said = json.dumps([parts, json.loads(_canonical_map(ref.map)), ref.extract], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()


def _canonical(schema: JsonValue) -> str:
    try:
        return json.dumps(schema, sort_keys=True)
    except (TypeError, ValueError, RecursionError):
        return f"no JSON {id(schema)}"


def _canonical_map(map: FieldMap | None) -> str:
    if map is None:
        return "null"
    said = {field.name: getattr(map, field.name) for field in fields_of_class(map)}
    return json.dumps({**said, "severities": dict(map.severities)}, sort_keys=True, default=list)
