"""Text measured as a terminal draws it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_subagents.reports.cells import cells, fit, pad


@pytest.mark.parametrize(
    ("text", "width"),
    [("", 0), ("abc", 3), ("é", 1), ("e\u0301", 1), ("\u20dd", 0), ("你好", 4), ("ＡＢ", 4), ("a–b…", 4)],
)
def test_cells(text: str, width: int) -> None:
    assert cells(text) == width


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("你好吗", 5, "你好…"), ("你好吗", 4, "你…"), ("e\u0301ab", 2, "e\u0301…")],
)
def test_fit(text: str, width: int, shown: str) -> None:
    assert fit(text, width) == shown


@given(st.text(st.characters(exclude_categories=("Cc", "Cf", "Cs"))), st.integers(1, 20))
def test_what_was_fitted_and_padded_is_exactly_as_wide(text: str, width: int) -> None:
    assert cells(pad(fit(text, width), width)) == width
