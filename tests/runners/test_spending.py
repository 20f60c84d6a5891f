"""What is left to spend, for a whole run, and which workflows have been given up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pytest_subagents.model.budget import Budget
from pytest_subagents.runners.spending import Spending


def test_without_a_budget_everything_may_start() -> None:
    spending = Spending()
    spending.started(0.0)
    spending.spent(tokens=10**9, usd=10**6)
    assert (spending.refusal("t", 10**9), spending.over, spending.ends_at) == ("", "", None)


def test_a_budget_of_tokens_or_dollars_is_spent() -> None:
    spending = Spending(Budget(tokens=100, usd=1.0))
    spending.spent(tokens=60, usd=None)
    assert spending.refusal("t", 0.0) == ""
    spending.spent(tokens=60, usd=0.1)
    assert spending.refusal("t", 0.0) == spending.over == "the budget of 100 tokens is spent (120)"
    spending = Spending(Budget(usd=0.5))
    spending.spent(tokens=None, usd=0.25)
    spending.spent(tokens=None, usd=0.25)
    assert spending.over == "the budget of 0.5 USD is spent (0.5000)"


def test_a_budget_of_time_counts_from_the_first_start() -> None:
    spending = Spending(Budget(seconds=60.0))
    assert (spending.refusal("t", 1e9), spending.ends_at) == ("", None)
    spending.started(1000.0)
    spending.started(1050.0)
    assert spending.ends_at == 1060.0
    assert spending.refusal("t", 1059.0) == ""
    assert spending.refusal("t", 1060.0) == "the budget of 60 s is over"
    assert spending.ends_at is None


def test_what_is_aborted_is_one_workflow() -> None:
    spending = Spending()
    spending.abort("t", "x failed")
    spending.abort("t", "y failed")
    assert (spending.refusal("t", 0.0), spending.refusal("u", 0.0), spending.over) == ("x failed", "", "")


RUNS = st.lists(st.tuples(st.none() | st.integers(0, 50), st.none() | st.sampled_from([0.0, 0.25, 0.5])), max_size=20)


@given(RUNS)
def test_it_is_over_as_soon_as_what_is_known_comes_to_it_and_stays_so(
    runs: list[tuple[int | None, float | None]],
) -> None:
    spending, tokens, usd, first = Spending(Budget(tokens=100, usd=1.0)), 0, 0.0, ""
    for more_tokens, more_usd in runs:
        spending.spent(tokens=more_tokens, usd=more_usd)
        tokens, usd = tokens + (more_tokens or 0), usd + (more_usd or 0.0)
        assert bool(spending.over) == (tokens >= 100 or usd >= 1.0)
        first = first or spending.over
        assert spending.over == first
