"""What a repository or a patch brings that plain git would run or believe: nothing runs, nothing is resolved by it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from merging import TEN, Place, conflicted
from repositories import Tripwire, digest_of, plain_git

from pytest_subagents.errors import BadUsage
from pytest_subagents.merge.branching import Step, make_branch
from pytest_subagents.model.integration import Conflicted, Merged

HOOKS = (
    "reference-transaction",
    "post-index-change",
    "post-commit",
    "pre-commit",
    "pre-merge-commit",
    "applypatch-msg",
)


@pytest.fixture
def trip(place: Place, tmp_path: Path) -> Tripwire:
    """Everything that a configuration and an attribute can name, in the person's repository."""
    (tmp_path / "trap").mkdir()
    trip = Tripwire(tmp_path / "trap")
    person = place.person
    for key in (
        "filter.trip.clean",
        "filter.trip.smudge",
        "filter.trip.process",
        "diff.trip.textconv",
        "diff.external",
    ):
        person.git("config", key, str(trip.script))
    person.git("config", "merge.trip.driver", f"{trip.script} %A %O %B")
    person.git("config", "merge.default", "trip")
    person.git("config", "core.fsmonitor", str(trip.script))
    (person.path / ".git/info").mkdir(exist_ok=True)
    (person.path / ".git/info/attributes").write_text("* merge=trip diff=trip\n", encoding="utf-8")
    folder = person.path / ".git/hooks"
    folder.mkdir(exist_ok=True)
    for name in HOOKS:
        (folder / name).write_bytes(trip.script.read_bytes())
        (folder / name).chmod(0o755)
    trip.disarm()
    return trip


def test_no_driver_filter_or_hook_runs(place: Place, trip: Tripwire) -> None:
    attributes = "* merge=trip filter=trip diff=trip text eol=crlf ident working-tree-encoding=UTF-16\n"
    works = [
        place.elsewhere.work("sets", {".gitattributes": attributes}),
        place.elsewhere.work("one", {"ten.txt": TEN.replace("line 1\n", "one\n")}),
        place.elsewhere.work("two", {"ten.txt": TEN.replace("line 8\n", "two\n")}),
        place.elsewhere.work("clash", {"ten.txt": TEN.replace("line 1\n", "other\n")}),
    ]
    merging = place.merging()
    joined = merging.join(*works)
    assert [type(row) for row in joined.rows] == [Merged, Merged, Merged, Conflicted]
    head = place.person.git("rev-parse", "HEAD")
    step = Step(tree=joined.tree, message="all\n")
    make_branch(merging.store, merging.repository, name="made", head=head, steps=[step])
    assert not trip.ran


def test_the_trap_is_one(place: Place, trip: Tripwire) -> None:
    """Plain git runs the driver for the same merge."""
    place.person.git("config", "--unset", "core.fsmonitor")
    head = plain_git(place.elsewhere.path, "rev-parse", "HEAD")
    sides = []
    for line in ("line 1", "line 8"):
        work = place.elsewhere.work("a", {"ten.txt": TEN.replace(line, "changed")})
        sides.append(plain_git(place.elsewhere.path, "commit-tree", work.tree, "-p", head, "-m", "x"))
        place.person.git("fetch", "-q", str(place.elsewhere.path), sides[-1])
    subprocess.run(
        ["git", "merge-tree", "--write-tree", *sides], cwd=place.person.path, check=False, capture_output=True
    )
    assert trip.ran


@pytest.mark.parametrize("driver", ["union", "ours", "binary", "-merge", "text"])
def test_attributes_of_the_tree_resolve_nothing(place: Place, driver: str) -> None:
    """`union` keeps both sides and says nothing of a conflict; neither HEAD nor a patch can ask for it."""
    line = "* -merge\n" if driver == "-merge" else f"* merge={driver}\n"
    place.person.write(".gitattributes", line)
    place.person.commit()
    plain_git(place.elsewhere.path, "pull", "-q", "--ff-only", "origin", "main")
    head = plain_git(place.elsewhere.path, "rev-parse", "HEAD")
    works = [
        place.elsewhere.work("sets", {".gitattributes": line + line}, base=head),
        place.elsewhere.work("one", {"ten.txt": TEN.replace("line 1\n", "one\n")}, base=head),
        place.elsewhere.work("two", {"ten.txt": TEN.replace("line 1\n", "two\n")}, base=head),
        place.elsewhere.work("far", {"ten.txt": TEN.replace("line 8\n", "far\n")}, base=head),
    ]
    joined = place.merging().join(*works)
    assert conflicted(joined).agent == "two"
    assert [row.agent for row in joined.rows if isinstance(row, Merged)] == ["sets", "one", "far"]


def test_settings_of_the_repository_do_not_count(place: Place) -> None:
    works = [
        place.elsewhere.work("one", {"ten.txt": TEN.replace("line 1\n", "one\n")}),
        place.elsewhere.work("two", {"ten.txt": TEN.replace("line 8\n", "two  \n")}),
    ]
    tree = place.merging().join(*works).tree
    for key, value in (
        ("core.autocrlf", "true"),
        ("core.eol", "crlf"),
        ("merge.renormalize", "true"),
        ("apply.whitespace", "fix"),
        ("core.whitespace", "trailing-space"),
        ("diff.algorithm", "patience"),
        ("core.ignoreCase", "true"),
    ):
        place.person.git("config", key, value)
    assert place.merging().join(*works).tree == tree


def test_a_link_is_never_followed(place: Place, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    works = [
        place.elsewhere.work("links", {"out": f"->{target}"}),
        place.elsewhere.work("writes", {"out/below.txt": "through it\n"}),
    ]
    joined = place.merging().join(*works)
    (conflict,) = [one for one in conflicted(joined).conflicts if one.path == "out"]
    assert conflict.kinds == ("file/directory",)
    assert list(target.iterdir()) == []


@pytest.mark.parametrize(
    "modules",
    [
        '[submodule "x"]\n\tpath = x\n\turl = --upload-pack=/tmp/evil\n',
        '[submodule "../../x"]\n\tpath = x\n\turl = https://example.com/x\n',
    ],
)
def test_what_git_would_not_accept_from_anywhere_gets_into_no_repository(place: Place, modules: str) -> None:
    merging = place.merging()
    joined = merging.join(place.elsewhere.work("one", {".gitmodules": modules}))
    head = place.person.git("rev-parse", "HEAD")
    before = digest_of(place.person.path)
    with pytest.raises(BadUsage, match=r"git does not accept what was merged: error: object .*gitmodules"):
        make_branch(
            merging.store,
            merging.repository,
            name="made",
            head=head,
            steps=[Step(tree=joined.tree, message="x\n")],
        )
    assert digest_of(place.person.path) == before
    assert place.person.git("branch", "--list", "made") == ""
