"""docs/vendors.md says what the programs say of themselves."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pytest_subagents.vendors import parity_page
from pytest_subagents.vendors.programs.interface import FEATURES
from pytest_subagents.vendors.programs.registry import program
from pytest_subagents.vendors.registry import VENDORS

PAGE = Path(__file__).parents[3] / "docs" / "vendors.md"
OURS = [name for name, vendor in VENDORS.ours.items() if vendor.program is not None]


def test_the_page_is_up_to_date() -> None:
    """When this fails: python -m pytest_subagents.vendors.parity_page docs/vendors.md"""
    page = PAGE.read_text(encoding="utf-8")
    assert parity_page.renewed(page) == page
    for name, table in parity_page.tables().items():
        assert f"<!-- {name}: begin -->\n{table}<!-- {name}: end -->" in page


def test_the_page_can_be_made_anew(tmp_path: Path) -> None:
    page = tmp_path / "vendors.md"
    page.write_text("<!-- overview: begin -->\nold\n<!-- overview: end -->\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest_subagents.vendors.parity_page", str(page)]
    subprocess.run(command, check=True, capture_output=True)
    assert f"| {FEATURES[0]} |" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("vendor", OURS)
def test_every_vendor_has_a_section_with_every_feature(vendor: str) -> None:
    section = PAGE.read_text(encoding="utf-8").partition(f"### {vendor}\n")[2].partition("### ")[0]
    for feature in FEATURES:
        assert f"\n| {feature} | {program(vendor).parity[feature].honoured} |" in section


def test_no_cell_breaks_its_row() -> None:
    for table in parity_page.tables().values():
        for line in table.splitlines():
            if line.startswith("|"):
                assert line.endswith((" |", "---|"))
