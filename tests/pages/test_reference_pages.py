"""The reference says what the code does."""

from __future__ import annotations

import pytest
from reference_pages import DOCS, renewed, sections
from reference_words import METRICS

from pytest_subagents.gate import _METRICS


@pytest.mark.parametrize("page", sections())
def test_a_page_has_the_generated_tables(page: str) -> None:
    """When this fails: PYTHONPATH=tests python tests/reference_pages.py"""
    text = (DOCS / page).read_text(encoding="utf-8")
    assert renewed(text, sections()[page]) == text


def test_every_metric_has_its_words() -> None:
    words = dict(METRICS)
    severities = {name for name in _METRICS if "." in name and name not in words}
    assert words.keys() == {*_METRICS, "status"} - severities
    assert "findings.high" in severities
    for name in severities:
        metric, _, severity = name.partition(".")
        assert f"{metric}.critical" in words
        assert f"`{severity}`" in words["findings.critical"]
