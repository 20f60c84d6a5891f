"""From an answer of any shape to status, summary and findings in our words."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pytest
from contract_case import accepted, contract_of
from hypothesis import given
from hypothesis import strategies as st

from pytest_subagents.contract.mapping import answer_of, fields_of
from pytest_subagents.errors import BadUsage
from pytest_subagents.model import limits
from pytest_subagents.model.severity import SEVERITIES
from pytest_subagents.model.spec import FieldMap
from pytest_subagents.model.verdict import Finding

OPEN = contract_of({})


def finding(item: Any, map: FieldMap | None = None) -> Finding:
    contract = OPEN if map is None else contract_of({}, map=map)
    (found,) = accepted(contract, {"findings": [item]}).findings
    return found


def test_the_built_in_names_work_without_a_map() -> None:
    item = {"severity": "high", "file": "a.py", "line": 3, "title": "t", "detail": "d"}
    answer = accepted(OPEN, {"status": "partial", "summary": "s", "findings": [item, "text"]})
    assert (answer.status, answer.summary) == ("partial", "s")
    assert answer.findings == (
        Finding(severity="high", file="a.py", line=3, title="t", detail="d"),
        Finding(severity="info", title="text"),
    )


@pytest.mark.parametrize("value", [None, 3, "x", [], {}, {"verdict": "bad"}, [{"status": "failed"}]])
def test_without_a_status_a_valid_answer_is_a_success(value: Any) -> None:
    assert accepted(OPEN, value).status == "success"


@pytest.mark.parametrize("status", ["ok", "Success", None, True, 1, ["success"], {}])
def test_a_status_in_no_list_is_failed(status: Any) -> None:
    assert accepted(OPEN, {"status": status}).status == "failed"


def test_true_is_not_one() -> None:
    contract = contract_of({}, map=FieldMap(status="/ok", success=(True,), partial=(0,), failed=(None,)))
    said = {"true": True, "one": 1, "false": False, "zero": 0, "zero point": 0.0, "null": None}
    assert {name: accepted(contract, {"ok": value}).status for name, value in said.items()} == {
        "true": "success",
        "one": "failed",
        "false": "failed",
        "zero": "partial",
        "zero point": "partial",
        "null": "failed",
    }
    assert accepted(contract, {}).status == "failed"


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("critical", "critical"),
        ("HIGH", "high"),
        (" Medium ", "medium"),
        ("error", "high"),
        ("Warning", "medium"),
        ("suggestion", "low"),
        ("P0", "critical"),
        ("p3", "low"),
        ("note", "info"),
        ("purple", "other"),
        (0, "other"),
        (True, "other"),
        ({"a": 1}, "other"),
        (None, "info"),
        ("", "info"),
    ],
)
def test_severities_by_their_words(word: Any, severity: str) -> None:
    assert finding({"severity": word}).severity == severity
    assert severity in SEVERITIES


def test_severities_by_the_map_come_first_and_numbers_only_by_it() -> None:
    words = MappingProxyType({"0": "critical", "3": "low", "Warning": "high", "1.5": "medium"})
    map = FieldMap(severity="/priority", severities=words)
    said = {0: "critical", 3.0: "low", "3": "low", "warning": "high", "WARNING": "high", "error": "high", 1.5: "medium"}
    for word, severity in said.items():
        assert finding({"priority": word}, map).severity == severity
    assert finding({"priority": 1}, map).severity == "other"


NO_LINES: tuple[Any, ...] = (None, 0, -4, 3.5, "3", True, 1e300, [1], {})


@pytest.mark.parametrize(
    ("line", "expected"),
    [(1, 1), (3.0, 3), *((no_line, None) for no_line in NO_LINES)],
)
def test_lines_are_numbers_from_1(line: Any, expected: int | None) -> None:
    assert finding({"line": line}).line == expected


@pytest.mark.parametrize(
    ("item", "title", "detail"),
    [
        ({"title": "t", "message": "m", "detail": "d"}, "t", "d"),
        ({"message": "m", "detail": "d"}, "m", "d"),
        ({"detail": "\n first \nsecond"}, "first", "\n first \nsecond"),
        ({"title": "", "body": "b1\nb2"}, "b1", "b1\nb2"),
        ({"description": "d"}, "d", "d"),
        ({"title": 3, "detail": ["é"]}, "3", '["é"]'),
        ({}, "", ""),
        ("a\nb", "a\nb", ""),
        (4, "4", ""),
        ([1, {"b": 1, "a": None}], '[1, {"a": null, "b": 1}]', ""),
    ],
)
def test_a_title_is_found(item: Any, title: str, detail: str) -> None:
    found = finding(item)
    assert (found.title, found.detail) == (title, detail)


def test_a_finding_that_stands_alone_is_not_lost() -> None:
    for value, count in (({"title": "t"}, 1), ("text", 1), (None, 0), ("", 0), ([], 0), ([None], 1)):
        assert len(accepted(OPEN, {"findings": value}).findings) == count


def test_pointers_lead_into_arrays_and_odd_keys() -> None:
    map = FieldMap(
        status="/a~1b/0/~0", success=("yes",), summary="/", findings="/a~1b/1", file="/at/0", title=None, line=None
    )
    value = {"a/b": [{"~": "yes"}, [{"at": ["x.py"], "title": "t", "line": 3, "detail": "d"}]], "": "s"}
    answer = accepted(contract_of({}, map=map), value)
    assert (answer.status, answer.summary) == ("success", "s")
    assert answer.findings == (Finding(file="x.py", title="d", detail="d"),)


def test_a_summary_that_is_no_text_can_still_be_read() -> None:
    assert accepted(OPEN, {"summary": {"b": 1, "a": "é"}}).summary == '{"a": "é", "b": 1}'
    assert accepted(OPEN, {"summary": None}).summary == ""


# A map against its schema

CLOSED = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "verdict": {"enum": ["approve", "reject"]},
        "issues": {"type": "array", "items": {"$ref": "#/$defs/issue"}},
    },
    "$defs": {
        "issue": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "level": {"enum": ["error", "sev2"]},
                "range": {"properties": {"start": {"type": "integer"}}},
            },
        }
    },
}


@pytest.mark.parametrize(
    ("map", "message"),
    [
        (FieldMap(status="verdict"), "map.status: 'verdict': a JSON Pointer starts with '/'"),
        (FieldMap(status="/verdict/~2"), "map.status: '/verdict/~2': '~' stands"),
        (FieldMap(status="/verdit"), "the schema rules out 'verdit'\n  hint: did you mean 'verdict'?"),
        (FieldMap(summary="/text"), "the schema rules out 'text'\n  hint: it knows 'issues', 'verdict'"),
        (FieldMap(status="/verdict/x"), "rules out 'x'"),
        (FieldMap(findings="/issues", severity="/severe"), "map.severity: '/severe' is nowhere"),
        (FieldMap(findings="/issues", line="/range/start/x"), "map.line: '/range/start/x' is nowhere"),
        (
            FieldMap(status="/verdict", success=("aprove",)),
            "map.success: 'aprove' is no value of '/verdict'\n  hint: it can be 'approve', 'reject'",
        ),
        (
            FieldMap(status="/verdict", success=("approve",), failed=("approve",)),
            "map.failed: 'approve' is listed as success already",
        ),
        (
            FieldMap(severities={"sev2": "grave"}),
            "map.severities: 'grave' for 'sev2' is no severity\n  hint: use 'critical', 'high'",
        ),
    ],
)
def test_a_map_that_cannot_apply_is_a_mistake(map: FieldMap, message: str) -> None:
    with pytest.raises(BadUsage) as caught:
        contract_of(CLOSED, map=map)
    assert caught.value.where == "contract"
    assert message in str(caught.value)


def test_what_the_map_does_not_say_and_the_schema_rules_out_is_not_missed() -> None:
    contract = contract_of(CLOSED, map=FieldMap(findings="/issues", severity="/level"))
    answer = accepted(contract, {"verdict": "reject", "issues": [{"level": "error"}]})
    assert (answer.status, answer.summary, answer.findings[0].severity) == ("success", "", "high")


def test_words_that_the_map_forgets_are_a_warning() -> None:
    map = FieldMap(status="/verdict", success=("approve",), findings="/issues", severity="/level")
    assert contract_of(CLOSED, map=map).warnings == (
        "contract: map.status: '/verdict' can be 'reject', which no map names and so counts as failed",
        "contract: map.severities: '/level' can be 'sev2', which count as 'other'",
    )
    whole = FieldMap(
        status="/verdict",
        success=("approve",),
        failed=("reject",),
        findings="/issues",
        severity="/level",
        severities={"SEV2": "high"},
    )
    assert contract_of(CLOSED, map=whole).warnings == ()
    assert contract_of({"properties": {"status": {"enum": ["done", "failed"]}}}).warnings == (
        "contract: map.status: '/status' can be 'done', which no map names and so counts as failed",
    )


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "object"},
        {"additionalProperties": False, "patternProperties": {"^v": {}}},
        {"anyOf": [{"type": "null"}, {"properties": {"verdict": {}}, "additionalProperties": False}]},
        {"allOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": {"properties": {"verdict": {}}}}},
        {"type": "array", "items": {}},
    ],
)
def test_what_a_schema_leaves_open_is_no_mistake(schema: Any) -> None:
    pointer = "/0/x" if schema.get("type") == "array" else "/verdict/deeper"
    assert contract_of(schema, map=FieldMap(status=pointer, success=("yes",))).warnings == ()


def test_a_map_that_names_no_status_makes_a_valid_answer_a_success() -> None:
    assert accepted(contract_of({"type": "object"}, map=FieldMap(findings="/issues")), {}).status == "success"
    named = {"properties": {"status": {"type": "string"}}}
    assert accepted(contract_of(named, map=FieldMap(findings="/issues")), {}).status == "failed"
    assert accepted(contract_of(named), {}).status == "success"
    assert accepted(contract_of(named, map=FieldMap(status=None)), {"status": "failed"}).status == "success"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["status", "summary", "findings", "severity", "line", "file", "title", "detail"])
            | st.text(),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(JSON, st.booleans())
def test_any_value_can_be_mapped(value: Any, optional: bool) -> None:
    answer = answer_of(value, fields_of(FieldMap(), optional_status=optional))
    assert answer.status in ("success", "partial", "failed")
    assert answer.value is value
    for found in answer.findings:
        assert found.severity in SEVERITIES
        assert found.line is None or 1 <= found.line <= limits.INTEGER_MAX
        assert all(isinstance(text, str) for text in (found.title, found.detail, found.file or ""))
