"""Subagents declared by marks: as strict as files, and with everything that they accept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_subagents.errors import BadUsage
from pytest_subagents.model.scope import Scope
from pytest_subagents.model.spec import (
    RESULT,
    Attempts,
    Checkpoint,
    ContractRef,
    Criterion,
    Dependency,
    Expectation,
    FieldMap,
    Limits,
    McpServer,
    Retries,
    Subagent,
    VendorSettings,
    Workflow,
)
from pytest_subagents.specify.dependencies import unmet
from pytest_subagents.specify.marks import from_marks

WHERE = "tests/test_x.py::test_review"


@dataclass(frozen=True)
class Mark:
    """What `pytest.Mark` has of interest."""

    name: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)


class Review:
    """A class that stands for a Pydantic model."""


def schema_of(described: type) -> dict[str, Any]:
    return {"title": described.__name__}


Declare = Callable[..., tuple[Subagent, ...]]


@pytest.fixture
def declare(tmp_path: Path) -> Declare:
    def declare(*marks: Mark) -> tuple[Subagent, ...]:
        return from_marks(
            marks,
            WHERE,
            folder=tmp_path / "tests",
            rootdir=tmp_path,
            vendors=("codex", "claude"),
            contracts=("result",),
            schema_of=schema_of,
        )

    return declare


@pytest.fixture
def one(declare: Declare) -> Callable[..., Subagent]:
    def one(**kwargs: object) -> Subagent:
        (subagent,) = declare(Mark("subagent", kwargs={"id": "a", **kwargs}))
        return subagent

    return one


def test_the_example_of_the_design(declare: Declare) -> None:
    assert declare(
        Mark(
            "subagents",
            (
                Subagent(id="math", task="Find test coverage gaps", scope=Scope(read=("packages/math/",))),
                Subagent(id="element", task="Find performance hotspots", scope=Scope(read=("packages/element/",))),
            ),
        )
    ) == (
        Subagent(
            id="math",
            task="Find test coverage gaps",
            scope=Scope(read=("packages/math/",)),
            where=WHERE,
            set_keys=frozenset({"id", "task", "scope", "scope.read"}),
        ),
        Subagent(
            id="element",
            task="Find performance hotspots",
            scope=Scope(read=("packages/element/",)),
            where=WHERE,
            set_keys=frozenset({"id", "task", "scope", "scope.read"}),
        ),
    )


def test_marks_come_in_their_order_and_others_are_passed_over(declare: Declare) -> None:
    subagents = declare(
        Mark("subagent", kwargs={"id": "b", "task": "x"}),
        Mark("skipif", (True,)),
        Mark("subagents", (Subagent(id="a"), Subagent(id="c"))),
    )
    assert [subagent.id for subagent in subagents] == ["b", "a", "c"]
    assert declare() == ()


class Word(StrEnum):
    FAILED = "failed"


@pytest.mark.parametrize(
    ("given_value", "key", "expected"),
    [
        ({"read": ["src/"]}, "scope", Scope(read=("src/",))),
        (Scope(read=["src/"], write=["x"]), "scope", Scope(read=("src/",), write=("x",))),  # type: ignore[arg-type]
        ({"read": (Path("src") / "a",)}, "scope", Scope(read=("src/a",))),
        (["b", ("c")], "depends_on", (Dependency(agent="b"), Dependency(agent="c"))),
        ((Dependency(agent="b", checkpoint="x"),), "depends_on", (Dependency(agent="b", checkpoint="x"),)),
        ("failed", "expect", Expectation(status="failed")),
        (Word.FAILED, "expect", Expectation(status="failed")),
        ({"status": "failed", "kind": "contract"}, "expect", Expectation(status="failed", kind="contract")),
        (Expectation(status="partial"), "expect", Expectation(status="partial")),
        ({"timeout": "10m", "max_tokens": "400k"}, "limits", Limits(timeout=600.0, max_tokens=400_000)),
        (Limits(timeout=5), "limits", Limits(timeout=5.0)),
        (3, "attempts", Attempts(count=3)),
        (Attempts(count=2, select=("smallest diff",)), "attempts", Attempts(count=2, select=("smallest diff",))),
        (Retries(rate_limit=0), "retries", Retries(rate_limit=0)),
        (
            ["prose", {"run": "make"}, Criterion(text="more"), Criterion(run="x", timeout=5)],
            "success_criteria",
            (Criterion(text="prose"), Criterion(run="make"), Criterion(text="more"), Criterion(run="x", timeout=5.0)),
        ),
        (
            [Checkpoint(id="a"), Checkpoint(id="b", writes="x"), {"id": "c", "condition": {"says": "hi"}}],
            "checkpoints",
            (Checkpoint(id="a"), Checkpoint(id="b", writes="x"), Checkpoint(id="c", says="hi")),
        ),
        (
            (VendorSettings(vendor="codex", env=("A",), mcp=(McpServer(name="m", settings={"x": 1}),)),),
            "vendors",
            (VendorSettings(vendor="codex", env=("A",), mcp=(McpServer(name="m", settings={"x": 1}),)),),
        ),
        ({"codex": {"model": "m"}}, "vendors", (VendorSettings(vendor="codex", model="m"),)),
        (("read",), "tools", ("read",)),
        (("pkg.mod:fn",), "verify", ("pkg.mod:fn",)),
        (None, "vendor", None),
    ],
)
def test_what_people_pass(one: Callable[..., Subagent], given_value: object, key: str, expected: object) -> None:
    assert getattr(one(**{key: given_value}), key) == expected


def test_contracts(one: Callable[..., Subagent], tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/c.json").touch()
    (tmp_path / "shared.json").touch()
    beside = PurePosixPath(tmp_path / "tests/c.json")
    for value, expected in (
        ("result", ContractRef(name="result")),
        ("c.json", ContractRef(path=beside)),
        (Path("c.json"), ContractRef(path=beside)),
        (tmp_path / "tests/c.json", ContractRef(path=beside)),
        ("../shared.json", ContractRef(path=PurePosixPath(tmp_path / "shared.json"))),
        ({"type": "object"}, ContractRef(schema={"type": "object"})),
        ({"properties": {"x": {"enum": (1, None)}}}, ContractRef(schema={"properties": {"x": {"enum": [1, None]}}})),
        (Review, ContractRef(schema={"title": "Review"})),
        ({"schema": Review, "extract": "fenced"}, ContractRef(schema={"title": "Review"}, extract="fenced")),
        ({"schema": "c.json", "map": {"status": None}}, ContractRef(path=beside, map=FieldMap(status=None))),
        ({"schema": {"a": 1}, "map": FieldMap(title="/t")}, ContractRef(schema={"a": 1}, map=FieldMap(title="/t"))),
        (ContractRef(path=PurePosixPath("c.json"), extract="fenced"), ContractRef(path=beside, extract="fenced")),
        (ContractRef(schema={"a": 1}, map=FieldMap()), ContractRef(schema={"a": 1}, map=FieldMap())),
        (RESULT, RESULT),
    ):
        assert replace(one(contract=value).contract, where=WHERE) == replace(expected, where=WHERE)
        assert one(contract=value).contract.where == WHERE


def test_a_subagent_made_of_values_is_the_one_made_of_keywords(declare: Declare) -> None:
    given_values: dict[str, Any] = {
        "id": "a",
        "instructions": "Do it.",
        "scope": Scope(read=("a",), write=("b",)),
        "limits": Limits(timeout=60, max_usd=2),
        "expect": Expectation(status="failed", kind="contract"),
        "depends_on": (Dependency(agent="b"),),
        "output_schema": None,
    }
    by_keyword = declare(Mark("subagent", kwargs=given_values))
    del given_values["output_schema"]
    assert declare(Mark("subagents", (Subagent(**given_values),))) == by_keyword


def test_reading_what_was_read_changes_nothing(declare: Declare, read: Callable[..., Workflow]) -> None:
    """A complete subagent goes through unchanged, so no field is forgotten on the way into the tree."""
    text = """
agents:
- id: a
  instructions: Do it.
  task: T
  vendor: command
  model: m
  command: [run, it]
  scope: {read: [a], write: [b]}
  resources: [db]
  tools: [read]
  isolation: copy
  depends_on: [b, {agent: b, checkpoint: c}]
  checkpoints: [{id: w, condition: write_complete}, {id: x, condition: {writes: a}}, {id: y, condition: {says: b}}]
  priority: 3
  contract: {schema: {title: T}, map: {status: /s, severities: {a: low}}, extract: fenced}
  verify: [p:f]
  success_criteria: [prose, {run: r, timeout: 5}]
  attempts: {count: 2, select: [cheapest], stop_early: false}
  repeat: 2
  retries: {rate_limit: 1}
  limits: {timeout: 5, max_turns: 2}
  vendors: {codex: {model: m, args: [x], env: [Y], home: h, mcp: {s: {a: 1}}}}
  expect: {status: failed, kind: contract, changes: [x]}
- {id: b, runner: function, function: 'p:f', checkpoints: [{id: c, condition: write_complete}]}
"""
    agents = read(text).agents
    again = declare(Mark("subagents", agents))
    for before, after in zip(agents, again, strict=True):
        for each in fields(Subagent):
            if each.name not in ("where", "set_keys", "contract"):
                assert getattr(after, each.name) == getattr(before, each.name)
        assert replace(after.contract, where="") == replace(before.contract, where="")


def test_other_names_are_read_in_marks_too(one: Callable[..., Subagent]) -> None:
    assert one(name="Title", output_schema="result", success_criteria={"commands": ["make"]}) == Subagent(
        id="a",
        task="Title",
        contract=ContractRef(name="result", where=WHERE),
        success_criteria=(Criterion(run="make"),),
        where=WHERE,
        set_keys=frozenset({"id", "task", "contract", "success_criteria"}),
    )


SPELL = "write @pytest.mark.subagents(Subagent(id=..., task=...), ...)"


BAD_MARKS: list[tuple[Mark, str]] = [
    (Mark("subagents"), f"the mark 'subagents' declares no subagent\n  hint: {SPELL}"),
    (Mark("subagents", ("math",)), f"argument 1 of the mark 'subagents' is a str\n  hint: {SPELL}"),
    (
        Mark("subagents", (Subagent(id="a"), Subagent)),
        f"argument 2 of the mark 'subagents' is a type\n  hint: {SPELL}",
    ),
    (Mark("subagents", kwargs={"id": "a"}), f"the mark 'subagents' takes no keyword 'id'\n  hint: {SPELL}"),
    (
        Mark("subagent", ("a",)),
        "the mark 'subagent' takes keywords only\n  hint: write @pytest.mark.subagent(id=..., task=...)",
    ),
    (Mark("subagent"), "an agent has no 'id'"),
    (Mark("subagents", (Subagent(id="a"), Subagent(id="a"))), "the id 'a' is given twice"),
    (
        Mark("subagents", (Subagent(id="a"), Subagent(id="A"))),
        "the ids 'a' and 'A' differ in case alone\n  hint: some file systems take them for the same",
    ),
    (Mark("subagents", (Subagent(id="../x"),)), "'id' '../x' cannot be an id: it has the part '..'"),
]


@pytest.mark.parametrize(("mark", "message"), BAD_MARKS)
def test_marks_that_are_not_good(declare: Declare, mark: Mark, message: str) -> None:
    with pytest.raises(BadUsage) as caught:
        declare(mark)
    assert str(caught.value) == f"{WHERE}: {message}"


AGENT = " (agent 'a')"
WANTED_CONTRACT = "must be the name of a contract, the path of one, or a map of schema, map, extract"
BAD_VALUES: list[tuple[dict[str, Any], str]] = [
    ({"id": 5}, "'id' must be text, not 5\n  hint: put it in quotes if it is text"),
    (
        {"limits": {"timeout": "soon"}},
        "'limits.timeout' must be a duration such as '45s', '10m' or '1h30m', not 'soon'",
    ),
    ({"limits": Limits(timeout=float("nan"))}, "'limits.timeout' is not a finite number"),
    ({"limits": 5}, "'limits' must be a map of idle_timeout, max_tokens, max_turns, max_usd, timeout, not 5"),
    (
        {"scope": {"read": "src/"}},
        "'scope.read' must be a list of globs, not 'src/'\n  hint: put it in brackets to make a list of one",
    ),
    ({"scope": {"read": {"src/"}}}, "'scope.read' must be a list of globs, not a set"),
    ({"scope": object()}, "'scope' must be a map of read, write, not an object"),
    (
        {"tools": ["fly"]},
        "'tools[0]' 'fly' is not known\n  hint: use one of: edit, read, search, shell, subagents, web",
    ),
    ({"vendors": {1: {}}}, "'vendors' has the key 1, which is no text"),
    ({"priority": 2**70}, "'priority' is an integer out of range"),
    ({"task": "a\ud800"}, "'task' has half of a surrogate pair, which is no character"),
    ({"contract": 5}, f"'contract' {WANTED_CONTRACT}, not 5"),
    ({"contract": ContractRef()}, "a ContractRef has exactly one of name, path, schema"),
    ({"contract": {"schema": object()}}, f"'contract.schema' {WANTED_CONTRACT}, not an object"),
    ({"contract": {"x": {1, 2}}}, "'contract.schema' must be a value that JSON can hold, not a map"),
]


@pytest.mark.parametrize(("kwargs", "message"), BAD_VALUES)
def test_values_that_are_not_good(one: Callable[..., Subagent], kwargs: dict[str, Any], message: str) -> None:
    with pytest.raises(BadUsage) as caught:
        one(**kwargs)
    assert str(caught.value) == f"{WHERE}{'' if 'id' in kwargs else AGENT}: {message}"


def test_what_no_one_else_may_set(one: Callable[..., Subagent]) -> None:
    with pytest.raises(BadUsage, match="unknown key 'where'"):
        one(where="x")


def test_a_value_that_holds_itself(one: Callable[..., Subagent]) -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(BadUsage, match="nested more than 64 levels deep"):
        one(depends_on=endless)
    with pytest.raises(BadUsage, match="nested more than 64 levels deep"):
        one(contract={"x": endless})


def test_an_agent_that_depends_on_itself(one: Callable[..., Subagent]) -> None:
    assert [str(fault) for fault in unmet([one(depends_on=["a"])])] == [f"{WHERE}{AGENT}: 'a' depends on itself"]


def test_dependencies_may_belong_to_other_tests_of_a_module() -> None:
    a = Subagent(id="a", where="t.py::test_a", checkpoints=(Checkpoint(id="c"),))
    b = Subagent(id="b", where="t.py::test_b", depends_on=(Dependency(agent="a", checkpoint="c"),))
    c = Subagent(
        id="c", where="t.py::test_c", depends_on=(Dependency(agent="x"), Dependency(agent="a", checkpoint="d"))
    )
    assert list(unmet([a, b])) == []
    assert [str(fault) for fault in unmet([a, c])] == [
        "t.py::test_c (agent 'c'): it depends on 'x', which is no agent\n  hint: its agents are: a, c",
        "t.py::test_c (agent 'c'): it depends on 'd', which is no checkpoint of 'a'\n  hint: use one of: c",
    ]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(object()) | st.just(Review)
    | st.just(Path("x")) | st.just(Scope()) | st.just(b"x") | st.just({1, 2}),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from([each.name for each in fields(Subagent)]), anything, max_size=4))
def test_any_values_are_read_or_refused(declare: Declare, kwargs: dict[str, Any]) -> None:
    marks = [Mark("subagent", kwargs=kwargs), Mark("subagents", (Subagent(**{"id": "b", **kwargs}),))]
    for mark in marks:
        error: BadUsage | None = None
        try:
            declare(mark)
        except BadUsage as caught:
            error = caught
        if error is not None:
            assert error.what.isprintable()
