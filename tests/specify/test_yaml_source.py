"""The guarded reader of YAML."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pytest_subagents.errors import BadFile
from pytest_subagents.model import limits
from pytest_subagents.specify import yaml_source
from pytest_subagents.specify.tree import Entry, Items, Leaf, Table, plain

HOSTILE = Path(__file__).parents[1] / "data/hostile/yaml"
NO_ALIAS = (
    "anchors and aliases are not allowed\n"
    "  hint: write the value out, or put what agents share under 'workflow.defaults'"
)

NO_MERGE = (
    "merge keys ('<<') are not allowed\n  hint: write the keys out, or put what agents share under 'workflow.defaults'"
)


@pytest.fixture(params=["C", "Python"], autouse=True)
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Every test runs with the C parser and with the one that is there without it."""
    loaders = {"C": yaml.CSafeLoader, "Python": yaml.SafeLoader}
    monkeypatch.setattr(yaml_source, "_LOADER", loaders[request.param])
    return str(request.param)


def value_of(text: str) -> object:
    return plain(yaml_source.tree_of(text, "f.yaml"))


def fault_of(text: str) -> str:
    with pytest.raises(BadFile) as caught:
        yaml_source.tree_of(text, "f.yaml")
    return str(caught.value)


def test_every_node_knows_its_line() -> None:
    tree = yaml_source.tree_of("# head\na:\n  - x\n  - {b: 2}\n'c': |\n  text\n  more\n", "f.yaml")
    inner = Table((Entry("b", 4, Leaf(2, 4, "2")),), 4)
    assert tree == Table(
        (Entry("a", 2, Items((Leaf("x", 3), inner), 3)), Entry("c", 5, Leaf("text\nmore\n", 5))),
        2,
    )


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", "---\n", "~", "null\n"])
def test_nothing_is_an_empty_leaf(text: str) -> None:
    assert value_of(text) is None


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("Yes", "Yes"),
        ("y", "y"),
        ("1:30", "1:30"),
        ("2024-01-01", "2024-01-01"),
        ("1_000", "1_000"),
        ("0b11", "0b11"),
        ("=", "="),
        ("1e3", 1000.0),
        ("1.50", 1.5),
        (".5", 0.5),
        ("-7", -7),
        ("+7", 7),
        ("007", 7),
        ("0o17", 15),
        ("0x1F", 31),
        ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775807", -(2**63) + 1),
        ("0x7fffffffffffffff", 2**63 - 1),
        ("true", True),
        ("FALSE", False),
        ("tRue", "tRue"),
        ("~", None),
        ("Null", None),
        ("nan", "nan"),
        ("'1'", "1"),
        ('"true"', "true"),
        ("''", ""),
        ("1.2.3", "1.2.3"),
        ("-", None),
        ("10m", "10m"),
        ("１２", "１２"),
    ],
)
def test_words_stand_for_what_yaml_1_2_says(word: str, value: object) -> None:
    if word == "-":
        assert value_of("-") == [None]
        return
    read = value_of(word)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("word", "problem"),
    [
        (".nan", "is not a finite number"),
        (".inf", "is not a finite number"),
        ("-.INF", "is not a finite number"),
        ("1e999", "is not a finite number"),
        ("9223372036854775808", "is an integer out of range"),
        ("-9223372036854775808", "is an integer out of range"),
        ("0x8000000000000000", "is an integer out of range"),
        ("0o1000000000000000000000", "is an integer out of range"),
    ],
)
def test_numbers_out_of_range(word: str, problem: str) -> None:
    assert fault_of(f"a:\n  b: {word}\n") == f"f.yaml:2: {word!r} {problem}\n  hint: put it in quotes if it is text"


def test_a_number_of_many_digits_is_never_converted() -> None:
    for digits in ("9" * 200_000, "0x" + "f" * 200_000, "-" + "1" * 5000):
        assert "is an integer out of range" in fault_of(f"a: {digits}")
    assert value_of("a: " + "0" * 100_000 + "7") == {"a": 7}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", "f.yaml:3: the key 'a' is given twice, first on line 1"),
        ("{1: a, '1': b}", "f.yaml:1: the key '1' is given twice, first on line 1"),
        ("- {x: 1}\n- {x: 1,\n   y: {z: 1, z: 2}}\n", "f.yaml:3: the key 'z' is given twice, first on line 3"),
        ("a: &x 1\n", f"f.yaml:1: {NO_ALIAS}"),
        ("\na: *x\n", f"f.yaml:2: {NO_ALIAS}"),
        ("&x a: 1\n", f"f.yaml:1: {NO_ALIAS}"),
        ("? *x\n: 1\n", f"f.yaml:1: {NO_ALIAS}"),
        ("a: &x [1]\n", f"f.yaml:1: {NO_ALIAS}"),
        (
            "a:\n  <<: {b: 1}\n",
            f"f.yaml:2: {NO_MERGE}",
        ),
        ("a: !!str 1\n", "f.yaml:1: tags such as 'tag:yaml.org,2002:str' are not allowed"),
        ("a: ! x\n", "f.yaml:1: tags such as '!' are not allowed"),
        ("a: !x {b: 1}\n", "f.yaml:1: tags such as '!x' are not allowed"),
        ("a: !!set {x}\n", "f.yaml:1: tags such as 'tag:yaml.org,2002:set' are not allowed"),
        ("? [a]\n: 1\n", "f.yaml:1: a key must be text, not a list or a map"),
        ("{{a: 1}: 2}\n", "f.yaml:1: a key must be text, not a list or a map"),
        ("a: 1\n---\nb: 2\n", "f.yaml:2: a second document begins here\n  hint: one file holds one document"),
        ("agents:\n\t- id: a\n", "f.yaml:2: a tab stands where YAML wants spaces\n  hint: indent with spaces"),
        ("agents:\n\t", "f.yaml:2: a tab stands where YAML wants spaces\n  hint: indent with spaces"),
        ("a:\n  b: 1\n\tc: 2\n", "f.yaml:3: a tab stands where YAML wants spaces\n  hint: indent with spaces"),
    ],
)
def test_what_is_refused(text: str, message: str) -> None:
    assert fault_of(text) == message


@pytest.mark.parametrize(
    "text", ["a: [", "a: 'x", "a: b: c", "- a\nb: 1", "}", "%YAML 3.0\n---\na", "a: @b", "%TAG x\n---\n", 'a: "\\z"']
)
def test_what_is_no_yaml_names_the_line(text: str) -> None:
    message = fault_of(text)
    assert message.startswith("f.yaml:")
    assert "is not YAML: " in message


@pytest.mark.parametrize("char", ["\x00", "\x07", "\x1b", "\ufffe"])
def test_control_characters_are_refused_with_their_line(char: str) -> None:
    message = fault_of(f"a: 1\nb: x{char}y\n")
    assert message.startswith("f.yaml:2: is not YAML: ")
    assert message.isprintable() or "\n  hint: control characters are not allowed" in message


def test_half_a_surrogate_pair_is_refused() -> None:
    message = fault_of('a: "\\ud800"')
    assert message.startswith("f.yaml:1: ")
    message = fault_of('"\\udfff": 1')
    assert message.startswith("f.yaml:1: ")


def test_depth_is_counted_before_anything_is_built() -> None:
    deep = limits.WORKFLOW_DEPTH
    assert value_of("[" * deep + "]" * deep) is not None
    for text in ("[" * (deep + 1), "{a: " * (deep + 1), "- " * (deep + 1) + "a", "? " * (deep + 1) + "a"):
        message = fault_of(text)
        assert message in (
            f"f.yaml:1: is nested more than {deep} levels deep",
            "f.yaml:1: a key must be text, not a list or a map",
        )


def test_too_many_values_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "WORKFLOW_NODES", 50)
    assert fault_of("[" + "x,\n" * 100 + "]") == "f.yaml:49: has more than 50 keys and values"


HOSTILE_FAULTS = {
    "alias-bomb.subagents.yaml": f"f.yaml:1: {NO_ALIAS}",
    "deep-flow-900k.yaml": "f.yaml:1: is nested more than 64 levels deep",
    "deep-map.yaml": "f.yaml:1: is nested more than 64 levels deep",
    "duplicate-keys.subagents.yaml": "f.yaml:6: the key 'scope' is given twice, first on line 5",
    "merge-key-bomb.yaml": f"f.yaml:1: {NO_ALIAS}",
    "norway-and-friends.yaml": "f.yaml:7: '.inf' is not a finite number\n  hint: put it in quotes if it is text",
    "python-tag.yaml": "f.yaml:1: tags such as 'tag:yaml.org,2002:python/object/apply:os.system' are not allowed",
    "self-alias.yaml": f"f.yaml:1: {NO_ALIAS}",
}


@pytest.mark.parametrize("name", HOSTILE_FAULTS)
def test_hostile_files(name: str) -> None:
    assert fault_of((HOSTILE / name).read_text(encoding="utf-8")) == HOSTILE_FAULTS[name]


def test_a_huge_hexadecimal_number() -> None:
    message = fault_of((HOSTILE / "hex-huge.yaml").read_text(encoding="utf-8"))
    assert message.startswith("f.yaml:1: '0xf")
    assert "is an integer out of range" in message
    assert len(message) < 200


def test_no_hostile_file_is_without_a_test() -> None:
    elsewhere = {"hex-huge.yaml", "invalid-utf8.yaml", "utf16-bom.yaml"}
    assert {path.name for path in HOSTILE.iterdir()} == {*HOSTILE_FAULTS, *elsewhere}


def test_the_deepest_file_does_not_kill_the_process() -> None:
    """PyYAML's own composer ends it with SIGSEGV, which no test in this process would survive."""
    code = (
        "import sys; from pathlib import Path\n"
        "from pytest_subagents.specify.workflow_file import read_workflow\n"
        "from pytest_subagents.errors import BadFile\n"
        "path = Path(sys.argv[1])\n"
        "try: read_workflow(path, rootdir=path.parent, vendors=(), contracts=())\n"
        "except BadFile as error: print(error); raise SystemExit(error.exit_code)\n"
    )
    command = [sys.executable, "-c", code, str(HOSTILE / "deep-flow-900k.yaml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "deep-flow-900k.yaml:1: is nested more than 64 levels deep\n")


yamlish = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="ab:-[]{},'\"|>&*!?%#@ \n\t~0.x<", max_size=60),
    st.text(alphabet="a: \n-\t\x85\u2028\r\x00\ud800", max_size=40),
)


@given(yamlish)
def test_any_text_is_read_or_refused(text: str) -> None:
    error: BadFile | None = None
    try:
        plain(yaml_source.tree_of(text, "f.yaml"))
    except BadFile as caught:
        error = caught
    if error is not None:
        assert error.where == "f.yaml" or error.where.startswith("f.yaml:")
        assert error.what.isprintable()
