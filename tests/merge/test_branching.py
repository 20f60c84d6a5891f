"""The branch: the same every time, the only thing that is new, and never one that is there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from merging import TEN, Place
from repositories import digest_of, plain_git

from pytest_subagents.errors import BadUsage
from pytest_subagents.merge.branching import Step, branch_name, make_branch
from pytest_subagents.model.integration import Branch, Merged


def make(place: Place, name: str = "made") -> Branch:
    works = [
        place.elsewhere.work("one", {"ten.txt": TEN.replace("line 1\n", "one\n"), "deep/er/x": "x\n"}),
        place.elsewhere.work("two", {"ten.txt": TEN.replace("line 8\n", "two\n"), "\udcff\n": "odd\n"}),
    ]
    merging = place.merging()
    rows = [row for row in merging.join(*works).rows if isinstance(row, Merged)]
    steps = [Step(tree=row.tree, message=f"{row.agent} ü\n") for row in rows]
    head = place.person.git("rev-parse", "HEAD")
    return make_branch(merging.store, merging.repository, name=name, head=head, steps=steps)


def everything_else(place: Place) -> dict[str, str]:
    """What a branch has nothing to do with."""
    git = place.person.path / ".git"
    found = {path.name: digest_of(path) for path in place.person.path.iterdir() if path.is_dir() and path != git}
    for path in sorted(git.rglob("*")):
        name = path.relative_to(git).as_posix()
        if path.is_file() and not name.startswith(("objects/", "refs/heads/made", "logs/refs/heads/made")):
            found[name] = f"{path.stat().st_mtime_ns} {path.read_bytes()!r}"
    return found


def test_one_commit_for_each_and_nothing_else(place: Place) -> None:
    place.person.write("a.txt", "staged\n")
    place.person.git("add", "a.txt")
    place.person.write("stashed.txt", "stashed\n")
    place.person.git("stash", "push", "-q", "-u", "--", "stashed.txt")
    place.person.write("a.txt", "and changed\n")
    before = everything_else(place)
    branch = make(place)
    assert everything_else(place) == before
    assert branch == Branch(name="made", commit=place.person.git("rev-parse", "made"), already=False)
    log = place.person.git("log", "--format=%an <%ae> %at %cn %ct %s", "HEAD..made")
    when = place.person.git("log", "-1", "--format=%ct", "HEAD")
    who = f"subagents <subagents@localhost> {when} subagents {when}"
    assert log.splitlines() == [f"{who} two ü", f"{who} one ü"]
    names = place.person.git("diff", "--name-only", "-z", "HEAD..made")
    assert set(names.strip("\0").split("\0")) == {"deep/er/x", "ten.txt", "\udcff\n"}
    place.person.git("fsck", "--strict")
    assert place.person.git("show", "made:ten.txt").splitlines()[1::7] == ["one", "two"]


def test_twice_is_once(place: Place, tmp_path: Path) -> None:
    first = make(place)
    before = digest_of(place.person.path)
    again = make(place)
    assert (again.commit, again.already) == (first.commit, True)
    assert digest_of(place.person.path) == before


def test_a_branch_that_is_there_is_never_moved(place: Place) -> None:
    place.person.git("branch", "made")
    before = digest_of(place.person.path)
    with pytest.raises(BadUsage, match="the branch made is there already, and is something else") as caught:
        make(place)
    assert "git branch -D made" in str(caught.value)
    with pytest.raises(BadUsage, match="the branch main is there already"):
        make(place, "main")
    assert digest_of(place.person.path) == before


def test_a_branch_below_a_branch_is_told(place: Place) -> None:
    place.person.git("branch", "subagents")
    with pytest.raises(BadUsage, match="the branch subagents/x cannot be made"):
        make(place, "subagents/x")
    assert place.person.git("branch", "--list", "--format=%(refname)") == "refs/heads/main\nrefs/heads/subagents"


def test_in_a_linked_worktree_and_in_a_shallow_clone(place: Place, tmp_path: Path) -> None:
    place.person.write("more", "more\n")
    place.person.commit()
    plain_git(place.elsewhere.path, "pull", "-q", "--ff-only", "origin", "main")
    url = f"file://{place.person.path}"
    plain_git(tmp_path, "clone", "-q", "--depth=1", url, "shallow")
    plain_git(tmp_path / "shallow", "worktree", "add", "-q", "--detach", str(tmp_path / "linked"))
    place.person.path = tmp_path / "linked"
    branch = make(place)
    assert plain_git(tmp_path / "shallow", "rev-parse", "made") == branch.commit
    assert not os.path.exists(tmp_path / "linked/deep")


@pytest.mark.parametrize(
    ("workflow", "name"),
    [
        ("team", "subagents/team"),
        ("Package review", "subagents/Package-review"),
        ("überprüfung/ä", "subagents/überprüfung/ä"),
        ("a..b", "subagents/a-b"),
        (".hidden.lock", "subagents/hidden"),
        ("//x//y/.z/", "subagents/x/y/z"),
        ("~^:?*[\\", "subagents/workflow"),
        ("-", "subagents/workflow"),
    ],
)
def test_a_name_after_the_workflow(place: Place, workflow: str, name: str) -> None:
    assert branch_name(place.merging().repository, workflow, None) == name


@pytest.mark.parametrize("given", ["", "a..b", "-d", "--all", "HEAD", "a b", "x.lock", "@{-1}", "a\0b", "/x", "x/"])
def test_a_name_that_git_refuses_is_refused(place: Place, given: str) -> None:
    with pytest.raises(BadUsage, match="no branch can be called"):
        branch_name(place.merging().repository, "team", given)
