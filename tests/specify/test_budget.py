"""`--subagents-budget` as a person writes it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_subagents.errors import BadUsage
from pytest_subagents.model.budget import Budget
from pytest_subagents.specify.budget import read_budget


@pytest.mark.parametrize(
    ("text", "budget"),
    [
        ("usd=5,tokens=2M,time=20m", Budget(usd=5.0, tokens=2_000_000, seconds=1200.0)),
        ("usd=0.25", Budget(usd=0.25)),
        (" tokens = 400k ", Budget(tokens=400_000)),
        ("tokens=7", Budget(tokens=7)),
        ("time=1h30m", Budget(seconds=5400.0)),
    ],
)
def test_what_a_budget_says(text: str, budget: Budget) -> None:
    assert read_budget(text, "--subagents-budget") == budget


@pytest.mark.parametrize(
    "text",
    [
        "", "usd", "usd=", "usd=0", "usd=-1", "usd=nan", "usd=inf", "usd=5,usd=6", "tokens=1.5", "tokens=2X", "time=5",
        "time=0s", "euro=5", "usd=5;tokens=2", "tokens=٣", "usd=1,,",
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(BadUsage) as error:
        read_budget(text, "--subagents-budget")
    assert error.value.where == "--subagents-budget"
    assert "usd=5,tokens=2M,time=20m" in str(error.value.hint)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read_budget(text, "here")
    except BadUsage:
        return


def test_a_budget_is_shown_as_it_is_written() -> None:
    assert Budget(usd=5.0, tokens=2000, seconds=90.0).text == "usd=5,tokens=2000,time=90s"
    assert read_budget(Budget(usd=0.5, seconds=3.0).text, "x") == Budget(usd=0.5, seconds=3.0)
