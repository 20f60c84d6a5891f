"""What a schema may cost is known before it judges anything."""

from __future__ import annotations

import json
from typing import Any

import pytest
from contract_case import DRAFT_7, accepted, contract_of, told

from pytest_subagents.errors import BadUsage
from pytest_subagents.model import limits


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"allOf": [{"$ref": "#"}]},
        {"anyOf": [{"type": "null"}, {"not": {"$ref": "#"}}]},
        {"if": {"$ref": "#"}},
        {"properties": {"a": {"$ref": "#/properties/a"}}},
        {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}},
        {"$defs": {"unused": {"oneOf": [{"$ref": "#/$defs/unused"}]}}},
        {"dependentSchemas": {"a": {"$ref": "#"}}},
        {"$dynamicAnchor": "t", "allOf": [{"$dynamicRef": "#t"}]},
        {"$schema": DRAFT_7, "dependencies": {"a": {"$ref": "#"}}},
    ],
    ids=json.dumps,
)
def test_a_schema_that_applies_itself_to_the_same_value_is_refused(schema: Any) -> None:
    with pytest.raises(BadUsage, match=r"the schema applies itself to the same value for ever: .+ -> "):
        contract_of(schema)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"a": {"$ref": "#"}}},
        {"items": {"$ref": "#"}, "prefixItems": [{"$ref": "#"}]},
        {"propertyNames": {"$ref": "#"}, "type": ["object", "string"]},
        {"$schema": DRAFT_7, "$ref": "#/definitions/a", "allOf": [{"$ref": "#"}], "definitions": {"a": {}}},
    ],
    ids=json.dumps,
)
def test_a_schema_that_goes_on_inside_the_value_is_taken(schema: Any) -> None:
    assert accepted(contract_of(schema), {}).value == {}


def chain(length: int, step: Any) -> dict[str, Any]:
    definitions = {f"d{number}": step({"$ref": f"#/$defs/d{number - 1}"}) for number in range(1, length + 1)}
    return {"$ref": f"#/$defs/d{length}", "$defs": {"d0": {"type": "object"}, **definitions}}


def test_a_chain_of_references_has_a_limit() -> None:
    assert accepted(contract_of(chain(limits.CONTRACT_REFS - 1, lambda ref: ref)), {})
    with pytest.raises(BadUsage, match="more than 100 references, each to the next one"):
        contract_of(chain(limits.CONTRACT_REFS, lambda ref: ref))


def test_what_one_value_is_judged_by_has_a_limit() -> None:
    assert told(contract_of(chain(12, lambda ref: {"allOf": [ref, ref]})), []) == [
        ("", "an empty array is not of type 'object'")
    ]
    with pytest.raises(BadUsage, match="more than 100,000 schemas for one value"):
        contract_of(chain(30, lambda ref: {"allOf": [ref, ref]}))


def nested(depth: int) -> Any:
    value: Any = {}
    for _ in range(depth):
        value = {"a": value}
    return value


def test_doubling_from_level_to_level_keeps_native_code_away_and_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    contract = contract_of(chain(30, lambda ref: {"allOf": [{"properties": {"a": ref}}, {"properties": {"a": ref}}]}))
    assert not contract.may_accept("{}")
    assert accepted(contract, nested(2)).value == nested(2)
    monkeypatch.setattr(limits, "DOUBLING_STEPS", 10_000)
    assert "too slow" in told(contract, nested(40))[0][1]


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}}},
        {
            "properties": {"e": {"$ref": "#/$defs/s"}, "s": {"$ref": "#"}},
            "$defs": {"s": {"properties": {"s": {"$ref": "#/$defs/s"}, "e": {"$ref": "#"}}}},
        },
        {"properties": {"a": {"$ref": "#"}}, "additionalProperties": {"$ref": "#"}},
        {"prefixItems": [{"$ref": "#"}, {"$ref": "#"}], "items": {"$ref": "#"}},
    ],
    ids=json.dumps,
)
def test_recursion_into_different_parts_does_not_add_up(schema: Any) -> None:
    contract = contract_of(schema)
    assert contract.work < 50
    assert contract.may_accept("x" * limits.ANSWER_BYTES)


def test_a_long_list_of_words_weighs_what_it_holds() -> None:
    contract = contract_of({"items": {"enum": [{"a": number} for number in range(5_000)]}})
    assert contract.may_accept("[1, 2, 3]")
    assert not contract.may_accept("[" + "1," * 100_000 + "1]")
    assert told(contract, [{"a": 0}, {"a": 5_000}])[0][0] == "/1"
