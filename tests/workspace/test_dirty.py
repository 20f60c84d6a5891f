"""What in the person's checkout a subagent that starts from HEAD does not have."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from repositories import ARepository, digest_of, plain_git, program

from pytest_subagents.git.repository import find_repository
from pytest_subagents.workspace.dirty import dirty as dirty_of


@pytest.fixture
def person(tmp_path: Path) -> ARepository:
    return ARepository(tmp_path / "r")


def dirty(person: ARepository, rootdir: str = ".", **keywords: bool) -> tuple[str, ...]:
    return dirty_of(find_repository(program(), person.path / rootdir), **keywords)


def test_a_clean_checkout_has_nothing(person: ARepository) -> None:
    person.write(".gitignore", "ignored\n")
    person.commit()
    person.write("ignored", "x")
    os.utime(person.path / "a.txt", (1, 1))
    assert dirty(person) == ()


def test_changed_staged_deleted_moved_and_new_files_are_listed(person: ARepository) -> None:
    person.write("a.txt", "two\n")
    person.write("src/new/deep.py", "x")
    person.write('odd\n"name', "x")
    person.git("mv", "src/b.py", "src/moved.py")
    (person.path / "run.sh").unlink()
    (person.path / "src/deep/c.bin").chmod(0o755)
    listed = ('odd\n"name', "a.txt", "run.sh", "src/b.py", "src/deep/c.bin", "src/moved.py", "src/new/")
    assert dirty(person) == tuple(sorted(listed))
    assert "src/new/" not in dirty(person, untracked=False)
    assert "src/moved.py" in dirty(person, untracked=False)


def test_paths_are_told_from_the_rootdir(person: ARepository) -> None:
    person.write("a.txt", "two\n")
    person.write("src/b.py", "b = 2\n")
    assert dirty(person, "src") == ("../a.txt", "b.py")
    assert dirty(person, "src/deep") == ("../../a.txt", "../b.py")


def test_looking_changes_nothing_in_the_repository(person: ARepository) -> None:
    person.write("a.txt", "two\n")
    person.write("new", "x")
    os.utime(person.path / "run.sh", (1, 1))
    before = digest_of(person.path)
    assert dirty(person) == ("a.txt", "new")
    assert digest_of(person.path) == before


def test_our_own_folder_is_not_listed(person: ARepository) -> None:
    person.write(".subagents/.gitignore", "*\n")
    person.write(".subagents/runs/x", "x")
    assert dirty(person) == ()


@pytest.mark.parametrize(
    "setting", ["index.version=4", "core.splitIndex=true", "core.untrackedCache=true", "core.fsmonitor=true"]
)
def test_indexes_of_every_kind_are_read(person: ARepository, setting: str) -> None:
    key, _, value = setting.partition("=")
    if key != "core.fsmonitor":
        person.git("config", key, value)
        person.git("update-index", "--force-write-index")
        person.git("status")
    else:
        person.git("config", key, value)
    person.write("a.txt", "two\n")
    assert dirty(person) == ("a.txt",)


def test_files_that_a_sparse_checkout_leaves_out_are_not_missing(person: ARepository) -> None:
    person.write("other/x", "x")
    person.commit()
    person.git("sparse-checkout", "set", "--cone", "--sparse-index", "src/deep")
    assert not (person.path / "other").exists()
    assert dirty(person) == ()


def test_a_linked_worktree_has_an_index_of_its_own(person: ARepository, tmp_path: Path) -> None:
    person.write("a.txt", "two\n")
    linked = tmp_path / "linked"
    plain_git(person.path, "worktree", "add", "-q", "--detach", os.fspath(linked))
    assert dirty_of(find_repository(program(), linked)) == ()
    (linked / "run.sh").unlink()
    assert dirty_of(find_repository(program(), linked)) == ("run.sh",)
