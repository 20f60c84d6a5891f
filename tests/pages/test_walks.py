"""The tutorial and the guides, followed to the letter: their files, their commands, and what those print."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from fenced import ROOT, blocks_of
from walked_pages import WALKED
from walking import Walk, shown_in


@pytest.fixture
def walk(tmp_path: Path) -> Walk:
    """In an empty folder, as somebody who has installed the package."""
    folder, home = tmp_path / "work", tmp_path / "home"
    folder.mkdir()
    home.mkdir()
    return Walk(folder=folder, cwd=folder, home=home)


@pytest.mark.parametrize("page", WALKED)
def test_a_page_does_what_it_says(walk: Walk, page: str) -> None:
    if page != "tutorial":  # the guides are followed in a clone of this repository
        ignored = shutil.ignore_patterns("artifacts", "__pycache__", ".pytest_cache", ".subagents")
        shutil.copytree(ROOT / "examples", walk.folder / "examples", ignore=ignored)
        (walk.folder / ".gitignore").write_bytes((ROOT / ".gitignore").read_bytes())
    walk.follow(blocks_of(ROOT / f"docs/{page}.md"))


def test_what_is_shown_is_compared() -> None:
    printed = "=== x in 0.31s ===\na\n\nb 12ms\nc\n"
    assert shown_in("...\nb 3ms\n...\n", printed)
    assert shown_in("====== x in 2s ===\n...\nc", printed)
    assert not shown_in("...\nb 3ms\n", printed)
    assert not shown_in("a\n...\n", printed)
