"""Answers of a contract and wrong ones, by the word of the contract itself."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from pytest_subagents.contract.checking import check
from pytest_subagents.contract.loading import load_contract
from pytest_subagents.model.outcome import FinalMessage
from pytest_subagents.model.spec import RESULT, ContractRef
from pytest_subagents.model.verdict import Accepted
from pytest_subagents.testing.answers import answers, wrong_answers, wrong_messages
from pytest_subagents.testing.schema_values import json_values, schema_values

SCHEMAS: dict[str, dict[str, Any]] = {
    "a closed object": {
        "type": "object",
        "properties": {"a": {"type": "integer", "minimum": 3}, "b": {"enum": ["x", None]}},
        "required": ["a"],
        "additionalProperties": False,
    },
    "a tree": {
        "$ref": "#/$defs/node",
        "$defs": {
            "node": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "minLength": 1},
                    "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
                },
            }
        },
    },
    "what is put together": {
        "allOf": [
            {"type": "object", "properties": {"a": {"type": "number", "maximum": 5}}, "required": ["a"]},
            {"properties": {"a": {"minimum": 1}, "b": {"const": True}}, "required": ["b"]},
        ],
        "unevaluatedProperties": False,
    },
    "one of two": {
        "type": "object",
        "required": ["kind"],
        "oneOf": [
            {"properties": {"kind": {"const": "file"}, "path": {"type": "string"}}, "required": ["path"]},
            {"properties": {"kind": {"const": "none"}}, "maxProperties": 1},
        ],
    },
    "a condition": {
        "type": "object",
        "properties": {"ok": {"type": "boolean"}},
        "required": ["ok"],
        "if": {"properties": {"ok": {"const": False}}},
        "then": {"properties": {"why": {"type": "string"}}, "required": ["why"]},
    },
    "a tuple and its rest": {
        "type": "array",
        "prefixItems": [{"type": "integer"}, {"type": "string", "pattern": "^[a-c]{2}$"}],
        "items": {"type": "boolean"},
        "minItems": 2,
        "maxItems": 4,
    },
    "a set": {"type": "array", "items": {"enum": [1, 2, 3]}, "uniqueItems": True, "minItems": 2},
    "something among others": {"type": "array", "contains": {"type": "integer", "multipleOf": 5}, "maxItems": 5},
    "names of a kind": {
        "type": "object",
        "patternProperties": {"^x_": {"type": "integer"}},
        "additionalProperties": False,
        "minProperties": 1,
    },
    "numbers within bounds": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    "several types": {"type": ["string", "null", "integer"], "maxLength": 3},
    "draft 7": {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "definitions": {"n": {"type": "integer"}},
        "type": "array",
        "items": [{"$ref": "#/definitions/n"}],
        "additionalItems": False,
        "minItems": 1,
    },
}


def taken(contract: ContractRef, text: str) -> bool:
    return isinstance(check(load_contract(contract), FinalMessage(text=text, line=1)), Accepted)


@pytest.mark.parametrize("name", SCHEMAS)
@settings(max_examples=25)
@given(data=st.data())
def test_answers_of_a_schema_are_answers(name: str, data: st.DataObject) -> None:
    value = data.draw(answers(SCHEMAS[name]))
    assert taken(ContractRef(schema=SCHEMAS[name]), json.dumps(value))


@pytest.mark.parametrize("name", SCHEMAS)
@settings(max_examples=25)
@given(data=st.data())
def test_wrong_answers_of_a_schema_are_none(name: str, data: st.DataObject) -> None:
    value = data.draw(wrong_answers(SCHEMAS[name]))
    assert not taken(ContractRef(schema=SCHEMAS[name]), json.dumps(value))


@settings(max_examples=50)
@given(value=answers("result"), wrong=wrong_answers(), message=wrong_messages())
def test_the_built_in_contract(value: Any, wrong: Any, message: str) -> None:
    assert taken(RESULT, json.dumps(value))
    assert not taken(RESULT, json.dumps(wrong))
    assert not taken(RESULT, message)


def gives(strategy: st.SearchStrategy[Any], wanted: Callable[[Any], object]) -> None:
    """The strategy comes to such a value. The smallest one, for which `find` would search long, is nobody's concern."""
    find(strategy, lambda value: bool(wanted(value)), settings=settings(max_examples=2000, phases=[Phase.generate]))


@pytest.mark.parametrize("status", ["success", "partial", "failed"])
def test_answers_are_of_every_status_with_and_without_findings(status: str) -> None:
    gives(answers(), lambda value: value["status"] == status and value["findings"])
    gives(answers(), lambda value: value["status"] == status and not value["findings"])


def test_wrong_answers_are_wrong_by_little() -> None:
    gives(wrong_answers(), lambda value: isinstance(value, dict) and len(value) == 2 and "findings" in value)
    gives(wrong_answers(), lambda value: isinstance(value, dict) and value.get("status") not in (None, "success"))


def test_a_recursive_schema_gives_trees() -> None:
    gives(
        schema_values(SCHEMAS["a tree"]),
        lambda value: any(child.get("children") for child in value.get("children", ())),
    )


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_contract_may_be_a_file(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "contract.json"
    path.write_text(json.dumps(SCHEMAS["a closed object"]), encoding="utf-8")
    assert data.draw(answers(path))["a"] >= 3
    assert data.draw(answers(str(path)))["a"] >= 3


@given(value=json_values())
def test_any_value_is_json(value: Any) -> None:
    assert json.loads(json.dumps(value, allow_nan=False)) == value


def test_without_hypothesis_the_extra_is_named() -> None:
    code = "import sys; sys.modules['hypothesis'] = None\nimport pytest_subagents.testing.answers"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "pip install 'pytest-subagents[hypothesis]'" in done.stderr
