"""Values are structs that the functions of `dataclasses` take for one of theirs."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import pytest

from pytest_subagents.model.spec import Limits, Subagent
from pytest_subagents.model.value import Value, field


class Point(Value, frozen=True, kw_only=True):
    ORIGIN: ClassVar[int] = 0
    x: int
    y: int = 1
    notes: dict[str, int] = field(default_factory=dict)


class Named(Point, frozen=True, kw_only=True):
    name: str = ""


def test_it_is_a_dataclass_to_those_who_ask() -> None:
    assert [each.name for each in dataclasses.fields(Named)] == ["x", "y", "notes", "name"]
    assert dataclasses.replace(Named(x=1, name="a"), y=5) == Named(x=1, y=5, name="a")
    point = Point(x=1, notes={"a": 2})
    assert dataclasses.asdict(point) == {"x": 1, "y": 1, "notes": {"a": 2}}
    assert dataclasses.is_dataclass(point)


def test_its_defaults_are_those_of_a_dataclass() -> None:
    x, y, notes = dataclasses.fields(Point)
    assert (x.default, x.default_factory) == (dataclasses.MISSING, dataclasses.MISSING)
    assert (y.default, y.type) == (1, "int")
    assert notes.default_factory is dict
    assert {each.name: each.default for each in dataclasses.fields(Subagent)}["limits"] == Limits()


@pytest.mark.parametrize("wrong", [{}, {"x": 1, "z": 2}])
def test_it_is_made_of_its_fields_by_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        Point(**wrong)
    with pytest.raises(TypeError):
        Point(1)  # type: ignore[call-arg]


def test_it_is_frozen() -> None:
    point: Any = Point(x=1)
    with pytest.raises(AttributeError):
        point.x = 2
    with pytest.raises(AttributeError):
        point.z = 2
    assert hash(Limits()) == hash(Limits())
