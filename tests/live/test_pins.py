"""The versions of the real programs: one file, exact, and nothing in it of the machine that wrote it."""

from __future__ import annotations

import json
import re
from pathlib import Path

PINS = Path(__file__).parents[2] / ".ci" / "clis"


def test_every_program_has_one_exact_version_and_the_lock_file_has_the_same() -> None:
    pins = json.loads((PINS / "package.json").read_text(encoding="utf-8"))["dependencies"]
    locked = json.loads((PINS / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert len(pins) == 4
    for name, version in pins.items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)
        assert locked[f"node_modules/{name}"]["version"] == version


def test_the_lock_file_names_no_registry() -> None:
    text = (PINS / "package-lock.json").read_text(encoding="utf-8")
    assert "://" not in text
    assert '"resolved"' not in text
