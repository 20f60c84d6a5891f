"""Files that travel in parts: whole or not at all, and never outside of their folder."""

from __future__ import annotations

import io
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_subagents.glue.machines.files import Arriving, is_inside, parts_of

MB = 1 << 20
NAMES = st.lists(st.text("ab. é", min_size=1, max_size=4).filter(lambda name: name.strip(".")), min_size=1, max_size=3)
SIZES = [0, 1, MB - 1, MB, MB + 1, 2 * MB, 2 * MB + 7]


@pytest.mark.parametrize("size", SIZES)
def test_a_file_arrives_as_it_was_sent(tmp_path: Path, size: int) -> None:
    data = os.urandom(size)
    arriving = Arriving(tmp_path)
    parts = list(parts_of(io.BytesIO(data), "a/b.jsonl"))
    assert all(len(part["data"]) <= MB for part in parts)
    for part in parts:
        assert not (tmp_path / "a/b.jsonl").exists()
        arriving.take(part)
    assert (tmp_path / "a/b.jsonl").read_bytes() == data
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / "a/b.jsonl"]
    assert (tmp_path / "a/b.jsonl").stat().st_mode & 0o077 == 0
    assert arriving.faults == {}


@given(st.dictionaries(NAMES.map("/".join), st.binary(max_size=20), max_size=5))
def test_files_arrive_one_after_the_other(files: dict[str, bytes]) -> None:
    """Also where one stands where another one needs a folder: then that one is a fault, and no more."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        arriving = Arriving(folder)
        for path, data in files.items():
            for part in parts_of(io.BytesIO(data), path):
                arriving.take(part)
        for path, data in files.items():
            if path not in arriving.faults:
                assert (folder / path).read_bytes() == data


def test_of_a_file_that_does_not_come_to_its_end_nothing_stays(tmp_path: Path) -> None:
    first, second = Arriving(tmp_path), Arriving(tmp_path)
    parts = list(parts_of(io.BytesIO(os.urandom(3 * MB)), "a.jsonl"))
    first.take(parts[0])
    first.close()
    assert list(tmp_path.iterdir()) == []
    for part in (parts[0], *parts_of(io.BytesIO(b"x"), "b.jsonl")):
        second.take(part)
    assert [path.name for path in tmp_path.iterdir()] == ["b.jsonl"]


@pytest.mark.parametrize("name", ["/etc/x", "../x", "a/../../x", "..", "", "a\0b", "."])
def test_a_name_that_leaves_the_folder_is_not_written(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    assert not is_inside(name)
    Arriving(folder).take({"kind": "file", "name": name, "data": b"x", "last": True})
    assert list(tmp_path.rglob("*")) == [folder]


@given(st.text("ab./\0 é", max_size=12))
def test_what_is_inside_stays_inside(name: str) -> None:
    if is_inside(name):
        assert os.path.normpath(os.path.join("/in", name)).startswith("/in/")


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    folder, outside = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    outside.mkdir()
    (folder / "link").symlink_to(outside)
    (folder / "file").symlink_to(outside / "target")
    arriving = Arriving(folder)
    arriving.take({"kind": "file", "name": "link/x", "data": b"x", "last": True})
    arriving.take({"kind": "file", "name": "file", "data": b"x", "last": True})
    assert list(outside.iterdir()) == []
    assert "link/x" in arriving.faults
    assert not (folder / "file").is_symlink()


def test_what_cannot_be_written_is_remembered(tmp_path: Path) -> None:
    arriving = Arriving(tmp_path)
    (tmp_path / "a").write_text("a file, where a folder must be")
    for part in parts_of(io.BytesIO(os.urandom(2 * MB)), "a/b.jsonl"):
        arriving.take(part)
    assert arriving.faults == {"a/b.jsonl": "it is a link or no folder"}
    for part in parts_of(io.BytesIO(b"x"), "c"):
        arriving.take(part)
    assert (tmp_path / "c").read_bytes() == b"x"


@pytest.mark.parametrize("message", [{}, {"name": 3}, {"name": "a", "data": "text", "last": True}, {"name": "a"}])
def test_what_is_no_part_is_passed_over(tmp_path: Path, message: dict[str, object]) -> None:
    Arriving(tmp_path).take({"kind": "file", **message})
    assert list(tmp_path.iterdir()) == []
