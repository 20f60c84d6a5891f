"""The page by axe-core in each way to look at it, and by what axe does not see: shapes, words, and room."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

import pytest

from browser.accessible import violations
from browser.conftest import Look, Picture

Rules: TypeAlias = Literal["all", "contrast", "but contrast"]
LOOKS: Mapping[str, tuple[Mapping[str, Any], Rules]] = MappingProxyType(
    {
        "light": ({}, "all"),
        "dark": ({"scheme": "dark"}, "contrast"),
        "phone": ({"width": 360, "height": 740}, "but contrast"),
        "forced colours": ({"forced_colors": True}, "contrast"),
    }
)
"""Each with the rules that can come out otherwise in it."""
UNFOLDED = ("light", "phone")
"""With all that is folded: what is looked at in two ways need not be in four."""


@pytest.mark.parametrize("how", LOOKS)
def test_axe_finds_nothing(look: Look, picture: Picture, axe: str, team: Path, how: str) -> None:
    options, rules = LOOKS[how]
    window = look(team, **options)
    assert window.complaints == []
    picture(window, f"team {how}", whole=True)
    if how in UNFOLDED:
        window.run("for (const d of document.querySelectorAll('details')) d.open = true")
    assert violations(window, axe, rules=rules) == []
    assert window.run("document.documentElement.scrollWidth - innerWidth") <= 0


def test_axe_finds_nothing_in_what_is_opened_or_found_empty(look: Look, picture: Picture, axe: str, team: Path) -> None:
    window = look(team)
    window.press("/")
    window.page.keyboard.type("nobody is called that")
    assert "No subagent matches" in window.run("document.querySelector('[role=status]').textContent")
    assert violations(window, axe, within="section[aria-labelledby=subagents]") == []
    window.go()
    window.press("?")
    assert window.run("document.querySelector('dialog').open")
    assert violations(window, axe, within="dialog") == []
    picture(window, "team keys")


def test_a_status_is_told_by_shape_and_word_too(look: Look, team: Path) -> None:
    window = look(team)
    told = window.run(
        "[...document.querySelectorAll('#subagents-table .st')]"
        ".map(e => [e.querySelector('use').getAttribute('href'), e.textContent])"
    )
    words = {word.split(",")[0] for _, word in told}
    assert {"Success", "Failed"} <= words
    assert len({shape for shape, word in told if "," not in word}) == len(words)
    symbols = window.run("[...document.querySelectorAll('symbol')].map(e => e.innerHTML)")
    assert len(symbols) == len(set(symbols)) >= 4


def test_at_four_hundred_percent_nothing_is_beside_the_page(look: Look, team: Path) -> None:
    """1280 by 1024 at 400 % is 320 by 256."""
    window = look(team, width=320, height=256)
    window.run("for (const d of document.querySelectorAll('details')) d.open = true")
    assert window.run("document.documentElement.scrollWidth") == 320
