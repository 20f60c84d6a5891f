"""The work of a recording in a private checkout: the files of the recorded tree, or why there are none."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from repositories import ARepository, digest_of, plain_git

from pytest_subagents.conduct.recorded_checkout import NoCheckout, RecordedCheckout, RecordedCheckouts
from pytest_subagents.merge.work import Work
from pytest_subagents.model.base_parts import BaseParts

DIFF = ("diff", "--binary", "--full-index", "--no-renames")


@pytest.fixture
def repository(tmp_path: Path) -> ARepository:
    return ARepository(tmp_path / "repository")


def checkouts_of(rootdir: Path, folder: Path) -> RecordedCheckouts:
    """Of subagents that are built on nobody's work."""
    return RecordedCheckouts(
        rootdir=rootdir, work=folder / "work", trusted=folder, environ=os.environ, below=lambda nodeid, parts: ()
    )


@pytest.fixture
def checkouts(repository: ARepository, tmp_path: Path) -> RecordedCheckouts:
    return checkouts_of(repository.path, tmp_path)


def recorded(repository: ARepository, *, agent: str = "a") -> Work:
    """What an agent did that changed, added, removed and made executable, and left no trace in the repository."""
    repository.write("src/b.py", "b = 2\n", mode=0o755)
    repository.write("src/deep/c.bin", b"\0other\xfe")
    repository.write("src/new name.py", "new = 1\n")
    (repository.path / "a.txt").unlink()
    return left(repository, agent)


def more(repository: ARepository, *, agent: str) -> Work:
    repository.write("more.txt", "more\n")
    return left(repository, agent)


def left(repository: ARepository, agent: str) -> Work:
    """What stands there as somebody's work, and nothing of it any more."""
    before, base = repository.git("rev-parse", "HEAD"), repository.git("rev-parse", "HEAD^{tree}")
    repository.commit()
    tree = repository.git("rev-parse", "HEAD^{tree}")
    patch = plain_git(repository.path, *DIFF, before, "HEAD") + "\n"
    repository.git("reset", "-q", "--hard", before)
    return Work(agent=agent, base=base, tree=tree, patch=patch.encode())


def made(checkouts: RecordedCheckouts, work: Work | None) -> RecordedCheckout:
    found = checkouts.of("subagents.yaml::a", work)
    assert isinstance(found, RecordedCheckout), found
    return found


def test_it_has_the_files_of_the_work_and_git_shows_what_it_changed(
    repository: ARepository, checkouts: RecordedCheckouts
) -> None:
    work, before = recorded(repository), digest_of(repository.path)
    place = made(checkouts, work).place
    assert (place / "src/b.py").read_text() == "b = 2\n"
    assert (place / "src/b.py").stat().st_mode & 0o111
    assert (place / "src/deep/c.bin").read_bytes() == b"\0other\xfe"
    assert not (place / "a.txt").exists()
    assert plain_git(place, "rev-parse", "HEAD") == repository.git("rev-parse", "HEAD")
    assert plain_git(place, "status", "--porcelain").splitlines() == [
        "D a.txt",
        " M src/b.py",
        " M src/deep/c.bin",
        '?? "src/new name.py"',
    ]
    made(checkouts, work)  # a second time: what is left there is in nobody's way
    checkouts.leave("subagents.yaml::a")
    assert not place.exists()
    assert not place.with_name(f"{place.name}.git").exists()
    assert digest_of(repository.path) == before


def test_on_another_commit_it_still_starts_from_the_recorded_tree(
    repository: ARepository, checkouts: RecordedCheckouts
) -> None:
    work = recorded(repository)
    repository.write("src/b.py", "b = 'changed since'\n")
    repository.write("later.txt", "later\n")
    repository.commit()
    place = made(checkouts, work).place
    assert (place / "src/b.py").read_text() == "b = 2\n"
    assert not (place / "later.txt").exists()
    assert plain_git(place, "rev-parse", "HEAD^{tree}") == work.base
    assert "M src/b.py" in plain_git(place, "status", "--porcelain")


def test_who_has_no_patch_is_checked_at_head(repository: ARepository, checkouts: RecordedCheckouts) -> None:
    repository.write("a.txt", "not committed\n")
    checkout = made(checkouts, None)
    assert (checkout.workdir / "a.txt").read_text() == "one\n"
    checkouts.leave("subagents.yaml::a", keep=True)
    assert checkout.place.exists()


def test_what_does_not_fit_any_more_is_stale(repository: ARepository, checkouts: RecordedCheckouts) -> None:
    work = recorded(repository)
    others = [
        replace(work, base="1" * 40),
        replace(work, base=""),
        replace(work, patch=work.patch.replace(b"b = 1", b"b = 7")),
        replace(work, patch=work.patch.replace(b"+b = 2", b"+b = 3")),
        replace(work, tree="2" * 40),
    ]
    for other in others:
        found = checkouts.of("subagents.yaml::a", other)
        assert isinstance(found, NoCheckout)
        assert found.stale
        assert found.hint


def test_who_changed_nothing_of_what_others_made_is_checked_with_their_work(
    repository: ARepository, tmp_path: Path
) -> None:
    """The tree of their work is in no commit."""
    elsewhere = ARepository(tmp_path / "elsewhere")
    works = (recorded(elsewhere, agent="one"), more(elsewhere, agent="two"))
    plain_git(elsewhere.path, "apply", input=b"".join(work.patch for work in works))
    elsewhere.commit()
    tree = elsewhere.git("rev-parse", "HEAD^{tree}")
    parts = BaseParts(start=works[0].base, works=tuple(work.as_part for work in works))
    work = Work(agent="a", base=tree, tree=tree, patch=b"", parts=parts)
    checkouts = RecordedCheckouts(
        rootdir=repository.path,
        work=tmp_path / "work",
        trusted=tmp_path,
        environ=os.environ,
        below=lambda nodeid, parts: works,
    )
    place = made(checkouts, work).place
    assert (place / "src/b.py").read_text() == "b = 2\n"
    assert (place / "more.txt").read_text() == "more\n"
    assert plain_git(place, "status", "--porcelain") == ""


def test_without_a_repository_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    found = checkouts_of(tmp_path / "plain", tmp_path).of("a", None)
    assert isinstance(found, NoCheckout)
    assert not found.stale
