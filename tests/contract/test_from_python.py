"""A contract from a class: Pydantic model, dataclass, TypedDict, msgspec Struct."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, TypedDict

import msgspec
import pydantic
import pytest
from contract_case import accepted, contract_of, told

from pytest_subagents.contract.from_python import schema_of
from pytest_subagents.errors import BadUsage

GOOD = {"status": "partial", "summary": "s", "findings": [{"severity": "high", "line": 3}]}
BAD = {"status": "done", "summary": "s", "findings": [{"severity": "high", "line": "3"}]}


class PydanticFinding(pydantic.BaseModel):
    severity: Literal["high", "low"]
    line: int | None = None


class PydanticReview(pydantic.BaseModel):
    status: Literal["success", "partial", "failed"]
    summary: str
    findings: list[PydanticFinding]


@dataclass
class PlainFinding:
    severity: Literal["high", "low"]
    line: int | None = None


@dataclass
class PlainReview:
    status: Literal["success", "partial", "failed"]
    summary: str
    findings: list[PlainFinding] = field(default_factory=list)


class TypedFinding(TypedDict):
    severity: Literal["high", "low"]
    line: int | None


class TypedReview(TypedDict):
    status: Literal["success", "partial", "failed"]
    summary: str
    findings: list[TypedFinding]


class StructReview(msgspec.Struct):
    status: Literal["success", "partial", "failed"]
    summary: str
    findings: list[PlainFinding] = []


@pytest.mark.parametrize("model", [PydanticReview, PlainReview, TypedReview, StructReview])
def test_a_class_makes_a_contract(model: type) -> None:
    contract = contract_of(schema_of(model))
    assert contract.guarded
    assert accepted(contract, GOOD).status == "partial"
    assert accepted(contract, GOOD).findings[0].severity == "high"
    assert [at for at, _ in told(contract, BAD)] == ["/findings/0/line", "/status"]


@dataclass
class Unknown:
    thing: NoSuchName  # type: ignore[name-defined]  # noqa: F821


@pytest.mark.parametrize(
    "model", [int, str, dict, Exception, Unknown, list[int], PlainReview("success", "s"), None, "x"]
)
def test_what_has_no_schema_is_a_mistake(model: Any) -> None:
    with pytest.raises(BadUsage) as caught:
        schema_of(model, where="tests/test_x.py:3")
    assert caught.value.where == "tests/test_x.py:3"
    assert caught.value.exit_code == 4


def test_a_model_that_pydantic_cannot_describe_is_a_mistake() -> None:
    class Odd(pydantic.BaseModel):
        @classmethod
        def model_json_schema(cls, *arguments: Any, **options: Any) -> dict[str, Any]:
            raise ValueError("no schema for this")

    with pytest.raises(BadUsage, match="no JSON Schema for 'Odd': no schema for this"):
        schema_of(Odd)
