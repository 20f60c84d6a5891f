"""docs/faults.md names a test for every fault and vendor, or says why there is none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import fault_page
import pytest
from fault_reasons import CANNOT
from fault_table import FAULTS, VENDORS, Claim, problems

ROOT: Final = Path(__file__).parents[2]
_COLLECT: Final = """
import dataclasses, json, fault_table
print(json.dumps([dataclasses.asdict(claim) for claim in fault_table.collected()]))
"""


@pytest.fixture(scope="module")
def claims() -> tuple[Claim, ...]:
    """Collected by a pytest of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-c", _COLLECT],
        cwd=ROOT,
        env={**environment, "PYTHONPATH": str(ROOT / "tests")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return tuple(Claim(**row) for row in json.loads(done.stdout))


def test_every_cell_has_a_test_or_a_reason(claims: tuple[Claim, ...]) -> None:
    assert "\n".join(problems(claims, CANNOT)) == ""


def test_the_page_is_up_to_date(claims: tuple[Claim, ...]) -> None:
    """When this fails: PYTHONPATH=tests python tests/fault_table.py docs/faults.md"""
    assert (ROOT / "docs" / "faults.md").read_text(encoding="utf-8") == fault_page.text(claims)


def test_every_test_that_is_named_exists(claims: tuple[Claim, ...]) -> None:
    for claim in claims:
        file, _, name = claim.test.partition("::")
        assert f"def {name.rpartition('::')[2]}(" in (ROOT / file).read_text(encoding="utf-8"), claim


def test_an_empty_cell_is_told_and_one_that_is_filled_twice() -> None:
    first, *others = [(fault.id, vendor) for fault in FAULTS for vendor in VENDORS]
    reasons = dict.fromkeys(others, "for a reason")
    assert problems((), reasons) == [f"{first[0]} x {first[1]} is empty"]
    both = Claim(fault=others[0][0], vendor=others[0][1], test="tests/test_x.py::test_y")
    told = f"{both.fault} x {both.vendor} is tested, and excused too"
    assert problems((both,), {**reasons, first: "for a reason"}) == [told]
    assert problems((), {**reasons, first: ""}) == [f"{first[0]} x {first[1]} is empty"]
    assert problems((), {**reasons, first: "so", ("no-fault", "codex"): "so"}) == [
        "no-fault x codex is excused, and is no cell"
    ]


def test_every_fault_has_an_id_of_its_own() -> None:
    ids = [fault.id for fault in FAULTS]
    assert len(set(ids)) == len(ids)
