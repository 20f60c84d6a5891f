"""Writing, reading and removing below a folder: no link is followed, nothing is half there."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from pytest_subagents.model import limits
from pytest_subagents.writing import (
    make_folder,
    open_file,
    read_file,
    remove_file,
    remove_tree,
    write_file,
    write_link,
)

_DEPTH = 3_000


def _names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def test_a_file_is_written_with_its_folders_and_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "a/b/c.json"
    write_file(path, b"one", below=tmp_path, mode=0o600)
    write_file(path, b"two", below=tmp_path, mode=0o600)
    assert path.read_bytes() == b"two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert _names(path.parent) == ["c.json"]


def test_a_name_as_long_as_a_name_can_be_is_written(tmp_path: Path) -> None:
    path = tmp_path / ("\U0001f600" * 63 + "abc")
    assert len(os.fsencode(path.name)) == 255
    write_file(path, b"x", below=tmp_path)
    assert path.read_bytes() == b"x"


def test_a_link_in_the_place_of_a_file_is_replaced_and_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("kept", encoding="utf-8")
    (tmp_path / "in").mkdir()
    (tmp_path / "in/report.json").symlink_to(victim)
    write_file(tmp_path / "in/report.json", b"ours", below=tmp_path / "in")
    assert victim.read_text(encoding="utf-8") == "kept"
    assert (tmp_path / "in/report.json").read_bytes() == b"ours"
    assert not (tmp_path / "in/report.json").is_symlink()


@pytest.mark.parametrize("depth", ["one", "one/two"])
def test_a_linked_folder_on_the_way_is_refused_by_every_function(tmp_path: Path, depth: str) -> None:
    victim = tmp_path / "victim"
    (victim / "two").mkdir(parents=True)
    (victim / "f").write_text("kept", encoding="utf-8")
    root = tmp_path / "root"
    (root / depth).parent.mkdir(parents=True)
    (root / depth).symlink_to(victim)
    path = root / depth / "f"
    for act in (
        lambda: write_file(path, b"ours", below=root),
        lambda: write_link(path, "x", below=root),
        lambda: read_file(path, below=root, at_most=100),
        lambda: open_file(path, below=root),
        lambda: make_folder(path.parent / "new", below=root),
        lambda: remove_file(path, below=root),
    ):
        with pytest.raises(OSError, match="it is a link or no folder") as caught:
            act()
        assert caught.value.filename == str(root / depth)
    assert remove_tree(path, below=root) is not None
    assert _names(victim) == ["f", "two"]
    assert (victim / "f").read_text(encoding="utf-8") == "kept"


def test_a_path_that_climbs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="leaves"):
        write_file(tmp_path / "a/../../b/c", b"", below=tmp_path)


def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "name").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_file(tmp_path / "name", b"x", below=tmp_path)
    assert _names(tmp_path) == ["name"]


def test_a_link_is_made_new_or_put_in_the_place_of_another(tmp_path: Path) -> None:
    for target in ("runs/1", "runs/2"):
        write_link(tmp_path / "latest", target, below=tmp_path)
        assert os.readlink(tmp_path / "latest") == target
    assert _names(tmp_path) == ["latest"]


def test_many_that_replace_one_link_at_once_do_not_fail(tmp_path: Path) -> None:
    errors: list[OSError] = []

    def replace(number: int) -> None:
        try:
            for turn in range(50):
                write_link(tmp_path / "latest", f"runs/{number}-{turn}", below=tmp_path)
        except OSError as error:
            errors.append(error)

    threads = [threading.Thread(target=replace, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert _names(tmp_path) == ["latest"]


def test_a_file_is_read_up_to_its_limit_and_not_beyond(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"12345")
    assert read_file(tmp_path / "f", below=tmp_path, at_most=5) == b"12345"
    with pytest.raises(OSError, match="more than 4 bytes") as caught:
        read_file(tmp_path / "f", below=tmp_path, at_most=4)
    assert caught.value.errno == errno.EFBIG


def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/etc/passwd")
    (tmp_path / "zero").symlink_to("/dev/zero")
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "link", "zero", "folder"):
        with pytest.raises(OSError, match=r"."):
            read_file(tmp_path / name, below=tmp_path, at_most=100)
        with pytest.raises(OSError, match=r"."):
            open_file(tmp_path / name, below=tmp_path)
    with pytest.raises(FileNotFoundError):
        read_file(tmp_path / "no/file", below=tmp_path, at_most=100)
    assert not (tmp_path / "no").exists()


def test_removing_what_is_not_there_is_nothing(tmp_path: Path) -> None:
    remove_file(tmp_path / "a/b", below=tmp_path)
    assert remove_tree(tmp_path / "a", below=tmp_path) is None
    assert remove_tree(tmp_path / "a/b", below=tmp_path) is None
    assert _names(tmp_path) == []


def _deep(folder: Path, depth: int) -> None:
    """Folders inside each other; no path leads to the last one, so each is made from the one above it."""
    folder.mkdir()
    here = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("d" * 50, dir_fd=here)
        inner = os.open("d" * 50, os.O_RDONLY, dir_fd=here)
        os.close(os.open("f", os.O_CREAT | os.O_WRONLY, dir_fd=inner))
        os.close(here)
        here = inner
    os.close(here)


def test_a_tree_deeper_than_any_path_is_removed(tmp_path: Path) -> None:
    _deep(tmp_path / "deep", _DEPTH)
    assert remove_tree(tmp_path / "deep", below=tmp_path) is None
    assert _names(tmp_path) == []


def test_links_in_a_tree_are_removed_and_what_they_point_to_stays(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "f").touch()
    tree = tmp_path / "tree"
    (tree / "a").mkdir(parents=True)
    (tree / "a/folder").symlink_to(victim)
    (tree / "file").symlink_to(victim / "f")
    os.mkfifo(tree / "pipe")
    (tmp_path / "top").symlink_to(victim)
    assert remove_tree(tree, below=tmp_path) is None
    assert remove_tree(tmp_path / "top", below=tmp_path) is None
    assert _names(tmp_path) == ["victim"]
    assert _names(victim) == ["f"]


def test_a_file_in_the_place_of_a_tree_is_removed(tmp_path: Path) -> None:
    (tmp_path / "tree").touch()
    assert remove_tree(tmp_path / "tree", below=tmp_path) is None
    assert _names(tmp_path) == []


_AS_SOMEBODY = """
import os, sys
from pathlib import Path
from pytest_subagents.writing import remove_tree
if os.getuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
root = Path(sys.argv[1])
tree = root / "tree"
(tree / "a/b/c").mkdir(parents=True)
(tree / "a/b/f").touch()
for name, mode in (("a/b/c", 0), ("a/b", 0o555), ("a", 0o300), (".", 0o500)):
    os.chmod(tree / name, mode)
error = remove_tree(tree, below=root)
assert error is None, error
assert os.listdir(root) == [], os.listdir(root)
"""


def test_folders_without_permissions_are_removed_by_their_owner() -> None:
    """In a process of its own that gives up being root, for whom permissions are no hindrance."""
    # Not in pytest's own folder, which is closed to the other user.
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        command = [sys.executable, "-c", _AS_SOMEBODY, folder]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_tree_that_cannot_be_removed_is_told_and_does_not_raise(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "tree"
    path.parent.write_text("a file where a folder should be", encoding="utf-8")
    error = remove_tree(path, below=tmp_path)
    assert isinstance(error, OSError)
    assert error.filename == str(path.parent)


def test_a_path_in_a_report_is_never_longer_than_the_system_takes() -> None:
    """A file name of ours with a suffix, and the temporary one beside it, fit into 255 bytes."""
    assert limits.FILE_NAME_BYTES + len(".meta.json") < 255
