"""For any tree of small files and any edits: the patch, applied to the base, gives exactly the agent's tree."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from repositories import ARepository, a_checkout, plain_git, tree_after

from pytest_subagents.workspace.patch_reading import changes_of
from pytest_subagents.workspace.real_diff import real_diff
from pytest_subagents.workspace.walking import Closed, Found, walk

_NAMES = st.sampled_from(["a", "b", "c d", "é", "n\nl", "x\\y", '"', "A", ".gitignore", ".gitattributes"])
_PATHS = st.lists(_NAMES, min_size=1, max_size=3).map("/".join)
_CONTENTS = st.one_of(
    st.binary(max_size=40),
    st.lists(st.sampled_from([b"one\n", b"two\n", b"\r\n", b"$Id$\n", b"end"]), max_size=12).map(b"".join),
    st.sampled_from([b"*\n", b"* -diff filter=x eol=crlf text\n", b"\0" * 50]),
)
_FILES = st.tuples(st.sampled_from(["file", "program", "link"]), _CONTENTS)
_TREES = st.dictionaries(_PATHS, _FILES, max_size=8)


@pytest.fixture(scope="module")
def person(tmp_path_factory: pytest.TempPathFactory) -> ARepository:
    return ARepository(tmp_path_factory.mktemp("laws") / "r")


def _fill(place: Path, tree: dict[str, tuple[str, bytes]]) -> None:
    """Makes `tree` in the folder `place`; what would have to be a file and a folder at once is left out."""
    for name, (kind, data) in tree.items():
        path = place / name
        if any(parent.is_symlink() or parent.is_file() for parent in path.parents) or _is_folder(path):
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        if kind == "link":
            path.symlink_to(os.fsdecode(data.replace(b"\0", b"") or b"x"))
        else:
            path.write_bytes(data)
            path.chmod(0o755 if kind == "program" else 0o644)


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _emptied(place: Path) -> None:
    for path in place.iterdir():
        if path.name in (".git", ".subagents"):
            continue
        if _is_folder(path):
            shutil.rmtree(path)
        else:
            path.unlink()


def _seen(place: Path) -> dict[str, tuple[str, bytes]]:
    """A folder's files by the simplest means: what the law is about."""
    found: dict[str, tuple[str, bytes]] = {}
    for here, folders, files in os.walk(place):
        folders[:] = [name for name in folders if name != ".git" or here != str(place)]
        for name in (*files, *(name for name in folders if os.path.islink(os.path.join(here, name)))):
            path = Path(here) / name
            if path.is_symlink():
                state = ("link", os.fsencode(os.readlink(path)))
            else:
                state = ("program" if path.stat().st_mode & 0o100 else "file", path.read_bytes())
            found[str(path.relative_to(place))] = state
    return found


@settings(max_examples=25)
@given(before=_TREES, after=_TREES, kept=st.booleans())
def test_the_patch_gives_the_agents_tree(
    person: ARepository,
    before: dict[str, tuple[str, bytes]],
    after: dict[str, tuple[str, bytes]],
    kept: bool,
) -> None:
    _emptied(person.path)
    _fill(person.path, before)
    plain_git(person.path, "-c", "core.attributesFile=/dev/null", "read-tree", "--empty")
    # Bytes as they are: what the base has is not this test's question.
    (person.path / ".git/info").mkdir(exist_ok=True)
    (person.path / ".git/info/attributes").write_text("* -text !eol -filter\n", encoding="utf-8")
    person.git("add", "-A", "-f", "--", ".", ":!.subagents")
    person.git("commit", "-q", "--allow-empty", "-m", "base")
    work = a_checkout(person)
    started = _seen(work.place)
    if not kept:
        _emptied(work.place)
    _fill(work.place, after)
    left = _seen(work.place)
    diff = real_diff(work)
    assert tree_after(work, diff.patch) == diff.tree
    assert changes_of(diff.patch, work.prefix) == diff.changes
    names = {name for name in started.keys() | left.keys() if started.get(name) != left.get(name)}
    assert {os.fsdecode(one.raw) for one in diff.differences} == names
    assert bool(diff.patch) == bool(names)
    again = a_checkout(person, name="again")
    _emptied(again.place)
    shutil.copytree(
        work.place, again.place, symlinks=True, dirs_exist_ok=True, ignore=lambda _, names: {".git"} & {*names}
    )
    assert real_diff(again).patch == diff.patch


@settings(max_examples=60)
@given(tree=_TREES)
def test_a_walk_finds_every_file_once_and_in_one_order(
    tmp_path_factory: pytest.TempPathFactory, tree: dict[str, tuple[str, bytes]]
) -> None:
    place = tmp_path_factory.mktemp("walk")
    _fill(place, tree)
    top = os.open(place, os.O_RDONLY)
    try:
        first = [step.path for step in walk(top, enter=lambda path, name: True, unlock=False)]
        second = [step.path for step in walk(top, enter=lambda path, name: True, unlock=False)]
    finally:
        os.close(top)
    assert first == second
    assert sorted(first) == sorted(os.fsencode(name) for name in _seen(place))


def test_a_walk_does_not_open_a_folder_that_became_a_link(tmp_path: Path) -> None:
    (tmp_path / "tree/a").mkdir(parents=True)
    (tmp_path / "tree/z").mkdir()
    (tmp_path / "tree/z/inner").touch()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/secret").touch()
    (tmp_path / "tree/a/first").touch()
    top = os.open(tmp_path / "tree", os.O_RDONLY)
    steps = walk(top, enter=lambda path, name: True, unlock=True)
    first = next(steps)
    assert isinstance(first, Found)
    shutil.rmtree(tmp_path / "tree/z")
    (tmp_path / "tree/z").symlink_to(tmp_path / "elsewhere")
    rest = list(steps)
    os.close(top)
    assert [type(step) for step in rest] == [Closed]
    assert rest[0].path == b"z"
