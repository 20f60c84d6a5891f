"""Finding the person's repository from where pytest works, and what is said where there is none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from repositories import ARepository, Tripwire, digest_of, plain_git, program

from pytest_subagents.errors import BadUsage
from pytest_subagents.git.private import make_private
from pytest_subagents.git.repository import find_repository, head_of


def test_a_repository_is_found_from_its_top_and_from_a_folder_in_it(tmp_path: Path) -> None:
    person = ARepository(tmp_path / "r")
    top = find_repository(program(), person.path)
    assert (top.toplevel, top.prefix, top.object_format, top.shallow) == (person.path, Path("."), "sha1", None)
    assert top.objects == person.path / ".git/objects"
    assert head_of(top) == person.git("rev-parse", "HEAD")
    inner = find_repository(program(), person.path / "src/deep")
    assert (inner.toplevel, inner.prefix) == (person.path, Path("src/deep"))


def test_a_rootdir_that_is_reached_through_a_link_is_the_folder_itself(tmp_path: Path) -> None:
    person = ARepository(tmp_path / "r")
    (tmp_path / "link").symlink_to(person.path / "src")
    assert find_repository(program(), tmp_path / "link").prefix == Path("src")


def test_names_with_newlines_blanks_and_quotes_are_found(tmp_path: Path) -> None:
    person = ARepository(tmp_path / 'a\nb "c"\\ é')
    found = find_repository(program(), person.path)
    assert found.toplevel == person.path
    git = make_private(found, tmp_path / "own")
    assert git.line("cat-file", "-t", head_of(found)) == "commit"


def test_a_linked_worktree_borrows_from_its_main_repository(tmp_path: Path) -> None:
    person = ARepository(tmp_path / "r")
    person.git("worktree", "add", "-q", "--detach", os.fspath(tmp_path / "linked"))
    found = find_repository(program(), tmp_path / "linked")
    assert found.toplevel == tmp_path / "linked"
    assert found.objects == person.path / ".git/objects"


def test_variables_of_a_hook_that_runs_pytest_say_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    person, other = ARepository(tmp_path / "r"), ARepository(tmp_path / "other")
    monkeypatch.setenv("GIT_DIR", os.fspath(other.path / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", os.fspath(other.path / ".git/index"))
    assert find_repository(program(), person.path).objects == person.path / ".git/objects"


def test_shallow_clones_and_sha256_are_known(tmp_path: Path) -> None:
    person = ARepository(tmp_path / "r", "--object-format=sha256")
    assert find_repository(program(), person.path).object_format == "sha256"
    person = ARepository(tmp_path / "s")
    person.commit()
    plain_git(tmp_path, "clone", "-q", "--depth=1", f"file://{person.path}", "shallow")
    found = find_repository(program(), tmp_path / "shallow")
    assert found.shallow == tmp_path / "shallow/.git/shallow"
    assert head_of(found) == person.git("rev-parse", "HEAD")


def test_without_a_repository_a_person_is_told_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BadUsage, match="is not in a git repository") as caught:
        find_repository(program(), tmp_path)
    assert caught.value.where == str(tmp_path)
    assert "git init" in (caught.value.hint or "")


def test_a_repository_without_a_commit_is_told(tmp_path: Path) -> None:
    plain_git(tmp_path, "init", "-q")
    with pytest.raises(BadUsage, match="has no commit yet") as caught:
        head_of(find_repository(program(), tmp_path))
    assert "first commit" in (caught.value.hint or "")


@pytest.mark.parametrize("inside", [".", "objects"])
def test_a_bare_repository_is_told(tmp_path: Path, inside: str) -> None:
    plain_git(tmp_path, "init", "-q", "--bare", "bare")
    with pytest.raises(BadUsage, match="is a bare git repository"):
        find_repository(program(), tmp_path / "bare" / inside)


def test_the_git_folder_itself_is_no_checkout(tmp_path: Path) -> None:
    person = ARepository(tmp_path / "r")
    with pytest.raises(BadUsage, match="bare git repository"):
        find_repository(program(), person.path / ".git")


def test_a_gitfile_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: /nowhere\n", encoding="utf-8")
    with pytest.raises(BadUsage, match="cannot be read: fatal: not a git repository: /nowhere"):
        find_repository(program(), tmp_path)


def test_files_that_are_elsewhere_are_told(tmp_path: Path) -> None:
    """`core.worktree` in a configuration makes git look at another folder."""
    person = ARepository(tmp_path / "r")
    (tmp_path / "other").mkdir()
    person.git("config", "core.worktree", os.fspath(tmp_path / "other"))
    with pytest.raises(BadUsage, match="has its files elsewhere"):
        find_repository(program(), person.path)


def test_a_repository_of_another_user_is_read(tmp_path: Path) -> None:
    """As in a container whose checkout was made outside; nothing of it runs. Only root can make one to test."""
    person = ARepository(tmp_path / "r")
    if os.getuid() == 0:
        for path in (person.path, person.path / ".git"):
            os.chown(path, 12345, 12345)
    assert find_repository(program(), person.path).toplevel == person.path


def test_an_embedded_bare_repository_is_not_taken_for_one(tmp_path: Path) -> None:
    person = ARepository(tmp_path / "r")
    trip = Tripwire(tmp_path)
    bare = person.path / "bare/b"
    plain_git(person.path, "init", "-q", "--bare", os.fspath(bare))
    for key, value in (("core.bare", "false"), ("core.worktree", ".."), ("core.fsmonitor", str(trip.script))):
        plain_git(bare, "config", "-f", "config", key, value)
    with pytest.raises(BadUsage, match="bare git repository"):
        find_repository(program(), bare)
    assert find_repository(program(), bare.parent).toplevel == person.path
    assert not trip.ran


def test_a_private_git_directory_borrows_and_the_repository_stays_as_it_is(tmp_path: Path) -> None:
    person = ARepository(tmp_path / "r")
    before = digest_of(person.path)
    found = find_repository(program(), person.path)
    git = make_private(found, tmp_path / "own")
    assert git.run("cat-file", "-p", f"{head_of(found)}:a.txt") == b"one\n"
    git.run("read-tree", head_of(found))
    assert git.line("write-tree") == git.line("rev-parse", f"{head_of(found)}^{{tree}}")
    assert digest_of(person.path) == before
    assert not (tmp_path / "own/hooks").exists()


def test_alternates_of_alternates_are_followed(tmp_path: Path) -> None:
    person = ARepository(tmp_path / "r")
    plain_git(tmp_path, "clone", "-q", "--shared", os.fspath(person.path), "shared")
    relative = tmp_path / "shared/.git/objects/info/alternates"
    for text in (relative.read_text(encoding="utf-8"), "../../../r/.git/objects\n"):
        relative.write_text(text, encoding="utf-8")
        found = find_repository(program(), tmp_path / "shared")
        git = make_private(found, tmp_path / f"own-{len(text)}")
        assert git.run("cat-file", "-p", f"{head_of(found)}:a.txt") == b"one\n"
