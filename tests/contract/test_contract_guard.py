"""Where jsonschema-rs and jsonschema differ, jsonschema-rs is not asked; where it is asked, they do not differ."""

from __future__ import annotations

from typing import Any

import jsonschema
import jsonschema_rs
import pytest
from contract_case import DRAFT_7, DRAFT_2020_12, contract_of, verdict_on
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_subagents.errors import BadUsage
from pytest_subagents.model.verdict import Accepted

# Schema, value, what jsonschema says; jsonschema-rs 0.60.3 says the contrary.
DIFFERENCES: list[tuple[dict[str, Any], Any, bool]] = [
    ({"pattern": "^\\d+$"}, "\u0661\u0662\u0663", True),
    ({"pattern": "^\\d+$"}, "1\n", True),
    ({"patternProperties": {"^\\d$": {"type": "null"}}}, {"\u0661": 1}, False),
    ({"multipleOf": 0.1}, 0.3, False),
    ({"multipleOf": 10}, 9.223372036854776e18, False),
    ({"multipleOf": 3}, 1e300, True),
    ({"not": {"multipleOf": 0.1}}, 0.3, True),
    ({"$schema": DRAFT_7, "contentMediaType": "application/json"}, "{", True),
    ({"$schema": DRAFT_7, "contentEncoding": "base64"}, "?", True),
]


@pytest.mark.parametrize(("schema", "value", "expected"), DIFFERENCES)
def test_jsonschemas_verdict_stands_where_the_two_differ(schema: dict[str, Any], value: Any, expected: bool) -> None:
    contract = contract_of(schema)
    assert not contract.guarded
    assert isinstance(verdict_on(contract, value), Accepted) is expected


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"a": {"pattern": "x"}}},
        {"not": {"anyOf": [True, {"unevaluatedItems": False}]}},
        {"$ref": "#/$defs/a", "$defs": {"a": {"multipleOf": 2}}},
        {"$schema": DRAFT_2020_12, "dependencies": {"a": ["b"]}},
        {"$schema": DRAFT_7, "dependentRequired": {"a": ["b"]}},
    ],
)
def test_a_keyword_that_is_not_safe_is_found_wherever_an_answer_can_meet_it(schema: dict[str, Any]) -> None:
    assert not contract_of(schema).guarded


@pytest.mark.parametrize(
    "schema",
    [
        {"$defs": {"unused": {"pattern": "x"}}, "type": "object"},
        {"properties": {"pattern": {"type": "string"}, "multipleOf": {"format": "email"}}},
        {"const": {"pattern": "x"}, "examples": [{"multipleOf": 1}], "x-note": {"pattern": "y"}},
    ],
)
def test_what_no_answer_can_meet_and_what_only_looks_like_a_keyword_is_safe(schema: dict[str, Any]) -> None:
    assert contract_of(schema).guarded


@pytest.mark.parametrize("draft", [DRAFT_7, DRAFT_2020_12])
def test_format_is_asserted_by_neither(draft: str) -> None:
    contract = contract_of({"$schema": draft, "items": {"format": "date"}, "format": "ipv4"})
    assert contract.guarded
    assert contract.accepts(["no date"])
    assert contract.judge.reference.judge(["no date"]).count == 0  # type: ignore[union-attr]


def test_equal_items_are_found_where_jsonschema_overlooks_them() -> None:
    """Sorting `1` and `true` side by side hides the two equal arrays from jsonschema 4.26."""
    answer = [[1, "a"], [True, "a"], [1, "a"]]
    assert jsonschema.Draft202012Validator({"uniqueItems": True}).is_valid(answer)
    assert not jsonschema_rs.Draft202012Validator({"uniqueItems": True}).is_valid(answer)
    assert not isinstance(verdict_on(contract_of({"uniqueItems": True}), answer), Accepted)


# Laws: random schemas of all drafts, random values, both libraries and our own keywords.

SCALARS: list[Any] = [
    None, True, False, 0, 1, 1.0, -1, 1.5, 1e300, 2**53, 2**53 + 1, float(2**53), 2**63 - 1, "", "a", "ab", "é", "a\n",
]  # fmt: skip
NAMES = ["a", "b", "é"]
VALUES = st.recursive(
    st.sampled_from(SCALARS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=8,
)
TYPES = st.sampled_from(["null", "boolean", "integer", "number", "string", "array", "object"])


def _with_keywords(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=1, max_size=3)
    small = st.integers(0, 3)
    bound = st.sampled_from([0, 1, 1.5, 2**53 + 1, float(2**53), -3, 1e300])
    pattern = st.sampled_from(["^a", "b$", "\\w", "^(a|b)+$", "^$"])
    named = st.dictionaries(st.sampled_from(NAMES), inner, max_size=2)
    return st.booleans() | st.fixed_dictionaries(
        {},
        optional={
            "type": TYPES | st.lists(TYPES, min_size=1, max_size=2, unique=True),
            "enum": st.lists(VALUES, min_size=1, max_size=3),
            "const": VALUES,
            "allOf": several,
            "anyOf": several,
            "oneOf": several,
            "not": inner,
            "if": inner,
            "then": inner,
            "else": inner,
            "properties": named,
            "additionalProperties": inner,
            "propertyNames": inner,
            "patternProperties": st.dictionaries(pattern, inner, max_size=1),
            "required": st.lists(st.sampled_from(NAMES), max_size=2, unique=True),
            "minProperties": small,
            "items": inner,
            "contains": inner,
            "uniqueItems": st.booleans(),
            "minItems": small,
            "maxLength": small,
            "minimum": bound,
            "exclusiveMaximum": bound,
            "multipleOf": st.sampled_from([1, 2, 0.1]),
            "pattern": pattern,
            "format": st.just("date"),
        },
    )


SCHEMAS = st.recursive(st.just({}) | TYPES.map(lambda type: {"type": type}), _with_keywords, max_leaves=6)


STOCK = {
    DRAFT_2020_12: jsonschema.Draft202012Validator,
    "https://json-schema.org/draft/2019-09/schema": jsonschema.Draft201909Validator,
    DRAFT_7: jsonschema.Draft7Validator,
    "http://json-schema.org/draft-06/schema#": jsonschema.Draft6Validator,
    "http://json-schema.org/draft-04/schema#": jsonschema.Draft4Validator,
}


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(SCHEMAS.filter(lambda schema: isinstance(schema, dict)), st.sampled_from(sorted(STOCK)), st.data())
def test_every_verdict_is_jsonschemas(schema: dict[str, Any], draft: str, data: st.DataObject) -> None:
    schema = {**schema, "$schema": draft}
    stock = STOCK[draft]
    try:
        contract = contract_of(schema)
    except BadUsage:
        return
    for value in data.draw(st.lists(VALUES, min_size=5, max_size=10)):
        expected = stock(schema).is_valid(value)
        assert isinstance(verdict_on(contract, value), Accepted) == expected
        if contract.guarded:
            assert expected or not contract.accepts(value)
