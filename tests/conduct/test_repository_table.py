"""docs/workspaces.md names a test for every row of its tables, and each of them is there."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
import repository_table
from repository_table import DEEDS, KILLS, REPOSITORIES

ROOT: Final = Path(__file__).parents[2]


def test_the_page_is_up_to_date() -> None:
    """When this fails: PYTHONPATH=tests python tests/repository_table.py docs/workspaces.md"""
    page = (ROOT / "docs/workspaces.md").read_text(encoding="utf-8")
    assert repository_table.renewed(page) == page
    assert all(table in page for table in repository_table.tables().values())


@pytest.mark.parametrize("test", repository_table.named())
def test_every_test_that_is_named_exists(test: str) -> None:
    file, _, name = test.partition("::")
    assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8")


def test_every_row_has_an_id_of_its_own() -> None:
    ids = [case.id for cases in (REPOSITORIES, DEEDS, KILLS) for case in cases]
    assert len(set(ids)) == len(ids)
