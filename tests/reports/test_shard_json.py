"""The file of one shard: its schema, the way back, and that nothing else is taken for one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from pathlib import PurePath
from typing import Any

import msgspec
import pytest
from builders import a_team
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from report_strategies import tallies
from sharded import all_planned, parts_of

from pytest_subagents.aggregate.fold import Tally
from pytest_subagents.aggregate.report import report_of
from pytest_subagents.aggregate.shards import whole_of
from pytest_subagents.errors import BadUsage
from pytest_subagents.model.shard import Deal, Part
from pytest_subagents.reports.registry import ADDRESSES, format_of
from pytest_subagents.reports.shard_json import ShardDocument, read_shard_json, shard_json, specification_of

SCHEMA: dict[str, Any] = json.loads(
    files("pytest_subagents.reports").joinpath("shard.schema.json").read_text(encoding="utf-8")
)
VALIDATOR = Draft202012Validator(SCHEMA)

NOTHING = {"message": "", "at": None, "line": None, "hint": None, "at_most": None}


def a_part() -> Part:
    return parts_of(all_planned(Tally.of(results=a_team())), 2, lambda nodeid: 1 if "math" in nodeid else 2)[0]


@settings(max_examples=20)
@given(tallies.map(all_planned))
def test_every_part_satisfies_the_schema_and_can_be_read_back(tally: Tally) -> None:
    for part in parts_of(tally, 2, lambda nodeid: 1 if nodeid < "w.yaml::c" else 2):
        text = shard_json(part)
        VALIDATOR.validate(json.loads(text))
        again = read_shard_json(text.encode(), where="here")
        assert again == part
        assert shard_json(again) == text


def test_the_schema_is_that_of_the_types_with_every_key_required() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    made = msgspec.json.schema(ShardDocument)["$defs"]
    for name, part in {"ShardDocument": SCHEMA, **SCHEMA["$defs"]}.items():
        assert part["properties"].keys() == made[name]["properties"].keys()
        assert (part["required"], part["additionalProperties"]) == (list(part["properties"]), False)
    assert SCHEMA["$defs"].keys() | {"ShardDocument"} == made.keys()


def test_what_would_not_be_seen_is_escaped() -> None:
    text = shard_json(replace(a_part(), started=("\u202e\x7f",)))
    assert "\u202e" not in text
    assert json.loads(text)["started"] == ["\u202e\x7f"]


def _plan(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["plan"][0]
    return found


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda it: it.update(format="other"), "no part of a run of pytest-subagents"),
        (lambda it: it.update(version=2), "a part of version 2, and this is read: 1"),
        (lambda it: it.update(more=1), "unknown"),
        (lambda it: it.pop("merges"), "missing"),
        (lambda it: it["results"][0].update(more=1), "unknown"),
        (lambda it: it["results"][0].pop("violations"), "missing"),
        (lambda it: it["results"][0].update(status="fine"), "damaged"),
        (lambda it: it.update(shard=3), "there is no shard 3/2"),
        (lambda it: it.update(of=10**9), "no shard"),
        (lambda it: it["results"][0].update(expected=True), "is not what is expected of it"),
        (lambda it: it["results"][0].update(reasons=[{**NOTHING, "kind": "contract"}]), "is better than its reasons"),
        (lambda it: it["results"][0].update(reasons=[{**NOTHING, "kind": "magic"}]), "'magic' is no reason"),
        (lambda it: it["results"][0].update(on_conflict={**NOTHING, "kind": "magic"}), "'magic' is no reason"),
        (lambda it: it.update(exit_code=-1), "no exit code"),
        (lambda it: it.update(started=["elsewhere::x"]), "speaks of 'elsewhere::x', which is not in its shard"),
        (lambda it: it.update(shard=2), "which is not in its shard"),
        (lambda it: it["results"][0]["planned"].update(nodeid="subagents.yaml::app"), "not in its shard"),
        (lambda it: it["settings"].update(verdict="gates"), "its digest is not that of its plan"),
        (lambda it: _plan(it)["planned"].update(task="Other."), "its digest is not that of its plan"),
        (lambda it: _plan(it).update(shard=9), "a shard that does not exist"),
        (lambda it: it["plan"].reverse(), "not sorted"),
    ],
)
def test_another_file_is_refused_in_words(change: Callable[[dict[str, Any]], object], told: str) -> None:
    document = json.loads(shard_json(a_part()))
    change(document)
    with pytest.raises(BadUsage) as caught:
        read_shard_json(json.dumps(document).encode(), where="shard-1-of-2.json")
    assert str(caught.value).startswith("shard-1-of-2.json: ")
    assert told in str(caught.value)


@given(st.binary(max_size=40) | st.integers(1, 2000).map(lambda end: shard_json(a_part()).encode()[:end]))
def test_rubbish_and_what_is_cut_off_is_a_mistake_and_never_a_crash(data: bytes) -> None:
    with pytest.raises(BadUsage):
        read_shard_json(data, where="here")


LEAVES = (
    st.none() | st.booleans() | st.integers(-9, 2**70) | st.floats() | st.sampled_from(["", "a\nb", "failed", "x::y"])
)


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every place in a document at which something else could stand."""
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [place for key in keys for place in [(value, key), *_places(value[key])]]


@settings(max_examples=80)
@given(st.data())
def test_a_file_that_somebody_has_changed_anywhere_is_refused_or_read_and_never_a_crash(data: st.DataObject) -> None:
    """With a digest that is right again."""
    document = json.loads(shard_json(a_part()))
    for _ in range(data.draw(st.integers(1, 3))):
        inside, key = data.draw(st.sampled_from(_places(document)))
        inside[key] = data.draw(LEAVES | st.just([]) | st.just({}))
    try:
        changed = msgspec.convert(document, ShardDocument)
        document["specification"] = specification_of(
            changed.settings,
            Deal(count=changed.of, plan=changed.plan, deselected=changed.deselected, tests=changed.tests),
        )
    except (msgspec.MsgspecError, OverflowError):
        pass
    try:
        part = read_shard_json(json.dumps(document).encode(), where="here")
    except BadUsage:
        return
    whole = whole_of([("here", part)])
    report = whole.amend(report_of(whole.tally))
    for suffix in ADDRESSES:
        format_of(PurePath(f"report{suffix}")).render(report)


def test_an_abyss_is_a_mistake_too() -> None:
    deep = shard_json(a_part()).replace('"answer":', '"answer":' + "[" * 5000 + "]" * 5000 + ',"x":', 1)
    with pytest.raises(BadUsage):
        read_shard_json(deep.encode(), where="here")
