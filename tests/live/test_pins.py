"""The versions of what is installed from npm: one file each, exact, and nothing in it of the machine that wrote it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

CI = Path(__file__).parents[2] / ".ci"


@pytest.mark.parametrize(("folder", "number"), [("clis", 4), ("axe", 1)])
def test_every_package_has_one_exact_version_and_the_lock_file_has_the_same(folder: str, number: int) -> None:
    pins = json.loads((CI / folder / "package.json").read_text(encoding="utf-8"))["dependencies"]
    locked = json.loads((CI / folder / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert len(pins) == number
    for name, version in pins.items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)
        assert locked[f"node_modules/{name}"]["version"] == version


@pytest.mark.parametrize("folder", ["clis", "axe"])
def test_the_lock_file_names_no_registry(folder: str) -> None:
    text = (CI / folder / "package-lock.json").read_text(encoding="utf-8")
    assert "://" not in text
    assert '"resolved"' not in text
