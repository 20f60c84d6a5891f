"""How long a subagent took the last time: what is asked, in which order, and that damage is no answer."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pytest_subagents.transcript.run_directory import RunDirectory
from pytest_subagents.transcript.runtimes import Runtime, Runtimes
from pytest_subagents.transcript.store import Recording

NOON = datetime(2025, 1, 2, 12, tzinfo=UTC)
NODEID = "subagents.yaml::math"


class Place:
    """A repository with a run directory and a recording."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.recording = Recording(transcript=str(folder / "recordings/team/math.jsonl"))
        self._runs = 0

    def ran(self, milliseconds: object, *, status: str = "success", nodeid: str = NODEID) -> Path:
        """In one more run; gives the file of its result."""
        self._runs += 1
        run = RunDirectory.create(
            self.folder / ".subagents", below=self.folder, started=NOON + timedelta(seconds=self._runs)
        )
        folder = run.agent_folder(nodeid)
        run.write_json(folder / "result.json", {"status": status, "runtime_ms": milliseconds, "more": [1]})
        run.release()
        return folder / "result.json"

    def recorded(self, milliseconds: object) -> None:
        meta = Path(self.recording.meta)
        meta.parent.mkdir(parents=True)
        meta.write_text(json.dumps({"runtime_ms": milliseconds}), encoding="utf-8")

    def found(self) -> Runtime | None:
        return Runtimes(self.folder / ".subagents").of(NODEID, self.recording)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_of_what_never_ran_nothing_is_known(place: Place) -> None:
    assert place.found() is None
    place.ran(1_000, nodeid="subagents.yaml::other")
    assert place.found() is None


def test_the_recording_comes_first(place: Place) -> None:
    place.ran(1_000)
    assert place.found() == Runtime(milliseconds=1_000, source="history")
    place.recorded(2_000)
    assert place.found() == Runtime(milliseconds=2_000, source="recording")


def test_the_newest_run_that_knows_it_is_asked(place: Place) -> None:
    place.ran(1_000)
    place.ran(2_000)
    place.ran(3_000, nodeid="subagents.yaml::other")
    assert place.found() == Runtime(milliseconds=2_000, source="history")


def test_only_the_newest_runs_are_asked(place: Place) -> None:
    place.ran(1_000)
    for _ in range(5):
        place.ran(3_000, nodeid="subagents.yaml::other")
    assert place.found() is None


@pytest.mark.parametrize("status", ["failed", "not_run"])
def test_who_did_not_do_its_work_took_no_time_that_says_anything(place: Place, status: str) -> None:
    place.ran(1_000)
    place.ran(10, status=status)
    assert place.found() == Runtime(milliseconds=1_000, source="history")


def test_damage_is_no_answer(place: Place) -> None:
    place.ran(1_000)
    for text in ("", "{", "[]", '{"status": "success", "runtime_ms": "long"}', '{"status": 1}'):
        place.ran(5).write_text(text, encoding="utf-8")
        assert place.found() != Runtime(milliseconds=5, source="history"), text


def test_a_recording_that_is_damaged_or_no_file_leaves_it_to_the_runs(place: Place) -> None:
    place.ran(1_000)
    place.recorded("long")
    assert place.found() == Runtime(milliseconds=1_000, source="history")
    os.unlink(place.recording.meta)
    os.mkfifo(place.recording.meta)
    assert place.found() == Runtime(milliseconds=1_000, source="history")
