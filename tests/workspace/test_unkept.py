"""What no patch can carry is named, and hides nothing else."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from repositories import ARepository, a_checkout, checked_diff, kinds, plain_git, tree_after, unkept

from pytest_subagents.model import limits
from pytest_subagents.workspace.checkout import remove_checkout
from pytest_subagents.workspace.real_diff import real_diff


@pytest.fixture
def person(tmp_path: Path) -> ARepository:
    return ARepository(tmp_path / "r")


def _nested_with_commit(place: Path) -> None:
    ARepository(place / "lib")


def _nested_without_commit(place: Path) -> None:
    (place / "lib").mkdir()
    plain_git(place / "lib", "init", "-q")
    for name in ("a.txt", "run.sh"):
        (place / "lib" / name).write_text("x", encoding="utf-8")


def _nested_by_file(place: Path) -> None:
    _nested_without_commit(place)
    shutil.rmtree(place / "lib/.git")
    (place / "lib/.git").write_text("gitdir: ../../elsewhere\n", encoding="utf-8")


@pytest.mark.parametrize("make", [_nested_with_commit, _nested_without_commit, _nested_by_file])
def test_files_of_a_nested_repository_are_seen_and_its_git_directory_is_named(
    person: ARepository, make: Callable[[Path], None]
) -> None:
    work = a_checkout(person)
    make(work.place)
    diff = checked_diff(work)
    assert {"lib/a.txt": "add", "lib/run.sh": "add"}.items() <= kinds(diff).items()
    assert not any(".git" in path for path in kinds(diff))
    assert unkept(diff) == {"lib/.git": "git_name"}


def test_a_tracked_folder_that_becomes_a_repository_hides_nothing(person: ARepository) -> None:
    work = a_checkout(person)
    (work.place / "src/b.py").write_text("evil", encoding="utf-8")
    plain_git(work.place / "src", "init", "-q")
    plain_git(work.place / "src", "add", "-A")
    plain_git(work.place / "src", "commit", "-q", "-m", "x")
    diff = checked_diff(work)
    assert kinds(diff) == {"src/b.py": "update"}
    assert unkept(diff) == {"src/.git": "git_name"}


def test_names_that_git_refuses_and_what_is_no_file_are_named(person: ARepository) -> None:
    work = a_checkout(person)
    os.mkfifo(work.place / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        here = os.open(work.place, os.O_RDONLY)
        server.bind(f"/proc/self/fd/{here}/socket")
        os.close(here)
    for name in (".GIT", "git~1", ".g\u200cit", "src/.git "):
        (work.place / name).mkdir()
        (work.place / name / "config").touch()
    (work.place / ".gitmodules").symlink_to("a.txt")
    (work.place / "a.txt").unlink()
    os.mkfifo(work.place / "a.txt")
    diff = checked_diff(work)
    assert kinds(diff) == {"a.txt": "delete"}
    assert unkept(diff) == {
        ".GIT": "git_name",
        ".g\u200cit": "git_name",
        ".gitmodules": "git_name",
        "git~1": "git_name",
        "src/.git ": "git_name",
        "a.txt": "special",
        "pipe": "special",
        "socket": "special",
    }


def test_what_an_agent_puts_into_a_submodule_is_named(person: ARepository, tmp_path: Path) -> None:
    other = ARepository(tmp_path / "other")
    for name in ("sub", "gone", "kept"):
        url = os.fspath(other.path)
        person.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", url, name)
    person.git("commit", "-q", "-m", "x")
    work = a_checkout(person)
    (work.place / "sub/deep").mkdir()
    (work.place / "sub/deep/file").touch()
    (work.place / "gone").rmdir()
    diff = checked_diff(work)
    assert kinds(diff) == {"gone": "delete"}
    assert unkept(diff) == {"sub": "submodule"}


def test_a_tree_that_is_too_deep_is_named_and_the_rest_is_seen(person: ARepository) -> None:
    work = a_checkout(person)
    here = os.open(work.place, os.O_RDONLY)
    for _ in range(3_000):
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(os.open("f", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)
    (work.place / "z").touch()
    try:
        diff = checked_diff(work)
    finally:
        # pytest cannot remove such a tree itself.
        left = remove_checkout(work, below=person.path)
    assert left is None
    assert kinds(diff) == {"z": "add"}
    assert list(unkept(diff).values()) == ["closed"]
    assert "folders deep" in diff.unkept[0].why


def test_what_is_too_large_is_named_and_not_kept(person: ARepository, monkeypatch: pytest.MonkeyPatch) -> None:
    person.write("large", b"x" * 300)
    person.write("large-too", b"x" * 300)
    person.commit()
    monkeypatch.setattr(limits, "CHANGED_FILE_BYTES", 200)
    work = a_checkout(person)
    assert checked_diff(work).differences == ()
    (work.place / "large-too").write_bytes(b"y" * 300)
    (work.place / "new").write_bytes(b"x" * 201)
    (work.place / "sparse").touch()
    os.truncate(work.place / "sparse", 10**12)
    (work.place / "small").write_bytes(b"x" * 200)
    diff = real_diff(work)
    assert kinds(diff) == {"large-too": "update", "new": "add", "small": "add", "sparse": "add"}
    assert unkept(diff) == dict.fromkeys(("large-too", "new", "sparse"), "too_large")
    assert b"diff --git a/small" in diff.patch
    assert diff.patch.count(b"diff --git") == 1
    assert tree_after(work, diff.patch) == diff.tree


def test_what_is_too_much_together_is_named_and_not_kept(person: ARepository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CHANGED_BYTES", 1000)
    work = a_checkout(person)
    for name in "mnop":
        (work.place / name).write_bytes(name.encode() * 300)
    diff = real_diff(work)
    assert sorted(kinds(diff)) == ["m", "n", "o", "p"]
    assert unkept(diff) == {".": "too_large", "p": "too_large"}
    assert diff.patch == b""


def test_many_things_that_are_not_kept_are_counted(person: ARepository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "UNKEPT_SHOWN", 3)
    work = a_checkout(person)
    for number in range(5):
        os.mkfifo(work.place / f"pipe{number}")
    diff = real_diff(work)
    assert [thing.path for thing in diff.unkept] == ["pipe0", "pipe1", "pipe2", "."]
    assert diff.unkept[-1].why == "has 2 more of these"


def test_a_checkout_with_too_much_in_it_is_told_and_nothing_is_called_deleted(
    person: ARepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = a_checkout(person)
    for number in range(20):
        (work.place / f"new{number}").touch()
    monkeypatch.setattr(limits, "WORKSPACE_ENTRIES", 10)
    diff = real_diff(work)
    assert "delete" not in kinds(diff).values()
    assert diff.unkept[0].path == "."
    assert diff.unkept[0].kind == "closed"
