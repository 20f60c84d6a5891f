"""A private checkout: what an agent finds in it, and that the person's repository does not change by a byte."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

import pytest
from repositories import ARepository, Tripwire, a_checkout, digest_of, plain_git, program

from pytest_subagents.errors import BadUsage
from pytest_subagents.git.repository import find_repository, refuse_partial
from pytest_subagents.workspace.checkout import remove_checkout
from pytest_subagents.workspace.real_diff import real_diff


@pytest.fixture
def person(tmp_path: Path) -> ARepository:
    return ARepository(tmp_path / "r")


def _files(folder: Path) -> list[str]:
    found = [path for path in folder.rglob("*") if path.is_symlink() or path.is_file()]
    return sorted(str(path.relative_to(folder)) for path in found if ".git" not in path.relative_to(folder).parts)


def test_an_agent_finds_the_files_of_the_commit_with_their_modes_and_links(person: ARepository) -> None:
    work = a_checkout(person)
    assert work.workdir == work.place
    assert _files(work.place) == ["a.txt", "link", "run.sh", "src/b.py", "src/deep/c.bin"]
    assert (work.place / "src/deep/c.bin").read_bytes() == b"\0\1\2binary\xff"
    assert os.readlink(work.place / "link") == "a.txt"
    assert (work.place / "run.sh").stat().st_mode & 0o111
    assert not (work.place / "a.txt").stat().st_mode & 0o111


def test_an_agent_can_use_git_in_it(person: ARepository) -> None:
    person.commit()
    work = a_checkout(person)
    assert plain_git(work.place, "status", "--porcelain") == ""
    assert plain_git(work.place, "rev-parse", "HEAD") == work.base_commit == person.git("rev-parse", "HEAD")
    assert plain_git(work.place, "log", "--format=%s").splitlines() == ["a commit", "a commit"]
    assert plain_git(work.place, "rev-parse", "--show-toplevel") == str(work.place)
    assert plain_git(work.place, "config", "user.name") == "subagent"
    (work.place / "new").touch()
    plain_git(work.place, "add", "new")
    plain_git(work.place, "commit", "-q", "-m", "mine")
    plain_git(work.place, "gc", "-q", "--prune=now")
    plain_git(work.place, "fsck")
    assert plain_git(work.place, "branch", "--all") == "* (no branch)"


@pytest.fixture
def busy(person: ARepository) -> ARepository:
    """In the middle of work: changed, staged, and an index that git would refresh."""
    person.write("a.txt", "changed and not committed\n")
    person.write("staged", "staged\n")
    person.git("add", "staged")
    os.utime(person.path / "run.sh", (1, 1))
    (person.path / ".subagents").mkdir()
    return person


@pytest.mark.parametrize("packed", [False, True], ids=["loose", "packed"])
def test_nothing_that_we_do_changes_the_persons_repository(busy: ARepository, packed: bool) -> None:
    """Not even a time, which git does set on an object that it was about to write and found where it borrows."""
    busy.write("run.sh", "another version", mode=0o755)
    busy.git("commit", "-q", "-m", "an earlier state that the agent comes back to", "run.sh")
    busy.write("run.sh", "#!/bin/sh\n", mode=0o755)
    busy.git("commit", "-q", "-m", "a commit", "run.sh")
    if packed:
        busy.git("gc", "-q")
    before = digest_of(busy.path / ".git")
    work = a_checkout(busy)
    assert (work.place / "a.txt").read_bytes() == b"one\n"
    assert not (work.place / "staged").exists()
    (work.place / "src/deep/c.bin").unlink()
    (work.place / "copy").write_bytes(b"one\n")
    (work.place / "src/new").mkdir()
    (work.place / "src/new/b.py").write_bytes(b"b = 1\n")
    assert len(real_diff(work).changes) == 3
    work = a_checkout(busy)
    (work.place / "run.sh").write_bytes(b"another version")
    assert real_diff(work).tree == busy.git("rev-parse", "HEAD~1^{tree}")
    remove_checkout(work, below=busy.path)
    assert digest_of(busy.path / ".git") == before
    assert (busy.path / "a.txt").read_bytes() == b"changed and not committed\n"


def test_what_an_agent_does_with_its_own_git_changes_nothing_of_the_persons(busy: ARepository) -> None:
    before = digest_of(busy.path / ".git", times=False)
    work = a_checkout(busy)
    for command in (["add", "-A"], ["commit", "-q", "--allow-empty", "-m", "x"], ["branch", "b"], ["gc", "-q"]):
        (work.place / "more").write_text(str(command), encoding="utf-8")
        plain_git(work.place, *command)
    plain_git(work.place, "reset", "-q", "--hard", "HEAD~1")
    remove_checkout(work, below=busy.path)
    assert digest_of(busy.path / ".git", times=False) == before


def test_hooks_and_filters_of_the_repository_do_not_run(person: ARepository, tmp_path: Path) -> None:
    trip = Tripwire(tmp_path)
    person.write(".gitattributes", "* filter=trip diff=trip merge=trip\n")
    person.commit()
    for name in ("post-checkout", "post-index-change", "reference-transaction", "pre-commit", "fsmonitor-watchman"):
        hook = person.path / ".git/hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_bytes(trip.script.read_bytes())
        hook.chmod(0o755)
    for key in ("filter.trip.smudge", "filter.trip.clean", "filter.trip.process", "core.fsmonitor", "diff.external"):
        person.git("config", key, str(trip.script))
    (person.path / "extra.config").write_text(f"[core]\n\tfsmonitor = {trip.script}\n", encoding="utf-8")
    person.git("config", "include.path", "../extra.config")
    trip.disarm()
    work = a_checkout(person)
    (work.place / "a.txt").write_text("two\n", encoding="utf-8")
    assert [change.path for change in real_diff(work).changes] == ["a.txt"]
    assert not trip.ran


def test_files_are_the_bytes_of_the_commit(person: ARepository) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n"
    person.write("large.bin", pointer)
    person.write("dos.txt", "a\nb\n")
    person.write("id.txt", "$Id$\n")
    person.write("wide.txt", "wide\n")
    person.commit()
    person.write(
        ".gitattributes",
        "*.bin filter=lfs -text\ndos.txt text eol=crlf\nid.txt ident\nwide.txt working-tree-encoding=UTF-16\n",
    )
    person.git("add", ".gitattributes")
    person.git("commit", "-q", "-m", "attributes")
    work = a_checkout(person)
    assert (work.place / "large.bin").read_bytes() == pointer
    assert (work.place / "dos.txt").read_bytes() == b"a\nb\n"
    assert (work.place / "id.txt").read_bytes() == b"$Id$\n"
    assert (work.place / "wide.txt").read_bytes() == b"wide\n"
    assert real_diff(work).differences == ()


def test_a_rootdir_below_the_top_is_where_the_agent_works(person: ARepository) -> None:
    work = a_checkout(person, rootdir="src")
    assert work.place == person.path / "src/.subagents/work/agent"
    assert work.workdir == work.place / "src"
    assert (work.workdir / "b.py").exists()
    assert (work.place / "a.txt").exists()


def test_a_rootdir_that_no_commit_has_is_an_empty_folder(person: ARepository) -> None:
    (person.path / "new/er").mkdir(parents=True)
    work = a_checkout(person, rootdir="new/er")
    assert os.listdir(work.workdir) == []


@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_rootdir_that_is_no_folder_in_the_commit_is_told(person: ARepository, kind: str) -> None:
    place = person.path / "odd"
    place.write_text("x", encoding="utf-8") if kind == "file" else place.symlink_to("/tmp")
    person.commit()
    place.unlink()
    place.mkdir()
    with pytest.raises(BadUsage, match="is no folder in the commit"):
        a_checkout(person, rootdir="odd")


def test_a_second_checkout_at_the_same_place_takes_the_place_of_what_was_left(person: ARepository) -> None:
    first = a_checkout(person)
    (first.place / "left").mkdir()
    (first.place / "left/over").touch()
    (first.place / "left").chmod(0o500)
    (first.git.cwd / "index.lock").touch()
    second = a_checkout(person)
    assert second == first
    assert not (second.place / "left").exists()
    assert real_diff(second).differences == ()


def test_nothing_of_a_checkout_is_left_when_it_is_removed(person: ARepository) -> None:
    work = a_checkout(person)
    (work.place / "out").symlink_to(person.path / "src")
    shutil.rmtree(work.place / ".git")
    assert remove_checkout(work, below=person.path) is None
    assert os.listdir(work.place.parent) == os.listdir(work.git.cwd.parent) == []
    assert remove_checkout(work, below=person.path) is None
    assert _files(person.path / "src") == ["b.py", "deep/c.bin"]


def test_only_its_owner_can_look_into_it(person: ARepository) -> None:
    work = a_checkout(person)
    assert stat.S_IMODE(work.place.stat().st_mode) == stat.S_IMODE(work.git.cwd.stat().st_mode) == 0o700


@pytest.mark.parametrize("link", [".subagents", ".subagents/work", ".subagents/git"])
def test_a_link_on_the_way_is_refused(person: ARepository, tmp_path: Path, link: str) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    (person.path / link).parent.mkdir(exist_ok=True)
    (person.path / link).symlink_to(victim)
    with pytest.raises(BadUsage, match="no private checkout can be made here"):
        a_checkout(person)
    assert os.listdir(victim) == []


def test_a_commit_that_is_not_there_is_told(person: ARepository) -> None:
    with pytest.raises(BadUsage, match="has no commit"):
        a_checkout(person, base="0123456789" * 4)
    with pytest.raises(BadUsage, match="has no commit"):
        a_checkout(person, base="--help")


# --- all sorts of repositories -----------------------------------------------------------------------------------


def _clean_and_same(person: ARepository, rootdir: Path) -> None:
    other = object.__new__(ARepository)
    other.path = rootdir
    work = a_checkout(other)
    assert plain_git(work.place, "status", "--porcelain") == ""
    assert plain_git(work.place, "log", "-1", "--format=%s") == "a commit"
    diff = real_diff(work)
    assert (diff.differences, diff.unkept, diff.patch, diff.tree) == ((), (), b"", diff.base_tree)
    assert diff.base_tree == person.git("rev-parse", "HEAD^{tree}")


def test_shallow_and_shared_clones_and_linked_worktrees_can_be_worked_in(person: ARepository, tmp_path: Path) -> None:
    person.commit()
    url = f"file://{person.path}"
    plain_git(tmp_path, "clone", "-q", "--depth=1", url, "shallow")
    plain_git(tmp_path, "clone", "-q", "--shared", os.fspath(person.path), "shared")
    person.git("worktree", "add", "-q", "--detach", os.fspath(tmp_path / "linked"))
    for name in ("shallow", "shared", "linked"):
        _clean_and_same(person, tmp_path / name)


def test_a_repository_with_sha256_can_be_worked_in(tmp_path: Path) -> None:
    person = ARepository(tmp_path / "wide", "--object-format=sha256")
    _clean_and_same(person, person.path)
    work = a_checkout(person)
    (work.place / "a.txt").write_text("two\n", encoding="utf-8")
    assert len(real_diff(work).tree) == 64


def test_a_sparse_checkout_is_whole_for_the_agent(person: ARepository) -> None:
    person.write("other/x", "x")
    person.commit()
    person.git("sparse-checkout", "set", "--cone", "--sparse-index", "src/deep")
    assert not (person.path / "other").exists()
    _clean_and_same(person, person.path)


def test_a_packed_repository_with_odd_names_can_be_worked_in(person: ARepository) -> None:
    for name in ("with blank", "new\nline", 'quote"', "tab\t", "back\\slash", "é", "-dash", "\u2028"):
        person.write(f"odd/{name}/{name}", name)
    (person.path / os.fsdecode(b"odd/\xff\xfe")).write_bytes(b"x")
    person.commit()
    person.git("gc", "-q")
    _clean_and_same(person, person.path)


def test_a_submodule_is_an_empty_folder_and_no_change(person: ARepository, tmp_path: Path) -> None:
    other = ARepository(tmp_path / "other")
    person.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", os.fspath(other.path), "sub")
    person.git("commit", "-q", "-m", "a commit")
    _clean_and_same(person, person.path)
    assert os.listdir(a_checkout(person).place / "sub") == []


def test_a_partial_clone_without_its_files_is_told_and_nothing_is_fetched(person: ARepository, tmp_path: Path) -> None:
    person.git("config", "uploadpack.allowFilter", "true")
    url = f"file://{person.path}"
    plain_git(tmp_path, "clone", "-q", "--filter=blob:none", "--no-checkout", url, "partial")
    partial = object.__new__(ARepository)
    partial.path = tmp_path / "partial"
    with pytest.raises(BadUsage, match="is not complete here") as caught:
        a_checkout(partial)
    assert "partial clone" in (caught.value.hint or "")
    # Before anything is started, and no more once all is there.
    with pytest.raises(BadUsage, match=r"is not complete here: it is a partial clone, .* missing"):
        refuse_partial(find_repository(program(), partial.path))
    partial.git("-c", "protocol.file.allow=always", "checkout", "-q", "main")
    refuse_partial(find_repository(program(), partial.path))


def test_a_repository_that_another_process_of_git_works_in_can_be_worked_in(person: ARepository) -> None:
    (person.path / ".git/index.lock").touch()
    _clean_and_same(person, person.path)
    assert find_repository(program(), person.path).toplevel == person.path
