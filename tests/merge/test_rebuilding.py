"""A recorded patch to a tree: exactly the recorded one, or the work is stale, and the repository stays as it is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from merging import TEN, Place
from repositories import ARepository, digest_of, plain_git

from pytest_subagents.merge.rebuilding import rebuilt
from pytest_subagents.merge.work import Work
from pytest_subagents.model.integration import Stale


def stale(place: Place, work: Work) -> Stale:
    before = digest_of(place.person.path)
    (found,) = rebuilt(place.merging().store, [work])
    assert isinstance(found, Stale), found
    assert digest_of(place.person.path) == before
    return found


def test_everything_that_a_patch_carries_comes_back(place: Place) -> None:
    place.elsewhere.path.joinpath("run.sh").chmod(0o755)
    work = place.elsewhere.work(
        "all",
        {
            "src/deep/c.bin": bytes(range(256)) * 40,
            "link": "->nowhere",
            "a.txt": None,
            'odd "\n\t\\name': "x\n",
            "\udcff": b"no text \xff\n",
            "no-end": "no line end",
            "empty": "",
            "src/b.py": "->../a.txt",
        },
    )
    (found,) = place.merging().rebuilt(work)
    assert found.tree == work.tree
    assert found.paths == {
        b"src/deep/c.bin",
        b"link",
        b"a.txt",
        b'odd "\n\t\\name',
        b"\xff",
        b"no-end",
        b"empty",
        b"src/b.py",
    }


def test_a_mode_alone_is_a_change(place: Place) -> None:
    path = place.elsewhere.path
    plain_git(path, "update-index", "--chmod=-x", "run.sh")
    work = place.elsewhere.between("mode", plain_git(path, "rev-parse", "HEAD^{tree}"), plain_git(path, "write-tree"))
    (found,) = place.merging().rebuilt(work)
    assert (found.tree, found.paths) == (work.tree, frozenset({b"run.sh"}))


def test_an_empty_patch_is_the_base(place: Place) -> None:
    work = place.elsewhere.work("none", {})
    assert (work.patch, work.tree) == (b"", work.base)
    (found,) = place.merging().rebuilt(work)
    assert found.paths == frozenset()


@pytest.mark.parametrize(
    "base", ["0" * 40, "", "HEAD", "main", "--help", "HEAD^{tree}", "../x", "0" * 64, "\udcff", "a\0b"]
)
def test_a_base_that_is_not_here_is_stale(place: Place, base: str) -> None:
    work = replace(place.elsewhere.work("a", {"a.txt": "x\n"}), base=base)
    assert "is not in this repository" in stale(place, work).why
    assert "fetch the commit" in stale(place, work).hint


def test_a_base_that_is_a_commit_is_stale(place: Place) -> None:
    work = replace(place.elsewhere.work("a", {"a.txt": "x\n"}), base=place.person.git("rev-parse", "HEAD"))
    assert "is not in this repository" in stale(place, work).why


def test_a_patch_of_another_base_is_stale(place: Place) -> None:
    work = place.elsewhere.work("a", {"ten.txt": TEN.replace("line 1\n", "one\n")})
    place.person.write("ten.txt", "something else\n")
    place.person.commit()
    other = place.person.git("rev-parse", "HEAD^{tree}")
    found = stale(place, replace(work, base=other))
    assert found.why.startswith("its patch does not apply to what it started from: error: patch failed: ten.txt")


def test_a_patch_that_gives_another_tree_is_stale(place: Place) -> None:
    work = place.elsewhere.work("a", {"a.txt": "x\n"})
    found = stale(place, replace(work, tree=work.base))
    assert found.why == "its patch gives another tree than the recorded one"
    assert found.hint == "record the subagent again"


def test_a_base_with_something_missing_is_stale(place: Place) -> None:
    work = place.elsewhere.work("a", {"a.txt": "x\n"})
    id = place.person.git("rev-parse", "HEAD:a.txt")
    (place.person.path / ".git/objects" / id[:2] / id[2:]).unlink()
    assert "is not complete here" in stale(place, work).why


def test_what_is_gone_from_the_base_does_not_matter_where_nobody_changed_it(place: Place) -> None:
    """As in a partial clone."""
    id = place.person.git("rev-parse", "HEAD:src/deep/c.bin")
    work = place.elsewhere.work("a", {"a.txt": "x\n"})
    (place.person.path / ".git/objects" / id[:2] / id[2:]).unlink()
    assert place.merging().join(work).tree == work.tree


def test_sha256(place: Place) -> None:
    person = ARepository(place.folder / "sha256", "--object-format=sha256")
    inner = Place.__new__(Place)
    inner.folder, inner.person = place.folder, person
    inner.elsewhere = type(place.elsewhere)(person, place.folder / "elsewhere-sha256")
    work = inner.elsewhere.work("a", {"a.txt": "x\n"})
    other = inner.elsewhere.work("b", {"a.txt": "y\n", "b": "b\n"})
    assert len(work.tree) == 64
    assert [type(row).__name__ for row in inner.merging().join(work, other).rows] == ["Merged", "Conflicted"]
