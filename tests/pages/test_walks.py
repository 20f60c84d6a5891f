"""The tutorial and the guides, followed to the letter: their files, their commands, and what those print."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from fenced import ROOT, blocks_of
from walked_pages import WALKED
from walking import Walk, shown_in

IGNORED = "__pycache__/\n.pytest_cache/\n.subagents/\nartifacts/\n"
REVIEWED = """\
workflow:
  name: payment
  review: {files_matching: [migrations/]}
agents:
  - id: schema
    task: Add the table of payments
    vendor: command
    command:
      - sh
      - -c
      - |
        mkdir migrations
        echo "CREATE TABLE payments (id INTEGER);" > migrations/7.sql
        echo '{"status": "success", "summary": "One table.", "findings": []}'
    scope: {write: [migrations/]}
"""


@pytest.fixture
def walk(tmp_path: Path) -> Walk:
    """In an empty folder, as somebody who has installed the package."""
    folder, home = tmp_path / "work", tmp_path / "home"
    folder.mkdir()
    home.mkdir()
    return Walk(folder=folder, cwd=folder, home=home)


@pytest.mark.parametrize("page", WALKED)
def test_a_page_does_what_it_says(walk: Walk, page: str) -> None:
    if page == "review":
        _let_one_wait(walk)
    elif page != "tutorial":  # the others are followed in a clone of this repository
        ignored = shutil.ignore_patterns("artifacts", "__pycache__", ".pytest_cache", ".subagents")
        shutil.copytree(ROOT / "examples", walk.cwd / "examples", ignore=ignored)
        (walk.cwd / ".gitignore").write_text(IGNORED, encoding="utf-8")
    if page in ("plan", "merging"):
        assert walk.run("python examples/payment-feature/build.py shop").returncode == 0
        walk.cwd /= "shop"
    walk.follow(blocks_of(ROOT / f"docs/{page}.md"))


def _let_one_wait(walk: Walk) -> None:
    """The team of docs/review.md, with a recorded diff that waits for a person."""
    (walk.cwd / "subagents.yaml").write_text(REVIEWED, encoding="utf-8")
    save = "git add . && git commit -q -m x"
    (walk.cwd / ".gitignore").write_text(IGNORED, encoding="utf-8")
    assert walk.run(f"git init -q && {save}").returncode == 0
    assert walk.run(f"pytest --subagents --subagents-mode=once; {save}").returncode == 0


def test_what_is_shown_is_compared() -> None:
    printed = "=== x in 0.31s ===\na\n\nb 12ms\nc\n"
    assert shown_in("...\nb 3ms\n...\n", printed)
    assert shown_in("====== x in 2s ===\n...\nc", printed)
    assert not shown_in("...\nb 3ms\n", printed)
    assert not shown_in("a\n...\n", printed)
