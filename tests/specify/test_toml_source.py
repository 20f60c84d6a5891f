"""The guarded reader of TOML."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_subagents.errors import BadFile
from pytest_subagents.model import limits
from pytest_subagents.specify.toml_lines import lines_of
from pytest_subagents.specify.toml_source import tree_of
from pytest_subagents.specify.tree import Entry, Leaf, Table, plain

TEAM = '''\
# a team
[workflow]
name = "w"
defaults.limits = { timeout = "10m",
}

[[agents]]
id = "a"
instructions = """
[agents]
id = "no"
"""
scope.read = [
  "src/",
]

[[agents]]
id = 'b'
[agents.limits]
"max_turns" = 3
'''


def fault_of(text: str) -> str:
    with pytest.raises(BadFile) as caught:
        tree_of(text, "f.toml")
    return str(caught.value)


def test_every_statement_knows_its_line() -> None:
    text = TEAM.replace(",\n}", " }\n")
    assert lines_of(text) == {
        ("workflow",): 2,
        ("workflow", "name"): 3,
        ("workflow", "defaults"): 4,
        ("workflow", "defaults", "limits"): 4,
        ("agents",): 7,
        ("agents", 0): 7,
        ("agents", 0, "id"): 8,
        ("agents", 0, "instructions"): 9,
        ("agents", 0, "scope"): 13,
        ("agents", 0, "scope", "read"): 13,
        ("agents", 1): 17,
        ("agents", 1, "id"): 18,
        ("agents", 1, "limits"): 19,
        ("agents", 1, "limits", "max_turns"): 20,
    }
    tree = tree_of(text, "f.toml")
    assert plain(tree) == tomllib.loads(text)
    assert isinstance(tree, Table)
    workflow = tree.find("workflow")
    assert workflow is not None
    assert workflow.line == 2
    assert isinstance(workflow.value, Table)
    assert workflow.value.entries[0] == Entry("name", 3, Leaf("w", 3))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\n\na = 2024-01-01\n", "f.toml:3: '2024-01-01' is a date or a time\n  hint: put it in quotes"),
        ("a = 10:30:00\n", "f.toml:1: '10:30:00' is a date or a time\n  hint: put it in quotes"),
        ("\na = nan\n", "f.toml:2: 'nan' is not a finite number\n  hint: put it in quotes if it is text"),
        ("a = -inf\n", "f.toml:1: '-inf' is not a finite number\n  hint: put it in quotes if it is text"),
        ("\na = 0x8000000000000000\n", "f.toml:2: an integer is out of range\n  hint: put it in quotes if it is text"),
    ],
)  # fmt: skip
def test_what_is_refused(text: str, message: str) -> None:
    assert fault_of(text) == message


@pytest.mark.parametrize(
    ("text", "line"),
    [(TEAM, 4), ("a = 1\nb = \n", 2), ("a = 1\na = 2\n", 2), ("[a]\n[a]\n", 2), ("a = [\n1\n", 2), ("a =", 1)],
)
def test_what_is_no_toml_names_the_line(text: str, line: int) -> None:
    assert fault_of(text).startswith(f"f.toml:{line}: is not TOML: ")


def test_a_number_of_many_digits() -> None:
    assert fault_of("a = " + "9" * 5000) == "f.toml: is not TOML: ValueError"
    assert "an integer is out of range" in fault_of("a = 0x" + "f" * 100_000)


def test_depth_is_counted_before_the_library_sees_it() -> None:
    deep = limits.WORKFLOW_DEPTH
    for text in (
        "a = " + "[" * 20_000 + "]" * 20_000,
        "a = " + "{a = " * 20_000,
        ".".join("a" * 30_000) + " = 1",
        "[" + ".".join("a" * 30_000) + "]",
        "a = {" + ".".join(['"a"'] * 30_000) + " = 1}",
    ):
        assert fault_of(text) == f"f.toml:1: is nested more than {deep} levels deep"
    assert fault_of("x = 1\n" + " . ".join("a" * 100) + " = 1") == f"f.toml:2: is nested more than {deep} levels deep"


def test_dots_in_values_are_no_depth() -> None:
    text = (
        "a = [" + ", ".join(["1.5"] * 500) + "]\nb = [\n" + "1.5, " * 500 + "\n]\nc = '" + "." * 500 + "' # " + "." * 99
    )
    assert len(tree_of(text, "f.toml").entries) == 3  # type: ignore[union-attr]


def test_too_many_values_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "WORKFLOW_NODES", 5)
    assert fault_of("a = [1, 2, 3, 4, 5, 6]") == "f.toml:1: has more than 5 keys and values"


@given(
    st.text(max_size=60)
    | st.text(alphabet="ab.=[]{}\"'\\# \n\t1-,", max_size=60)
    | st.lists(st.sampled_from(["[a]\n", "[[b]]\n", "[b.c]\n", "x = 1\n", "y.z = ''\n", '"q" = {r = [1]}\n'])).map(
        "".join
    )
)
def test_any_text_is_read_as_the_library_reads_it_or_refused(text: str) -> None:
    try:
        value = plain(tree_of(text, "f.toml"))
    except BadFile:
        return
    assert value == tomllib.loads(text)
