"""What was written for the drafts before 2020-12 means what it meant there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest
from contract_case import contract_in, contract_of, verdict_on

from pytest_subagents.contract.one_schema import one_schema
from pytest_subagents.errors import BadUsage
from pytest_subagents.model.spec import ContractRef
from pytest_subagents.model.verdict import Accepted
from pytest_subagents.vendors.programs.claude_schema import schema_argument
from pytest_subagents.vendors.programs.strict_schema import strict_schema

DRAFT_4: Final = "http://json-schema.org/draft-04/schema#"
DRAFT_6: Final = "http://json-schema.org/draft-06/schema#"
DRAFT_2019_09: Final = "https://json-schema.org/draft/2019-09/schema"
OLDER: Final = (DRAFT_4, DRAFT_6, DRAFT_2019_09)

EXCLUSIVE: Final = {"minimum": 1, "exclusiveMinimum": True}
TREE: Final = {
    "$recursiveAnchor": True,
    "properties": {"below": {"items": {"$recursiveRef": "#"}}, "name": {"type": "string"}},
}
SAME_ID: Final = {
    "id": "http://example.com/contract.json",
    "definitions": {"name": {"id": "#name", "type": "string"}},
    "properties": {"id": {"$ref": "#name"}},
}


@pytest.mark.parametrize(
    ("draft", "schema", "value", "fits"),
    [
        *((draft, {"items": [{"type": "string"}], "additionalItems": False}, ["a"], True) for draft in OLDER),
        *((draft, {"items": [{"type": "string"}], "additionalItems": False}, ["a", 1], False) for draft in OLDER),
        *((draft, {"$ref": "#/definitions/a", "definitions": {"a": {"type": "null"}}}, 1, False) for draft in OLDER),
        *((draft, {"type": "integer"}, 1, True) for draft in OLDER),
        (DRAFT_4, {"type": "integer"}, 1.0, False),
        (DRAFT_6, {"type": "integer"}, 1.0, True),
        (DRAFT_2019_09, {"type": "integer"}, 1.0, True),
        (DRAFT_4, EXCLUSIVE, 1, False),
        (DRAFT_4, EXCLUSIVE, 2, True),
        (DRAFT_4, {"dependencies": {"a": ["b"]}}, {"a": 1}, False),
        (DRAFT_6, {"dependencies": {"a": ["b"]}}, {"a": 1}, False),
        (DRAFT_2019_09, {"dependentRequired": {"a": ["b"]}}, {"a": 1}, False),
        (DRAFT_4, SAME_ID, {"id": 1}, False),
        (DRAFT_4, SAME_ID, {"id": "x"}, True),
        (DRAFT_6, {"if": {"type": "null"}, "then": False}, None, True),
        (DRAFT_2019_09, {"if": {"type": "null"}, "then": False}, None, False),
        (DRAFT_6, {"contains": {"const": 1}}, [2], False),
        (DRAFT_2019_09, {"contains": {"const": 1}, "minContains": 2}, [1, 2], False),
        (DRAFT_2019_09, TREE, {"below": [{"name": "x"}]}, True),
        (DRAFT_2019_09, TREE, {"below": [{"below": [{"name": 1}]}]}, False),
        (DRAFT_2019_09, {"unevaluatedProperties": False, "anyOf": [{"properties": {"a": {}}}]}, {"a": 1}, True),
        (DRAFT_2019_09, {"unevaluatedProperties": False, "anyOf": [{"properties": {"a": {}}}]}, {"b": 1}, False),
        (DRAFT_2019_09, {"$defs": {"a": {"$anchor": "x", "type": "null"}}, "items": {"$ref": "#x"}}, [1], False),
    ],
)
def test_a_keyword_means_what_it_did(draft: str, schema: dict[str, Any], value: Any, fits: bool) -> None:
    contract = contract_of({"$schema": draft, **schema})
    assert isinstance(verdict_on(contract, value), Accepted) == fits


@pytest.mark.parametrize(
    ("draft", "schema", "what"),
    [
        (DRAFT_4, {"properties": {"a": True}}, "/properties/a: not a JSON Schema of draft-04"),
        (DRAFT_6, {"items": EXCLUSIVE}, "/items/exclusiveMinimum: not a JSON Schema of draft-06"),
        (DRAFT_4, {"id": "http://127.0.0.1:1/", "$ref": "#"}, "'id' beside '$ref' does not count in draft-04"),
        (DRAFT_4, {"id": "file:///etc/", "not": {"$ref": "passwd.json"}}, "leads out of the folder of the contract"),
        (DRAFT_2019_09, {"not": {"$recursiveRef": "http://127.0.0.1:1/x"}}, "leads out of the contract"),
        (DRAFT_2019_09, {"$recursiveRef": "#"}, "applies itself to the same value for ever"),
        (DRAFT_2019_09, {"$defs": {"a": {"$id": "b", **TREE}}}, "'$recursiveRef' is taken only where"),
    ],
)
def test_a_mistake_is_found_when_it_is_read(draft: str, schema: dict[str, Any], what: str, tmp_path: Path) -> None:
    path = tmp_path / "contract.json"
    path.write_text(json.dumps({"$schema": draft, **schema}), encoding="utf-8")
    with pytest.raises(BadUsage) as caught:
        contract_in(path)
    assert what in caught.value.what


def test_a_bound_that_is_yes_or_no_is_told_to_no_vendor() -> None:
    properties = {"count": {"type": "integer", **EXCLUSIVE}}
    written: Any = {"$schema": DRAFT_4, "type": "object", "properties": properties}
    schema = one_schema(ContractRef(schema=written))
    assert "exclusive" not in (schema_argument(schema) or "exclusive")
    assert "exclusive" not in json.dumps(strict_schema(schema) or "exclusive")
