"""What a function returned, as the text of its final message."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from pytest_subagents.runners.function_answer import NoAnswerError, answer_text


class Colour(Enum):
    RED = "red"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("as it is\n", "as it is\n"),
        (None, None),
        ({"b": [1, 2.5, None, True], "ü": "\u2028"}, '{"b": [1, 2.5, null, true], "ü": "\u2028"}'),
        ([Path("a/b")], '["a/b"]'),
        ({1: "x"}, '{"1": "x"}'),
        (3, "3"),
        ({"when": date(2026, 1, 2), "what": Colour.RED}, '{"when": "2026-01-02", "what": "red"}'),
    ],
)
def test_values(value: object, text: str | None) -> None:
    assert answer_text(value) == text


def test_dataclasses_and_models_of_pydantic() -> None:
    pydantic = pytest.importorskip("pydantic")
    model = pydantic.create_model("Answer", summary=(str, "fine"), where=(Path, Path("a")))

    @dataclass
    class Answer:
        status: str
        inner: Any

    assert json.loads(answer_text(Answer("success", model())) or "") == {
        "status": "success",
        "inner": {"summary": "fine", "where": "a"},
    }


@pytest.mark.parametrize(
    "value", [b"x", float("nan"), {"a": float("inf")}, object(), (n for n in [1]), open, {"f": print}]
)
def test_what_is_no_answer(value: object) -> None:
    with pytest.raises(NoAnswerError, match=r"^it returned"):
        answer_text(value)


def test_a_value_that_holds_itself() -> None:
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(NoAnswerError):
        answer_text(loop)
