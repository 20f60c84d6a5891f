"""Opening a file that a person wrote, whatever it really is."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_subagents.errors import BadFile
from pytest_subagents.model import limits
from pytest_subagents.specify.place import shown_path
from pytest_subagents.specify.reading import SUFFIXES, read_tree
from pytest_subagents.specify.tree import Leaf, plain

HOSTILE = Path(__file__).parents[1] / "data/hostile/yaml"


def fault_of(path: Path, rootdir: Path) -> str:
    with pytest.raises(BadFile) as caught:
        read_tree(path, rootdir=rootdir)
    return str(caught.value)


def test_the_suffix_says_which_syntax(tmp_path: Path) -> None:
    for name, text in (("a.yaml", "x: 1"), ("a.YML", "x: 1"), ("a.toml", "x = 1"), ("a.json", '{"x": 1}')):
        (tmp_path / name).write_text(text)
        assert plain(read_tree(tmp_path / name, rootdir=tmp_path)) == {"x": 1}
    (tmp_path / "a.yam").touch()
    assert fault_of(tmp_path / "a.yam", tmp_path) == (
        "a.yam: has the suffix '.yam', which says nothing about its syntax\n"
        "  hint: did you mean '.yaml'? use one of: .json, .toml, .yaml, .yml"
    )


def test_a_byte_order_mark_of_utf_8_is_dropped(tmp_path: Path) -> None:
    for name, text in (("a.yaml", "x: 1"), ("a.toml", "x = 1"), ("a.json", '{"x": 1}')):
        (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + text.encode())
        assert plain(read_tree(tmp_path / name, rootdir=tmp_path)) == {"x": 1}


def test_only_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"a: 1\nb: \xff\n")
    assert fault_of(path, tmp_path) == "a.yaml:2: is not UTF-8\n  hint: save the file as UTF-8"
    for encoding in ("utf-16", "utf-32"):
        path.write_bytes("a: 1\n".encode(encoding))
        assert fault_of(path, tmp_path) == "a.yaml:1: is not UTF-8\n  hint: save the file as UTF-8"
    for name in ("invalid-utf8.yaml", "utf16-bom.yaml"):
        assert fault_of(HOSTILE / name, HOSTILE) == f"{name}:1: is not UTF-8\n  hint: save the file as UTF-8"


def test_what_is_no_regular_file(tmp_path: Path) -> None:
    (tmp_path / "dir.yaml").mkdir()
    os.mkfifo(tmp_path / "fifo.yaml")
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    (tmp_path / "zero.yaml").symlink_to("/dev/zero")
    (tmp_path / "plain").touch()
    assert [
        fault_of(tmp_path / name, tmp_path)
        for name in (
            "dir.yaml",
            "fifo.yaml",
            "loop.yaml",
            "zero.yaml",
            "none.yaml",
            "plain/x.yaml",
            "x" * 300 + ".yaml",
        )
    ] == [
        "dir.yaml: is a directory, not a file",
        "fifo.yaml: is not a regular file",
        "loop.yaml: cannot be read: its symbolic links form a loop",
        "zero.yaml: is not a regular file",
        "none.yaml: does not exist",
        "plain/x.yaml: does not exist",
        "x" * 300 + ".yaml: has too long a name",
    ]
    assert fault_of(Path("a\0b.yaml"), tmp_path).endswith("a\\x00b.yaml: has a name that no file can have")


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As root, permissions hold nothing back; so the system call refuses."""

    def refuse(path: object, flags: int) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.open", refuse)
    assert fault_of(tmp_path / "a.yaml", tmp_path) == "a.yaml: cannot be read: permission denied"


def test_a_giant_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    with path.open("wb") as file:
        file.truncate(limits.WORKFLOW_BYTES + 1)
    assert fault_of(path, tmp_path) == f"a.yaml: is larger than {limits.WORKFLOW_BYTES} bytes"


def test_files_are_shown_from_the_rootdir_and_safely(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown_path(tmp_path / "a/b.yaml", tmp_path) == "a/b.yaml"
    assert shown_path(tmp_path / "a/../b.yaml", tmp_path) == "b.yaml"
    monkeypatch.chdir(tmp_path)
    assert shown_path(Path("b.yaml"), tmp_path) == "b.yaml"
    assert shown_path(tmp_path.parent / "b.yaml", tmp_path) == (tmp_path.parent / "b.yaml").as_posix()
    assert shown_path(tmp_path / "a\x1b[2J\udcff.yaml", tmp_path) == "a\\x1b[2J\\udcff.yaml"


@given(st.sampled_from(SUFFIXES), st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(suffix: str, data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"f{suffix}"
        path.write_bytes(data)
        error: BadFile | None = None
        try:
            plain(read_tree(path, rootdir=Path(folder)))
        except BadFile as caught:
            error = caught
        if error is not None:
            assert error.where.startswith(f"f{suffix}")


def test_an_empty_file_is_an_empty_leaf(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").touch()
    assert read_tree(tmp_path / "a.yaml", rootdir=tmp_path) == Leaf(None, 1)
