"""A hundred subagents with long transcripts: one page that stays small, and further ones beside it."""

from __future__ import annotations

from pathlib import Path

from browser.conftest import Look
from browser.faults import faults
from browser.projects import many

from pytest_subagents.model import limits


def test_a_hundred_subagents_stay_one_page_that_answers(look: Look, tmp_path: Path) -> None:
    page = many(tmp_path, subagents=100, size=300_000)
    assert page.stat().st_size < limits.HTML_BYTES
    window = look(page)
    assert faults(window) == []
    assert window.run("document.querySelectorAll('*').length") <= 30_000
    shown = "[...document.querySelectorAll('#subagents-table tbody tr')].filter(e => !e.hidden).length"
    assert window.run(shown) == 100
    window.press("/")
    window.page.keyboard.type("agent-04")
    assert window.run(shown) == 10
    further = sorted(page.parent.glob("page-data/**/*.html"))
    assert further
    beside = look(further[0])
    assert faults(beside) == []
    back = beside.run("[...document.querySelectorAll('a')].map(e => e.getAttribute('href'))")
    assert any("page.html" in link for link in back)
