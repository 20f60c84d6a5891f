"""The strict reader of JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_subagents.errors import BadFile
from pytest_subagents.model import limits
from pytest_subagents.specify.json_source import tree_of
from pytest_subagents.specify.tree import Entry, Items, Leaf, Table, plain


def fault_of(text: str) -> str:
    with pytest.raises(BadFile) as caught:
        tree_of(text, "f.json")
    return str(caught.value)


def test_every_node_knows_its_line() -> None:
    tree = tree_of('\n{"a": [\n  1.5,\n  {"b":\n true}],\n "c": "x\\ny"}\n', "f.json")
    inner = Table((Entry("b", 4, Leaf(True, 5)),), 4)
    assert tree == Table((Entry("a", 2, Items((Leaf(1.5, 3, "1.5"), inner), 2)), Entry("c", 6, Leaf("x\ny", 6))), 2)


@pytest.mark.parametrize("text", ["", " \n\t"])
def test_nothing_is_an_empty_leaf(text: str) -> None:
    assert tree_of(text, "f.json") == Leaf(None, 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1,\n "a": 2}', "f.json:2: the key 'a' is given twice, first on line 1"),
        ('{"st\\u0061tus": 1,\n "status": 2}', "f.json:2: the key 'status' is given twice, first on line 1"),
        ('{"a": NaN}', "f.json:1: is not JSON: 'NaN' is no value"),
        ('{"a": -Infinity}', "f.json:1: is not JSON: '-' is no value"),
        ('{"a": nul}', "f.json:1: is not JSON: 'nul' is no value"),
        ('{"a": 1e400}', "f.json:1: '1e400' is not a finite number\n  hint: put it in quotes if it is text"),
        (
            '{"a":\n9223372036854775808}',
            "f.json:2: '9223372036854775808' is an integer out of range\n  hint: put it in quotes if it is text",
        ),
        ('{"a": 01}', "f.json:1: is not JSON: ',' is missing"),
        ('{"a": 1,}', "f.json:1: is not JSON: a key in double quotes is missing"),
        ("[1,\n]", "f.json:2: is not JSON: ']' is no value"),
        ("{a: 1}", "f.json:1: is not JSON: a key in double quotes is missing"),
        ("{'a': 1}", "f.json:1: is not JSON: a key in double quotes is missing"),
        ('{"a" 1}', "f.json:1: is not JSON: ':' is missing"),
        ('{"a": 1', "f.json:1: is not JSON: it ends where ',' is missing"),
        ('{"a":', "f.json:1: is not JSON: it ends where a value is missing"),
        ('{"a": 1}\n{}', "f.json:2: is not JSON: something follows the value"),
        ('{"a": "x\ny"}', "f.json:1: is not JSON: invalid control character"),
        ('"x', "f.json:1: is not JSON: unterminated string starting"),
        ('["\\ud800"]', "f.json:1: half of a surrogate pair is no character"),
        ("// no\n{}", "f.json:1: is not JSON: '/' is no value"),
    ],
)
def test_what_is_refused(text: str, message: str) -> None:
    assert fault_of(text) == message


def test_a_bad_escape_names_the_line() -> None:
    assert fault_of('[\n"\\q"]').startswith("f.json:2: is not JSON: invalid \\escape")


def test_depth_is_limited() -> None:
    deep = limits.WORKFLOW_DEPTH
    assert plain(tree_of("[" * deep + "]" * deep, "f.json")) is not None
    assert fault_of("[" * 100_000) == f"f.json:1: is nested more than {deep} levels deep"
    assert fault_of('{"a":' * 100_000) == f"f.json:1: is nested more than {deep} levels deep"


def test_a_number_of_many_digits_is_never_converted() -> None:
    assert "is an integer out of range" in fault_of("9" * 200_000)


def test_too_many_values_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "WORKFLOW_NODES", 5)
    assert fault_of("[1, 2,\n 3, 4, 5]") == "f.json:2: has more than 5 keys and values"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=20,
)  # fmt: skip


@given(json_values, st.booleans(), st.sampled_from([None, 1, "\t"]))
def test_it_reads_what_the_standard_library_writes(value: object, escaped: bool, indent: int | str | None) -> None:
    text = json.dumps(value, ensure_ascii=escaped, indent=indent)
    assert plain(tree_of(text, "f.json")) == value


@given(st.text(max_size=60) | st.text(alphabet='{}[]",:\\ue019.-+ \ntruefalsn', max_size=60))
def test_what_it_reads_the_standard_library_reads_too(text: str) -> None:
    try:
        value = plain(tree_of(text, "f.json"))
    except BadFile:
        return
    assert not text.strip(" \t\r\n") or json.loads(text) == value
