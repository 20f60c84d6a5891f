"""How long to wait before a retry."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_subagents.conduct.backoff import wait_before
from pytest_subagents.model import limits


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("Rate limited, retry after 20 seconds", 20.0),
        ('"retry-after":"3"', 3.0),
        ("retry-after: 7\r\n", 7.0),
        ("Please try again in 1.5s.", 1.5),
        ('"retryDelay": "34s"', 34.0),
        ('"retry_delay_ms": 900,', 0.9),
        ("try again in 250ms", 0.25),
        ("try again in 2 minutes", 120.0),
        ("retry after 5 ... retry after 1", 1.0),
        ("retry in 99999", limits.BACKOFF_MOST_SECONDS),
    ],
)
def test_the_vendor_s_hint_counts(said: str, seconds: float) -> None:
    assert wait_before(1, said) == seconds


def test_without_a_hint_the_wait_doubles() -> None:
    waits = [wait_before(retry, "status 429") for retry in (1, 2, 3)]
    assert waits == [limits.BACKOFF_SECONDS, 2 * limits.BACKOFF_SECONDS, 4 * limits.BACKOFF_SECONDS]
    assert wait_before(60, "") == limits.BACKOFF_MOST_SECONDS


@given(st.integers(1, 100), st.text(max_size=200))
def test_a_wait_is_never_endless(retry: int, said: str) -> None:
    assert 0 <= wait_before(retry, said) <= limits.BACKOFF_MOST_SECONDS
