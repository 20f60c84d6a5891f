"""Which recording an audit log is made of."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pytest_subagents.audit.judged_recording import LiveRun, judged_recording
from pytest_subagents.conduct import finished
from pytest_subagents.model.result import Planned, Result
from pytest_subagents.model.status import Status
from pytest_subagents.transcript.recording import Candidate
from pytest_subagents.transcript.run_directory import RunDirectory
from pytest_subagents.transcript.store import Recording

NODE = "subagents.yaml::a"
PUBLISHED = "recordings/team/a.jsonl"


def row(*, transcript: str | None = None, status: Status = "success") -> Result:
    return Result(planned=Planned(nodeid=NODE, id="a"), status=status, transcript=transcript)


def put(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}\n", encoding="utf-8")
    return str(path)


@pytest.fixture
def runs(tmp_path: Path) -> list[RunDirectory]:
    made = [
        RunDirectory.create(tmp_path / ".subagents", below=tmp_path, started=datetime(2026, 1, day, tzinfo=UTC))
        for day in (1, 2, 3)
    ]
    return made[::-1]


def found(root: Path, of: Result, runs: list[RunDirectory]) -> Recording | None:
    folders = [each.path for each in runs]
    live = LiveRun(folder=folders[0], earlier=tuple(folders[1:])) if folders else None
    return judged_recording(of, PUBLISHED, rootdir=root, live=live)


def test_in_a_replay_the_recording_there_or_not(tmp_path: Path) -> None:
    assert found(tmp_path, row(transcript=PUBLISHED), []) == Recording(transcript=str(tmp_path / PUBLISHED))
    assert found(tmp_path, row(), []) is None


def test_a_link_out_of_the_repository_is_not_read(tmp_path: Path) -> None:
    put(tmp_path / "elsewhere.jsonl")
    (tmp_path / "root/recordings/team").mkdir(parents=True)
    (tmp_path / "root" / PUBLISHED).symlink_to(tmp_path / "elsewhere.jsonl")
    refused = found(tmp_path / "root", row(transcript=PUBLISHED), [])
    assert refused is not None
    assert refused.refused == "it is a link to a place outside the repository"


def test_what_is_not_published_is_the_candidate_of_the_last_try(tmp_path: Path, runs: list[RunDirectory]) -> None:
    folder = runs[0].agent_folder(NODE)
    assert found(tmp_path, row(), runs) is None
    first = put(folder / "recording.jsonl")
    assert found(tmp_path, row(), runs) == Recording(transcript=first)
    (folder / "retry-2").mkdir()
    assert found(tmp_path, row(), runs) is None
    put(folder / "retry-9/recording.jsonl")
    last = put(folder / "retry-10/recording.jsonl")
    assert found(tmp_path, row(), runs) == Recording(transcript=last)


def test_a_link_out_of_the_run_directory_is_not_read(tmp_path: Path, runs: list[RunDirectory]) -> None:
    target = put(tmp_path / "elsewhere.jsonl")
    (runs[0].agent_folder(NODE) / "recording.jsonl").symlink_to(target)
    refused = found(tmp_path, row(), runs)
    assert refused is not None
    assert refused.refused == "it is a link to a place outside the repository"


def _finish(run: RunDirectory, specification: str) -> str:
    candidate = Candidate(folder=run.agent_folder(NODE))
    finished.keep(run, NODE, candidate, specification)
    return put(Path(candidate.recording.transcript))


def test_what_an_earlier_run_has_finished(tmp_path: Path, runs: list[RunDirectory]) -> None:
    kept = _finish(runs[2], "x")
    assert found(tmp_path, row(), runs) == Recording(transcript=kept)
    assert found(tmp_path, row(status="not_run"), runs) is None
    newer = _finish(runs[1], "x")
    assert found(tmp_path, row(), runs) == Recording(transcript=newer)


def test_of_two_specifications_it_is_not_known_which(tmp_path: Path, runs: list[RunDirectory]) -> None:
    _finish(runs[2], "x")
    _finish(runs[1], "y")
    assert found(tmp_path, row(), runs) is None
