"""A hundred subagents with long transcripts: one page that stays small, and further ones beside it."""

from __future__ import annotations

from pathlib import Path

from browser.accessible import violations
from browser.conftest import Look
from browser.faults import faults
from browser.projects import many
from pytest_subagents.model import limits


def test_a_hundred_subagents_stay_one_page_that_answers(look: Look, axe: str, tmp_path: Path) -> None:
    page = many(tmp_path, subagents=100, size=120_000)
    assert page.stat().st_size < limits.HTML_BYTES
    window = look(page)
    assert faults(window) == []
    assert window.run("document.querySelectorAll('*').length") <= limits.HTML_ELEMENTS
    shown = "[...document.querySelectorAll('#subagents-table tbody tr')].filter(e => !e.hidden).length"
    assert window.run(shown) == 100
    window.press("/")
    window.page.keyboard.type("agent-04")
    assert window.run(shown) == 10
    further = sorted((page.parent / "page-data").iterdir())
    assert further
    links = window.run("[...document.querySelectorAll('a')].map(e => e.getAttribute('href'))")
    assert {link.partition("#")[0] for link in links} == {"", *(f"page-data/{path.name}" for path in further)}
    beside = look(further[0])
    assert faults(beside) == []
    assert violations(beside, axe, rules="but contrast") == []
    back = beside.run("document.querySelector('header a').href")
    assert back.startswith(page.as_uri() + "#agent-")
    assert window.run("id => Boolean(document.getElementById(id))", back.partition("#")[2])
