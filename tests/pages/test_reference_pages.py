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
    severities = {name for name in _METRICS if name.startswith("findings.")} - {"findings.critical"}
    assert {name for name, _ in METRICS} == {*_METRICS, "status"} - severities
    (words,) = [words for name, words in METRICS if name == "findings.critical"]
    assert all(f"`{name.partition('.')[2]}`" in words for name in severities)
