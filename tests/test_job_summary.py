"""The report at the end of the summary of a job: whole or cut, and never a failed run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from golden_reports import FOLDER, the_report

from pytest_subagents.conclude import add_to_summary
from pytest_subagents.model.limits import STEP_SUMMARY_BYTES


@pytest.mark.parametrize("before", ["", "Earlier.\n", None])
def test_the_report_comes_after_what_is_there(tmp_path: Path, before: str | None) -> None:
    path = tmp_path / "summary.md"
    if before is not None:
        path.write_text(before, encoding="utf-8")
    assert add_to_summary(the_report(), path, rest="report.json") is None
    golden = (FOLDER / "report.md").read_text(encoding="utf-8")
    assert path.read_text(encoding="utf-8") == (before or "") + golden


def test_of_too_little_room_as_much_is_used_as_there_is(tmp_path: Path) -> None:
    path = tmp_path / "summary.md"
    path.write_bytes(b"x" * (STEP_SUMMARY_BYTES - 900))
    assert add_to_summary(the_report(), path, rest="out/report.json") is None
    text = path.read_text(encoding="utf-8").lstrip("x")
    assert path.stat().st_size <= STEP_SUMMARY_BYTES
    assert text.startswith("# Subagents: partial\n")
    assert text.endswith("\n… and more than a job summary holds: the rest is in out/report.json.\n")


@pytest.mark.parametrize("fault", ["folder", "link", "fifo", "full", "nowhere"])
def test_what_cannot_be_written_is_told(tmp_path: Path, fault: str) -> None:
    path = tmp_path / "there" / "summary.md"
    if fault != "nowhere":
        path.parent.mkdir()
    if fault == "folder":
        path.mkdir()
    elif fault == "link":
        path.symlink_to("elsewhere.md")
    elif fault == "fifo":
        os.mkfifo(path)
    elif fault == "full":
        path.write_bytes(b"x" * (STEP_SUMMARY_BYTES - 10))
    told = add_to_summary(the_report(), path, rest="report.json") or ""
    assert told.startswith("it is full" if fault == "full" else "the report cannot be added to it: ")
    assert not (path.parent / "elsewhere.md").exists()
