"""A final message against its contract: verdicts, violations in one order, and no way to hang or to raise."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import jsonschema
import pytest
from contract_case import DRAFT_7, accepted, contract_of, refused, told, verdict_on, verdict_on_text
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_subagents.contract.checking import check
from pytest_subagents.contract.loading import load_contract
from pytest_subagents.contract.pointers import MISSING, look_up, parse_pointer
from pytest_subagents.model import limits
from pytest_subagents.model.spec import RESULT, ContractRef
from pytest_subagents.model.verdict import Accepted, Refused

RESULT_CONTRACT = load_contract(RESULT)
GOOD: dict[str, Any] = {"status": "success", "summary": "s", "findings": ["x", {"severity": "high", "line": 3}]}


def test_the_built_in_contract_takes_what_the_design_says() -> None:
    answer = accepted(RESULT_CONTRACT, {**GOOD, "more": [1], "findings": [*GOOD["findings"], {"line": None, "x": 1}]})
    assert (answer.status, answer.summary, len(answer.findings)) == ("success", "s", 3)
    assert answer.value == {**GOOD, "more": [1], "findings": [*GOOD["findings"], {"line": None, "x": 1}]}


def test_a_run_without_a_final_message() -> None:
    verdict = check(RESULT_CONTRACT, None)
    assert isinstance(verdict, Refused)
    assert [reason.kind for reason in verdict.reasons] == ["no_message"]
    assert verdict.violations == 0


def test_a_reason_names_the_line_of_the_transcript() -> None:
    for text in ("", "prose", "{}"):
        verdict = verdict_on_text(RESULT_CONTRACT, text)
        assert isinstance(verdict, Refused)
        assert {reason.line for reason in verdict.reasons} == {7}


def test_every_violation_is_listed_by_pointer_in_the_order_of_the_answer() -> None:
    answer = {"findings": [*["x"] * 10, {"severity": "severe"}, 4, {"line": "3", "file": None}], "status": "ok"}
    assert told(RESULT_CONTRACT, answer) == [
        ("", "'summary' is a required property"),
        ("/findings/10/severity", "'severe' is not one of 'critical', 'high', 'medium', 'low', 'info'"),
        ("/findings/11", "4 is not of type 'string', 'object'"),
        ("/findings/12/file", "null is not of type 'string'"),
        ("/findings/12/line", "'3' is not of type 'integer', 'null'"),
        ("/status", "'ok' is not one of 'success', 'partial', 'failed'"),
    ]
    verdict = refused(RESULT_CONTRACT, answer)
    assert verdict.violations == 6
    assert verdict.value == answer
    assert {reason.kind for reason in verdict.reasons} == {"contract"}


@pytest.mark.parametrize(
    ("schema", "answer", "expected"),
    [
        ({"const": "x"}, "y" * 300_000, [("", "'" + "y" * 60 + "'… (300,000 characters) is not 'x'")]),
        ({"type": "string"}, {"b": 1, "a": 2}, [("", "an object with 'a', 'b' is not of type 'string'")]),
        ({"type": ["string", "null"]}, [1, 2], [("", "an array of 2 is not of type 'string', 'null'")]),
        ({"minLength": 3}, "a", [("", "'a' has 1 character, fewer than 3")]),
        ({"pattern": "^a"}, "b\x1b[0m", [("", "'b\\x1b[0m' does not match '^a'")]),
        ({"maxItems": 1}, [1, 2], [("", "2 items, more than 1")]),
        ({"minProperties": 1}, {}, [("", "0 keys, fewer than 1")]),
        ({"exclusiveMaximum": 3}, 3, [("", "3 is not less than 3")]),
        ({"uniqueItems": True}, [1, {"a": [1]}, {"a": [1.0]}], [("", "items 1 and 2 are equal")]),
        ({"items": {"uniqueItems": False, "minItems": 1}}, [[1, 1], []], [("/1", "0 items, fewer than 1")]),
        ({"prefixItems": [True, False]}, [1, 2], [("/1", "2 is not allowed here")]),
        ({"patternProperties": {"^a": False}}, {"ab": 2}, [("/ab", "2 is not allowed here")]),
        ({"items": False}, [1], [("", "1 item, more than are allowed")]),
        ({"properties": {"a": False}}, {"a": 1}, [("/a", "1 is not allowed here")]),
        ({"not": {"type": "null"}}, None, [("", "null is what 'not' forbids")]),
        ({"contains": {"const": 1}}, [2], [("", "1 item, none as 'contains' asks for")]),
        (
            {"propertyNames": {"maxLength": 1}},
            {"ab": 1},
            [("", "the key 'ab' is not allowed: 'ab' has 2 characters, more than 1")],
        ),
        ({"additionalProperties": False}, {"z": 1, "y": 2}, [("", "'y', 'z' are not allowed here")]),
        ({"required": ["a", "b"]}, {}, [("", "'a' is a required property"), ("", "'b' is a required property")]),
        ({"properties": {"a/b": {"items": {"type": "null"}}}}, {"a/b": [0]}, [("/a~1b/0", "0 is not of type 'null'")]),
        (
            {"oneOf": [{"type": "integer"}, {"minimum": 1}]},
            2,
            [("", "2 fits more than one alternative of 'oneOf': 0, 1")],
        ),
        ({"allOf": [{"minimum": 3}, {"minimum": 3}]}, 2, [("", "2 is less than the minimum of 3")]),
    ],
)
def test_what_a_violation_says(schema: dict[str, Any], answer: Any, expected: list[tuple[str, str]]) -> None:
    assert told(contract_of(schema), answer) == expected


SHAPES = {
    "anyOf": [
        {"type": "null"},
        {"properties": {"kind": {"const": "bug"}, "line": {"type": "integer"}}, "required": ["kind", "line"]},
        {"properties": {"kind": {"const": "idea"}, "text": {"type": "string"}}, "required": ["kind", "text"]},
    ]
}


@pytest.mark.parametrize("keyword", ["anyOf", "oneOf"])
@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"kind": "bug", "line": "3"}, [("/line", "'3' is not of type 'integer'")]),
        ({"kind": "idea", "text": 3, "x": [1]}, [("/text", "3 is not of type 'string'")]),
        ({"kind": "idea"}, [("", "'text' is a required property")]),
    ],
)
def test_of_alternatives_the_one_that_was_meant_is_told(keyword: str, answer: Any, expected: Any) -> None:
    assert told(contract_of({"type": ["object", "null"], keyword: SHAPES["anyOf"]}), answer) == expected


def test_of_alternatives_that_all_want_another_sort_all_are_told() -> None:
    contract = contract_of({"items": {"anyOf": [{"enum": ["a", "b"]}, {"type": "object"}, {"anyOf": [{"const": 1}]}]}})
    assert told(contract, [True]) == [("/0", "true is not of type 'object' and not one of 'a', 'b', 1")]


def test_fifty_thousand_violations_are_counted_and_a_hundred_told() -> None:
    answer = {**GOOD, "findings": [{"severity": "severe", "title": "t"}] * 50_000}
    verdict = refused(RESULT_CONTRACT, answer)
    assert verdict.violations == 50_000
    assert [reason.at for reason in verdict.reasons] == [
        f"/findings/{index}/severity" for index in range(limits.VIOLATIONS_SHOWN)
    ]


def test_the_violations_behind_an_alternative_are_counted_too() -> None:
    contract = contract_of({"anyOf": [{"type": "array", "items": {"minLength": 2}}, {"type": "null"}]})
    verdict = refused(contract, ["a"] * 30_000)
    assert (verdict.violations, len(verdict.reasons)) == (30_000, limits.VIOLATIONS_SHOWN)


def test_fifty_thousand_findings_are_an_answer() -> None:
    assert len(accepted(RESULT_CONTRACT, {**GOOD, "findings": [{"severity": "high"}] * 50_000}).findings) == 50_000


def test_work_is_counted_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tree of alternatives doubles with every level; both libraries would be at it for years."""
    node = {"$ref": "#/$defs/node"}
    variants = [{"properties": {"c": node}, "required": [key]} for key in ("y", "z")]
    contract = contract_of({**node, "$defs": {"node": {"anyOf": variants}}})
    answer: Any = {"y": 1}
    for _ in range(90):
        answer = {"c": answer}
    assert not contract.may_accept(json.dumps(answer))
    monkeypatch.setattr(limits, "DOUBLING_STEPS", 20_000)
    verdict = refused(contract, answer)
    assert verdict.violations == 1
    assert verdict.reasons[0].message.startswith("too slow: it takes more than 20,000 steps")


def test_work_that_does_not_double_has_more_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "VALIDATION_STEPS", 1_000)
    verdict = refused(contract_of({"items": {"multipleOf": 2}}), [2] * 5_000)
    assert verdict.reasons[0].message.startswith("too slow: it takes more than 1,000 steps")


def test_a_hundred_levels_of_recursion_are_judged_at_any_depth_of_the_caller() -> None:
    contract = contract_of({"pattern": "x", "$defs": {}, "additionalProperties": {"$ref": "#"}})
    answer: Any = "no match"[:2]
    for _ in range(99):
        answer = {"c": answer}

    def asked(depth: int) -> Any:
        return asked(depth - 1) if depth else told(contract, answer)

    assert asked(0) == asked(500) == [("/c" * 99, "'no' does not match 'x'")]


def test_an_answer_that_jsonschema_stumbles_over_is_refused() -> None:
    """jsonschema 4.26 raises TypeError for `additionalItems` beside `items: true`, where an array comes that far."""
    inner = {"items": True, "additionalItems": {"type": "string"}}
    schema = {
        "$schema": DRAFT_7,
        "type": "object",
        "properties": {"a": {"properties": {"b": {"properties": {"c": inner}}}}},
    }
    verdict = verdict_on(contract_of({**schema, "required": ["a", "z"]}), {"a": {"b": {"c": [1]}}})
    assert isinstance(verdict, Refused)
    assert verdict.reasons[0].message == "cannot be judged: TypeError"


def test_the_same_contract_accepts_without_jsonschema_ever_being_imported() -> None:
    program = (
        "import sys, json\n"
        "from pytest_subagents.contract.checking import check\n"
        "from pytest_subagents.contract.loading import load_contract\n"
        "from pytest_subagents.model.outcome import FinalMessage\n"
        "from pytest_subagents.model.spec import RESULT\n"
        "verdict = check(load_contract(RESULT), FinalMessage(text=sys.argv[1], line=1))\n"
        "assert type(verdict).__name__ == 'Accepted', verdict\n"
        "sys.exit('jsonschema' in sys.modules)\n"
    )
    run = subprocess.run([sys.executable, "-c", program, json.dumps(GOOD)], check=False, capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")


# Laws

KEYS = st.sampled_from(["status", "summary", "findings", "severity", "file", "line", "title", "detail", "x", "a/b~"])
LEAVES = st.sampled_from([None, True, 0, 3, 3.0, 1.5, 2**60, "", "success", "failed", "high", "é\n", "x" * 100])
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
NEARLY = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from(["success", "partial", "failed", "ok", None]),
        "summary": st.sampled_from(["", "s", 3]),
        "findings": st.lists(
            st.one_of(
                LEAVES,
                st.fixed_dictionaries(
                    {},
                    optional={
                        "severity": st.sampled_from(["critical", "info", "severe", 1]),
                        "file": st.sampled_from(["a.py", None]),
                        "line": st.sampled_from([None, 1, 1.0, 1.5, "1"]),
                        "detail": VALUES,
                    },
                ),
            ),
            max_size=3,
        ),
    },
)
STOCK = jsonschema.Draft202012Validator(RESULT_CONTRACT.schema)  # type: ignore[arg-type]


@settings(max_examples=2_500, suppress_health_check=[HealthCheck.too_slow])
@given(NEARLY | VALUES)
def test_the_verdict_is_jsonschemas(value: Any) -> None:
    assert RESULT_CONTRACT.may_accept(json.dumps(value))
    assert STOCK.is_valid(value) or not RESULT_CONTRACT.accepts(value)
    assert isinstance(verdict_on(RESULT_CONTRACT, value), Accepted) == STOCK.is_valid(value)


def reordered(value: Any, *, backwards: bool) -> Any:
    """The same value with the keys of every object in another order."""
    if isinstance(value, dict):
        return {key: reordered(value[key], backwards=backwards) for key in sorted(value, reverse=backwards)}
    return [reordered(item, backwards=backwards) for item in value] if isinstance(value, list) else value


@given(NEARLY | VALUES)
def test_violations_do_not_depend_on_the_order_of_keys_and_their_pointers_resolve(value: Any) -> None:
    schema = RESULT_CONTRACT.schema
    verdicts = [
        verdict_on(contract, reordered(value, backwards=backwards))
        for backwards in (False, True)
        for contract in (RESULT_CONTRACT, ORDERS[backwards])
    ]
    assert schema == ORDERS[True].schema == ORDERS[False].schema
    reasons = {verdict.reasons if isinstance(verdict, Refused) else () for verdict in verdicts}
    assert len(reasons) == 1
    for reason in next(iter(reasons)):
        assert reason.at is not None
        assert look_up(value, parse_pointer(reason.at)) is not MISSING
        assert len(reason.message) <= limits.MESSAGE_CHARS


ORDERS = {
    backwards: load_contract(ContractRef(schema=reordered(RESULT_CONTRACT.schema, backwards=backwards)))
    for backwards in (False, True)
}
