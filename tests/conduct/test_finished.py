"""What the run directory says is finished, and to whom."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pytest_subagents.conduct.finished import keep, kept
from pytest_subagents.transcript.recording import Candidate
from pytest_subagents.transcript.run_directory import RunDirectory

NODEID = "subagents.yaml::math"


def _run(root: Path, second: int = 0) -> RunDirectory:
    return RunDirectory.create(root / ".subagents", below=root, started=datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC))


@pytest.mark.parametrize("where", [".", "retry-2"])
def test_what_is_kept_is_found_by_its_specification_alone(tmp_path: Path, where: str) -> None:
    run = _run(tmp_path)
    candidate = Candidate(folder=run.agent_folder(NODEID) / where)
    keep(run, NODEID, candidate, "sha256:1")
    assert kept([run], NODEID, "sha256:1") == candidate
    assert kept([run], NODEID, "sha256:2") is None
    assert kept([run], "subagents.yaml::other", "sha256:1") is None
    run.release()


def test_the_first_run_that_has_finished_it_counts(tmp_path: Path) -> None:
    runs = [_run(tmp_path, second) for second in range(3)]
    for run in runs[:2]:
        keep(run, NODEID, Candidate(folder=run.agent_folder(NODEID)), "sha256:1")
    found = kept(reversed(runs), NODEID, "sha256:1")
    assert found is not None
    assert found.folder.is_relative_to(runs[1].path)
    for run in runs:
        run.release()


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", '{"format": 2, "specification": "s", "candidate": "."}',
        '{"format": 1, "specification": "s", "candidate": "/etc"}',
        '{"format": 1, "specification": "s", "candidate": "../other"}',
        '{"format": 1, "specification": "s", "candidate": 1}',
    ],
)  # fmt: skip
def test_what_is_damaged_or_leads_elsewhere_is_not_believed(tmp_path: Path, text: str) -> None:
    run = _run(tmp_path)
    (run.agent_folder(NODEID) / "finished.json").write_text(text, encoding="utf-8")
    assert kept([run], NODEID, "s") is None
    run.release()
