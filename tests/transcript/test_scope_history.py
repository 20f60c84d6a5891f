"""What a subagent read and wrote the last time: which run is asked, and that damage is no answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pytest_subagents.model.scope_use import ScopeUse
from pytest_subagents.transcript.run_directory import RunDirectory
from pytest_subagents.transcript.scope_history import LastUse, ScopeHistory

NOON = datetime(2025, 1, 2, 12, tzinfo=UTC)
NODEID = "subagents.yaml::math"


class Place:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._runs = 0

    def ran(self, *, nodeid: str = NODEID, **result: Any) -> Path:
        """In one more run; gives the file of its result."""
        self._runs += 1
        run = RunDirectory.create(
            self.folder / ".subagents", below=self.folder, started=NOON + timedelta(seconds=self._runs)
        )
        file = run.agent_folder(nodeid) / "result.json"
        run.write_json(file, result)
        run.release()
        return file

    def found(self) -> LastUse | None:
        return ScopeHistory(self.folder / ".subagents").of(NODEID)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_of_what_never_ran_nothing_is_known(place: Place) -> None:
    assert place.found() is None
    place.ran(nodeid="subagents.yaml::other", used={"read": ["a"]})
    assert place.found() is None


def test_the_newest_run_that_knows_counts(place: Place) -> None:
    place.ran(status="success", used={"read": ["old"]})
    known = place.ran(status="failed", used={"read": ["new"], "unknown": 2, "later": 1})
    place.ran(status="success", used=None)
    place.ran(status="success")
    found = place.found()
    assert found == LastUse(run=known.parent.parent.name, use=ScopeUse(read=("new",), unknown=2), ended_well=False)


@pytest.mark.parametrize(
    ("status", "kinds", "ended_well"),
    [
        ("success", [], True),
        ("partial", ["checks"], True),
        ("failed", ["scope", "scope"], True),
        ("failed", ["scope", "timeout"], False),
        ("failed", [], False),
    ],
)
def test_whether_it_did_its_work(place: Place, status: str, kinds: list[str], ended_well: bool) -> None:
    place.ran(status=status, reasons=[{"kind": kind, "message": "x"} for kind in kinds], used={})
    found = place.found()
    assert found is not None
    assert found.ended_well is ended_well


@pytest.mark.parametrize(
    "damage", ["", "{", "[]", '{"used": 1}', '{"used": {"read": "a"}}', '{"used": {"read": [1]}}', "\udcff"]
)
def test_what_is_damaged_says_nothing(place: Place, damage: str) -> None:
    place.ran(used={"read": ["old"]})
    place.ran(used={"read": ["new"]}).write_bytes(damage.encode("utf-8", "surrogateescape"))
    found = place.found()
    assert found is not None
    assert found.use.read == ("old",)


def test_a_link_in_place_of_a_result_is_not_followed(place: Place, tmp_path: Path) -> None:
    file = place.ran(used={})
    (tmp_path / "other.json").write_text('{"used": {"read": ["a"]}}')
    file.unlink()
    file.symlink_to(tmp_path / "other.json")
    assert place.found() is None
