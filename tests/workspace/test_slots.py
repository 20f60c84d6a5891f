"""Where checkouts are: stable for one run, apart for two, and cleaned of what a killed run left."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_subagents.errors import BadUsage
from pytest_subagents.model import limits
from pytest_subagents.workspace.slots import place_of, take_slot

_OTHER = """
import sys
from pathlib import Path
from pytest_subagents.workspace.slots import take_slot
root = Path(sys.argv[1])
slot = take_slot(root / "work", below=root)
(slot.path / "agent" / "deep").mkdir(parents=True)
print(slot.path, flush=True)
sys.stdin.read()
"""


def _other_process(root: Path) -> tuple[subprocess.Popen[str], Path]:
    pipe = subprocess.PIPE
    process = subprocess.Popen([sys.executable, "-c", _OTHER, str(root)], stdin=pipe, stdout=pipe, text=True)
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_one_run_after_the_other_works_at_the_same_place(tmp_path: Path) -> None:
    first = take_slot(tmp_path / "work", below=tmp_path)
    assert first.path == tmp_path / "work/1"
    assert os.listdir(first.path) == []
    (first.path / "left").touch()
    first.release()
    second = take_slot(tmp_path / "work", below=tmp_path)
    assert second.path == first.path
    assert os.listdir(second.path) == []
    second.release()


def test_two_runs_at_once_work_apart_and_what_a_killed_one_left_is_removed(tmp_path: Path) -> None:
    own = take_slot(tmp_path / "work", below=tmp_path)
    process, path = _other_process(tmp_path)
    with process:
        assert path == tmp_path / "work/2"
        third = take_slot(tmp_path / "work", below=tmp_path)
        assert third.path == tmp_path / "work/3"
        assert (path / "agent/deep").is_dir()
        process.kill()
        process.wait()
    own.release()
    again = take_slot(tmp_path / "work", below=tmp_path)
    assert again.path == own.path
    assert not path.exists()
    assert third.path.exists()
    again.release()
    third.release()


def test_a_removal_that_was_killed_is_finished(tmp_path: Path) -> None:
    (tmp_path / "work/.gone-x/y").mkdir(parents=True)
    take_slot(tmp_path / "work", below=tmp_path).release()
    assert not (tmp_path / "work/.gone-x").exists()


def test_there_is_an_end_to_slots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "WORKSPACE_SLOTS", 2)
    slots = [take_slot(tmp_path / "work", below=tmp_path) for _ in range(2)]
    with pytest.raises(BadUsage, match="2 runs use it at once"):
        take_slot(tmp_path / "work", below=tmp_path)
    for slot in slots:
        slot.release()


@pytest.mark.parametrize("name", ["work", "work/1.lock"])
def test_a_link_on_the_way_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "victim").mkdir()
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).symlink_to(tmp_path / "victim")
    with pytest.raises(BadUsage, match="cannot hold private checkouts"):
        take_slot(tmp_path / "work", below=tmp_path)
    assert os.listdir(tmp_path / "victim") == []


def test_a_link_in_the_place_of_a_slot_is_removed_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "victim").mkdir()
    (tmp_path / "victim/file").touch()
    (tmp_path / "work").mkdir()
    (tmp_path / "work/1").symlink_to(tmp_path / "victim")
    slot = take_slot(tmp_path / "work", below=tmp_path)
    assert not slot.path.is_symlink()
    assert os.listdir(tmp_path / "victim") == ["file"]
    slot.release()


def test_a_place_says_whose_it_is(tmp_path: Path) -> None:
    assert place_of(tmp_path, "subagents.yaml::fix-auth").name.startswith("fix-auth-")
    assert place_of(tmp_path, "tests/test_x.py::test_review[math]").name.startswith("test_reviewmath-")
    assert place_of(tmp_path, "x::fix") == place_of(tmp_path, "x::fix")


@given(st.lists(st.tuples(st.text(max_size=300), st.none() | st.integers(1, 9)), max_size=6, unique=True))
def test_other_items_have_other_places_and_none_in_another(keys: list[tuple[str, int | None]]) -> None:
    slot = Path("/slot")
    places = [place_of(slot, nodeid, attempt) for nodeid, attempt in keys]
    assert len({str(place).casefold() for place in places}) == len(keys)
    for place in places:
        assert place.parent == slot
        assert place.name.isascii()
        assert place.name.isprintable()
        assert len(place.name) < 60
        assert not place.name.startswith((".", "-"))
