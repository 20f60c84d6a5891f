"""A contract as one schema without another file."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath
from typing import Any

import jsonschema
import jsonschema_rs
import pytest

from pytest_subagents.contract.one_schema import one_schema
from pytest_subagents.errors import BadUsage
from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.spec import RESULT, ContractRef

FINDING = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["title"],
    "properties": {"title": {"type": "string"}, "place": {"$ref": "#/$defs/place"}, "inner": {"$ref": "#"}},
    "$defs": {"place": {"type": "integer"}},
}


def written(folder: Path, **files: object) -> ContractRef:
    """Contracts of these names; the first is the one that is meant."""
    for name, schema in files.items():
        (folder / f"{name}.json").write_text(json.dumps(schema), encoding="utf-8")
    return ContractRef(path=PurePosixPath(folder / f"{next(iter(files))}.json"))


def plain(schema: JsonValue) -> dict[str, Any]:
    assert isinstance(schema, dict)
    return schema


def accepts(schema: JsonValue, answer: object) -> bool:
    """As both libraries say, alone with the schema: nothing can be fetched, and there is nothing to fetch."""
    one = jsonschema.Draft202012Validator(plain(schema)).is_valid(answer)
    assert jsonschema_rs.validator_for(plain(schema)).is_valid(answer) == one
    return one


def test_the_built_in_contract_is_as_it_is_but_for_its_draft() -> None:
    schema = plain(one_schema(RESULT))
    assert list(schema) == ["title", "type", "required", "properties"]
    assert accepts(schema, {"status": "success", "summary": "", "findings": []})
    assert not accepts(schema, {"status": "success"})


def test_a_schema_given_in_python() -> None:
    ref = ContractRef(schema={"$id": "x", "type": "object", "properties": {"a": {"$ref": "#/$defs/a%20b"}},
                              "$defs": {"a b": {"const": {"$ref": "#/$defs/file%201"}}}})  # fmt: skip
    assert one_schema(ref) == {
        "type": "object",
        "properties": {"a": {"$ref": "#/$defs/a%20b"}},
        "$defs": {"a b": {"const": {"$ref": "#/$defs/file%201"}}},
    }


def test_each_call_gives_a_value_of_its_own() -> None:
    first, second = one_schema(RESULT), one_schema(RESULT)
    plain(first).clear()
    assert plain(second)


def test_neighbours_stand_below_the_definitions_by_their_names(tmp_path: Path) -> None:
    ref = written(
        tmp_path,
        contract={
            "type": "object",
            "properties": {
                "findings": {"type": "array", "items": {"$ref": "finding.json"}},
                "line": {"$ref": "finding.json#/$defs/place"},
                "both": {"$ref": "a%20b.json", "allOf": [{"$ref": "finding.json"}]},
            },
        },
        finding=FINDING,
        **{"a b": {"$ref": "finding.json#/properties/title"}},
    )
    schema = plain(one_schema(ref))
    assert schema["properties"] == {
        "findings": {"type": "array", "items": {"$ref": "#/$defs/finding"}},
        "line": {"$ref": "#/$defs/finding/$defs/place"},
        "both": {"allOf": [{"$ref": "#/$defs/finding"}], "$ref": "#/$defs/a-b"},
    }
    assert set(schema["$defs"]) == {"finding", "a-b"}
    assert schema["$defs"]["a-b"] == {"$ref": "#/$defs/finding/properties/title"}
    assert "$schema" not in schema["$defs"]["finding"]
    assert accepts(schema, {"findings": [{"title": "a", "place": 3, "inner": {"title": "b"}}], "line": 3})
    assert not accepts(schema, {"findings": [{"title": "a", "inner": {}}]})
    assert not accepts(schema, {"line": "3"})


def test_names_that_are_taken_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/finding.json").write_text('{"type": "string"}', encoding="utf-8")
    ref = written(
        tmp_path,
        contract={
            "$defs": {"finding": {"type": "null"}},
            "properties": {
                "a": {"$ref": "finding.json"}, "b": {"$ref": "sub/finding.json"}, "c": {"$ref": "#/$defs/finding"},
            },
        },
        finding=FINDING,
    )  # fmt: skip
    schema = plain(one_schema(ref))
    assert set(schema["$defs"]) == {"finding", "finding-2", "finding-3"}
    assert accepts(schema, {"a": {"title": ""}, "b": "", "c": None})
    assert not accepts(schema, {"a": {}})
    assert not accepts(schema, {"b": None})
    assert not accepts(schema, {"c": ""})


def test_anchors_and_addresses_are_resolved(tmp_path: Path) -> None:
    ref = written(
        tmp_path,
        contract={
            "$defs": {"a": {"$anchor": "here", "type": "integer"}},
            "items": {"$ref": "#here"},
            "$dynamicAnchor": "top",
        },
    )
    assert one_schema(ref) == {"$defs": {"a": {"type": "integer"}}, "items": {"$ref": "#/$defs/a"}}


def test_draft_7_keeps_its_own_place_for_definitions(tmp_path: Path) -> None:
    ref = written(
        tmp_path,
        contract={"$schema": "http://json-schema.org/draft-07/schema#", "items": {"$ref": "finding.json"}},
        finding={"type": "string"},
    )
    assert one_schema(ref) == {
        "items": {"$ref": "#/definitions/finding"},
        "definitions": {"finding": {"type": "string"}},
    }


@pytest.mark.parametrize("ref", [ContractRef(path=PurePosixPath("/nowhere/c.json")), ContractRef(schema={"$ref": "x"})])
def test_what_is_no_contract_is_a_mistake(ref: ContractRef) -> None:
    with pytest.raises(BadUsage):
        one_schema(ref)
