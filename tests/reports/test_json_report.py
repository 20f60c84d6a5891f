"""report.json: its shape, its schema, and the way back."""

from __future__ import annotations

import json
from html import unescape
from importlib.resources import files
from typing import Any

import pytest
from builders import a_planned, a_report, a_result, a_team
from golden_reports import the_report
from hypothesis import given
from jsonschema import Draft202012Validator
from report_strategies import tallies

from pytest_subagents.aggregate.amending import amended
from pytest_subagents.aggregate.fold import Tally
from pytest_subagents.aggregate.report import report_of
from pytest_subagents.errors import BadUsage
from pytest_subagents.model.report import ReportMerge
from pytest_subagents.model.status import CEILING
from pytest_subagents.reports.json_report import JsonReport
from pytest_subagents.reports.markdown import MarkdownReport
from pytest_subagents.reports.reading import read_report
from pytest_subagents.reports.terminal_text import summary_lines

SCHEMA: dict[str, Any] = json.loads(
    files("pytest_subagents.reports").joinpath("report.schema.json").read_text(encoding="utf-8")
)
VALIDATOR = Draft202012Validator(SCHEMA)


def render(*arguments: Any, **keywords: Any) -> str:
    return JsonReport().render(a_report(*arguments, **keywords))


def test_the_schema_is_one_and_is_strict() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    objects = [SCHEMA, *SCHEMA["$defs"].values()]
    assert all(part["additionalProperties"] is False for part in objects)
    for part in objects:
        if part is not SCHEMA["$defs"]["reason"]:
            optional = {"merges", "partial", "pass_rate", "baseline", "state"} - set(part["required"])
            assert [name for name in part["properties"] if name not in optional] == part["required"]
    assert SCHEMA["$defs"]["reason"]["properties"]["kind"]["enum"] == sorted(CEILING)


@given(tallies)
def test_every_report_satisfies_the_schema_and_can_be_read_back(tally: Tally) -> None:
    report = report_of(tally)
    text = JsonReport().render(report)
    VALIDATOR.validate(json.loads(text))
    again = read_report(text)
    assert again == report
    assert JsonReport().render(again) == text


def test_with_gates_too() -> None:
    text = JsonReport().render(the_report())
    VALIDATOR.validate(json.loads(text))
    assert read_report(text) == read_report(text.encode()) == the_report()


def test_a_merge_at_the_end_is_in_it_and_is_told() -> None:
    merge = ReportMerge(workflow="team", tree="77d0e1b6a3c5f2", merged=("a",), left_out=("b\x1b",), why=None)
    unmade = ReportMerge(workflow="z", tree=None, why="1 of 2 subagents were not selected")
    report = amended(a_report(a_result("a")), {}, [unmade, merge])
    text = JsonReport().render(report)
    VALIDATOR.validate(json.loads(text))
    assert read_report(text) == report
    told = [line.text for line in summary_lines(report) if "erge" in line.text or " z: " in line.text]
    assert told == [
        " Merge      team: 1 subagent merged, tree 77d0e1b6a3c5; left out: b\\x1b",
        "            z: not merged, 1 of 2 subagents were not selected",
    ]
    assert "Merge of z: not merged, 1 of 2 subagents were not selected." in unescape(MarkdownReport().render(report))


def test_keys_come_in_the_documented_order_and_those_of_answers_sorted() -> None:
    document = json.loads(render(*a_team(), a_result("z", answer={"b": {"d": 1, "c": 2}, "a": []})))
    assert list(document) == SCHEMA["required"], "merges are there only where something was merged"
    for row in document["agents"]:
        assert [*row, "pass_rate"] == list(SCHEMA["$defs"]["agent"]["properties"])
    for name in ("counts", "totals"):
        assert list(document[name]) == list(SCHEMA["$defs"][name]["properties"])
    assert json.dumps(document["agents"][-1]["answer"]) == '{"a": [], "b": {"c": 2, "d": 1}}'


def test_the_documented_part_of_a_row_comes_first() -> None:
    """DESIGN 6; what this version adds stands behind it."""
    documented = "nodeid id vendor model status expected reasons task scope depends_on wave summary answer findings "
    documented += "changes attempts exit_code runtime_ms usage"
    row = json.loads(render(a_result()))["agents"][0]
    added = "needs needs_checkpoints checkpoints expects violations diagnostics transcript"
    assert list(row) == [*documented.split(), *added.split()]


def test_it_is_indented_utf8_and_ends_with_a_line_feed() -> None:
    text = render(a_result("a", summary="Grüße\x1b"))
    assert text.startswith('{\n  "format": "pytest-subagents/report",\n  "version": 1,\n')
    assert text.endswith("\n}\n")
    assert '"summary": "Grüße\\u001b"' in text


def test_unknown_numbers_are_null_and_what_a_reason_does_not_know_is_left_out() -> None:
    document = json.loads(render(a_result("a", kind="contract")))
    (row,) = document["agents"]
    assert row["reasons"] == [{"kind": "contract", "message": "because of contract"}]
    nothing = {"input_tokens": None, "cached_input_tokens": None, "output_tokens": None, "usd": None}
    assert row["usage"] == nothing
    assert document["totals"] == {"runtime_ms": None, "usage": nothing}


def test_two_subagents_of_one_id_are_told_apart_by_their_node_ids() -> None:
    twins = [a_result(planned=a_planned("math", nodeid=f"{file}.yaml::math")) for file in "ba"]
    document = json.loads(render(*twins))
    assert [row["nodeid"] for row in document["agents"]] == ["a.yaml::math", "b.yaml::math"]


def test_success_shows_no_diagnostics() -> None:
    by_id = {row["id"]: row["diagnostics"] for row in json.loads(render())["agents"]}
    assert by_id["math"] is None
    assert by_id["known-bad"]["excerpt"] == "I looked at everything."


def changed(change: Any) -> str:
    document = json.loads(render())
    change(document)
    return json.dumps(document)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "it is no report of this version: Input data was truncated"),
        ("[]", "it is no report of this version: Expected `object`, got `array`"),
        ("{}", "it is no report of pytest-subagents"),
        ('{"format": "pytest-subagents/report", "version": 2}', "it is a report of version 2, and this is read: 1"),
        ('{"format": "pytest-subagents/report", "version": 1}', "missing required field `status`"),
        (changed(lambda document: document.update(extra=1)), "unknown field `extra`"),
        (changed(lambda document: document["agents"][0].update(extra=1)), "unknown field `extra`"),
        (changed(lambda document: document["counts"].update(extra=1)), "a key is missing, or one is unknown"),
        (changed(lambda document: document["counts"].pop("deselected")), "a key is missing, or one is unknown"),
        (changed(lambda document: document["agents"].reverse()), "its subagents are not sorted by node id"),
        (changed(lambda document: document["agents"].append(document["agents"][-1])), "or one is there twice"),
        (changed(lambda document: document["counts"].update(success=9)), "its counts are not those of its subagents"),
        (changed(lambda document: document["agents"][0].update(status="great")), "Invalid enum value 'great'"),
        (changed(lambda document: document["agents"][0].update(wave=True)), "Expected `int`, got `bool`"),
        (changed(lambda document: document["agents"][0].update(attempts=[{}])), "missing required field"),
        ("[" * 100_000, "Expected `object`, got `array`"),
        (f'{{"x": {"[" * 100_000}', "maximum recursion depth exceeded"),
        (
            render(a_result(answer=None)).replace('"answer": null', f'"answer": {"[" * 10**5}{"]" * 10**5}'),
            "recursion depth",
        ),
        ('{"format": "\\ud800"}', "it is no report of this version"),
    ],
)
def test_what_is_no_report_of_this_version_is_refused(text: str, what: str) -> None:
    with pytest.raises(BadUsage) as raised:
        read_report(text, where="x/report.json")
    assert raised.value.where == "x/report.json"
    assert what in raised.value.what


def test_bytes_that_are_no_utf8_are_refused() -> None:
    with pytest.raises(BadUsage):
        read_report(render().encode().replace(b"math", b"m\xffth"))
