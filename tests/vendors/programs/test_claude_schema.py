"""What Claude Code is given of a contract: nothing that it does not know, and nothing stricter."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

import pytest_subagents
from pytest_subagents.model import limits
from pytest_subagents.vendors.programs.claude_schema import schema_argument

RESULT = json.loads((Path(pytest_subagents.__file__).parent / "contract/schemas/result.json").read_text("utf-8"))
KNOWN = {
    *("type", "enum", "const", "required", "title", "description", "$ref", "$defs", "definitions", "properties"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems", "maxItems"),
    *("uniqueItems", "minLength", "maxLength", "minProperties", "maxProperties", "items", "additionalProperties"),
    *("propertyNames", "anyOf", "allOf", "oneOf", "not", "if", "then", "else"),
}


def made(schema: Any) -> Any:
    argument = schema_argument(schema)
    return None if argument is None else json.loads(argument)


def an_object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def keywords(schema: Any) -> set[str]:
    """Those of a schema and of all in it."""
    if not isinstance(schema, dict):
        return set()
    found = set(schema)
    for key in ("properties", "$defs", "definitions"):
        for part in schema.get(key, {}).values():
            found |= keywords(part)
    for key in ("items", "additionalProperties", "propertyNames", "not", "if", "then", "else"):
        found |= keywords(schema.get(key))
    for key in ("anyOf", "allOf", "oneOf"):
        for part in schema.get(key, []):
            found |= keywords(part)
    return found


def test_the_built_in_contract_is_handed_over() -> None:
    schema = made(RESULT)
    assert schema["required"] == RESULT["required"]
    assert keywords(schema) <= KNOWN
    jsonschema.Draft7Validator(schema).validate({"status": "success", "summary": "s", "findings": ["a"]})


@pytest.mark.parametrize(
    "schema",
    [
        None,
        True,
        {},
        {"type": "array", "items": {}},
        {"type": "string"},
        {"type": ["object", "null"], "properties": {"a": {}}},
        {"anyOf": [an_object(a={}), an_object(b={})]},
        {"$ref": "#/$defs/lost", "$defs": {}},
        {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}},
        an_object(**{"a name": {}}),
        an_object(**{"x" * 65: {}}),
        an_object(a={"description": "x" * limits.ARGUMENT_BYTES}),
    ],
    ids=repr,
)
def test_what_cannot_be_a_tools_schema_is_left_to_the_prompt(schema: Any) -> None:
    assert schema_argument(schema) is None


@pytest.mark.parametrize(
    ("given_part", "kept"),
    [
        ({"type": "string", "format": "uri"}, {"type": "string"}),
        ({"type": "string", "pattern": "(?P<x>a)"}, {"type": "string"}),
        ({"type": "array", "prefixItems": [{}], "items": False}, {"type": "array"}),
        ({"type": "object", "patternProperties": {"a": {}}, "additionalProperties": False}, {"type": "object"}),
        ({"type": "object", "unevaluatedProperties": False}, {"type": "object"}),
        ({"contains": {"type": "string"}, "minContains": 0}, {}),
        ({"not": {"pattern": "a"}}, {}),
        ({"not": {"type": "string"}}, {"not": {"type": "string"}}),
        ({"not": {"$ref": "#/$defs/a"}}, {}),
        ({"oneOf": [{"type": "string", "pattern": "a"}, {}]}, {"anyOf": [{"type": "string"}, {}]}),
        ({"oneOf": [{"type": "string"}, {"type": "null"}]}, {"oneOf": [{"type": "string"}, {"type": "null"}]}),
        ({"if": {"pattern": "a"}, "then": {"type": "string"}}, {}),
        ({"if": {"type": "string"}}, {}),
        ({"if": {"type": "string"}, "then": {"format": "uri"}}, {"if": {"type": "string"}, "then": {}}),
        ({"$ref": "#/$defs/a"}, {"$ref": "#/$defs/a"}),
        ({"$ref": "#/properties/x"}, {}),
        ({"$ref": "other.json"}, {}),
        ({"items": [{"type": "string"}], "additionalItems": False}, {}),
        ({"anyOf": []}, {}),
        ({"default": 1, "examples": [1], "$comment": "c", "x-note": 1, "nullable": True}, {}),
        (True, True),
        (False, False),
    ],
    ids=repr,
)  # fmt: skip
def test_a_keyword_that_is_not_known_is_left_out_and_what_it_would_make_stricter(given_part: Any, kept: Any) -> None:
    found = made({**an_object(x=given_part), "$defs": {"a": {"type": "string"}}})
    assert found["properties"]["x"] == kept


def test_a_reference_at_the_top_is_replaced_by_what_it_means() -> None:
    found = made({"$ref": "#/$defs/answer", "$defs": {"answer": an_object(a={"$ref": "#/$defs/answer"})}})
    assert found["type"] == "object"
    assert found["properties"] == {"a": {"$ref": "#/$defs/answer"}}


def test_ways_at_the_top_are_left_out_for_the_api_refuses_them() -> None:
    found = made({**an_object(a={}), "oneOf": [{"required": ["a"]}, {"required": []}], "not": {"required": ["b"]}})
    assert found == an_object(a={})


def test_properties_without_a_type_are_an_object() -> None:
    assert made({"properties": {"a": {}}})["type"] == "object"


SCHEMAS = st.recursive(
    st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["string", "integer", "array", "object", "null"]),
            "enum": st.just(["a", 1, None]),
            "pattern": st.just("a"),
            "format": st.just("uri"),
            "minLength": st.integers(0, 2),
            "minItems": st.integers(0, 2),
            "x-note": st.just(1),
        },
    ),
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "properties": st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
            "patternProperties": st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
            "additionalProperties": inner | st.booleans(),
            "items": inner,
            "prefixItems": st.lists(inner, min_size=1, max_size=2),
            "contains": inner,
            "minContains": st.integers(0, 1),
            "not": inner,
            "oneOf": st.lists(inner, min_size=1, max_size=2),
            "anyOf": st.lists(inner, min_size=1, max_size=2),
            "allOf": st.lists(inner, min_size=1, max_size=2),
            "if": inner,
            "then": inner,
            "else": inner,
            "$ref": st.sampled_from(["#/$defs/d", "#/$defs/e"]),
        },
    ),
    max_leaves=6,
)
VALUES = st.recursive(
    st.sampled_from(["a", "b", "", 1, 0, None]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
    max_leaves=5,
)


@given(part=SCHEMAS, definition=SCHEMAS, value=VALUES)
def test_what_the_contract_accepts_is_never_refused(part: Any, definition: Any, value: Any) -> None:
    definition = {key: one for key, one in definition.items() if key != "$ref"}
    schema = {**an_object(x=part), "$defs": {"d": definition, "e": {"type": "string", "pattern": "a"}}}
    found = made(schema)
    assert keywords(found) <= KNOWN
    try:
        accepted = jsonschema.Draft202012Validator(schema).is_valid({"x": value})
    except RecursionError:
        return
    if accepted:
        # Draft 07 passes over what stands beside a `$ref`; the program's validator does not.
        assert jsonschema.Draft202012Validator(found).is_valid({"x": value})
