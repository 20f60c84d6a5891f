"""Durations and counts as people write them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_subagents.specify.durations import COUNT_PATTERN, DURATION_PATTERN, count_of, seconds_of


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("10m", 600),
        ("1h30m", 5400),
        ("45s", 45),
        ("2s", 2),
        ("0s", 0),
        ("1.5h", 5400),
        ("0.25s", 0.25),
        ("1h0m1s", 3601),
    ],
)
def test_durations(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "10", "m", "1:30", "10 m", "5m1h", "1h1h", "-5m", "1d", "10M", "1e3s", "１0m", "10m\n", "1.s"]
)
def test_what_is_no_duration(text: str) -> None:
    assert seconds_of(text) is None


@pytest.mark.parametrize(
    ("text", "count"),
    [("400k", 400_000), ("2M", 2_000_000), ("1.5M", 1_500_000), ("0.001k", 1), ("1K", 1000), ("1.50k", 1500)],
)
def test_counts(text: str, count: int) -> None:
    assert count_of(text) == count


@pytest.mark.parametrize("text", ["", "400", "k", "2m", "1.0005k", "-1k", "1e3k", "2MB", "1 k", "٣k", "2M\n"])
def test_what_is_no_count(text: str) -> None:
    assert count_of(text) is None


@given(st.integers(0, 999), st.integers(0, 999), st.integers(0, 999))
def test_hours_minutes_and_seconds_add_up(hours: int, minutes: int, seconds: int) -> None:
    assert seconds_of(f"{hours}h{minutes}m{seconds}s") == hours * 3600 + minutes * 60 + seconds


@given(st.text(alphabet="0123456789.hmskKM", max_size=12))
def test_editors_are_told_the_same(text: str) -> None:
    if seconds_of(text) is not None:
        assert re.search(DURATION_PATTERN, text)
    if count_of(text) is not None:
        assert re.search(COUNT_PATTERN, text)
