"""Contracts as the strict mode of OpenAI's structured output takes them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

import pytest_subagents
from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.vendors.programs.strict_schema import strict_schema

RESULT: dict[str, Any] = json.loads(
    (Path(pytest_subagents.__file__).parent / "contract/schemas/result.json").read_text(encoding="utf-8")
)


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    match schema:
        case dict():
            if schema.get("type") == "object":
                yield schema
            for value in schema.values():
                yield from objects(value)
        case list():
            for value in schema:
                yield from objects(value)


def strict_result() -> dict[str, Any]:
    strict = strict_schema(RESULT)
    assert isinstance(strict, dict)
    return strict


def test_the_built_in_contract_can_be_said_in_strict_mode() -> None:
    strict = strict_result()
    for one in objects(strict):
        assert one["additionalProperties"] is False
        assert one["required"] == list(one["properties"])
    assert strict["properties"]["status"]["type"] == "string"
    assert "$schema" not in strict


def answers(schema: dict[str, Any]) -> st.SearchStrategy[JsonValue]:
    """Answers as a provider makes them by a schema of strict mode."""
    match schema:
        case {"enum": list() as values}:
            return st.sampled_from(values)
        case {"anyOf": list() as choices}:
            return st.one_of(*(answers(choice) for choice in choices))
        case {"type": "object", "properties": dict() as properties}:
            return st.fixed_dictionaries({name: answers(one) for name, one in properties.items()})
        case {"type": "array", "items": dict() as items}:
            return st.lists(answers(items), max_size=3)
        case {"type": "string"}:
            return st.text(max_size=3)
    assert schema["type"] == ["integer", "null"]
    return st.none() | st.integers()


@given(answers(strict_result()))
def test_an_answer_by_it_satisfies_the_built_in_contract(answer: JsonValue) -> None:
    jsonschema.validate(answer, RESULT)


@pytest.mark.parametrize(
    "schema",
    [
        None,
        True,
        {},
        {"type": "string"},
        {"type": "object"},
        {"type": "object", "additionalProperties": {"type": "string"}},
        {"type": "object", "properties": {"a": {}}},
        {"type": "object", "properties": {"a": True}},
        {"type": "object", "properties": {"a": {"type": "array"}}},
        {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["b"]},
        {"type": "object", "properties": {"a": {"type": ["object", "null"]}}},
        {"type": "object", "properties": {"a": {"enum": [[1]]}}},
        {"allOf": [{"type": "object"}]},
        {"anyOf": [{"type": "object", "properties": {"a": {"type": "string"}}}]},
        {"type": "object", "properties": {"a": {"anyOf": [{"type": "string"}], "properties": {}}}},
    ],
)
def test_what_strict_mode_has_no_words_for_is_not_said(schema: JsonValue) -> None:
    assert strict_schema(schema) is None


def test_what_it_does_not_know_is_left_out_and_the_rest_is_kept() -> None:
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "name": {"type": "string", "minLength": 3, "pattern": "^a", "default": "abc"},
            "count": {"type": ["integer", "null"], "minimum": 0},
            "kind": {"const": "x"},
            "many": {"type": "array", "uniqueItems": True, "minItems": 1, "items": {"$ref": "#/$defs/one"}},
            "either": {"oneOf": [{"type": "string"}, {"enum": [1, None]}]},
        },
        "$defs": {"one": {"type": "object", "properties": {"a": {"type": "boolean"}}, "minProperties": 1}},
    }
    assert strict_schema(schema) == {
        "type": "object",
        "properties": {
            "name": {"type": "string", "pattern": "^a"},
            "count": {"type": ["integer", "null"], "minimum": 0},
            "kind": {"const": "x", "type": "string"},
            "many": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/one"}},
            "either": {"anyOf": [{"type": "string"}, {"enum": [1, None], "type": ["integer", "null"]}]},
        },
        "$defs": {
            "one": {
                "type": "object",
                "properties": {"a": {"type": "boolean"}},
                "required": ["a"],
                "additionalProperties": False,
            }
        },
        "required": ["name", "count", "kind", "many", "either"],
        "additionalProperties": False,
    }


def test_a_schema_that_never_ends_is_no_schema() -> None:
    loop: dict[str, Any] = {"type": "array"}
    loop["items"] = loop
    assert strict_schema({"type": "object", "properties": {"a": loop}}) is None


_WORDS = st.sampled_from(["type", "properties", "items", "anyOf", "enum", "required", "$defs", "object", "array"])


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.sampled_from(["object", "array", "string"]),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=4),
        max_leaves=12,
    )
)
def test_no_schema_makes_it_raise(schema: JsonValue) -> None:
    strict = strict_schema(schema)
    assert strict is None or isinstance(strict, dict)
