"""Where a path that a stream tells is, seen from the workspace."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_subagents.model.event import FileChange
from pytest_subagents.vendors.folding import Fold
from pytest_subagents.vendors.places import is_outside, place

NAMES = st.lists(st.text("ab. é", min_size=1, max_size=4).filter(lambda name: name.strip(".")), min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("path", "workspaces", "shown"),
    [
        ("src/a.py", [], "src/a.py"),
        ("./src/../a.py", ["/w"], "a.py"),
        ("/w/src/a.py", ["/w"], "src/a.py"),
        ("/w/src/a.py", ["/w/"], "src/a.py"),
        ("/w//src/./a.py", ["/w"], "src/a.py"),
        ("//w/src/a.py", ["/w"], "src/a.py"),
        ("file:///w/src/a.py", ["/w"], "src/a.py"),
        ("/w2/a.py", ["/w"], "/w2/a.py"),
        ("/w/../x", ["/w"], "/x"),
        ("/w/a.py", [], "/w/a.py"),
        ("/w", ["/w"], "."),
        ("", ["/w"], "."),
        ("<workspace>", [], "."),
        ("<workspace>/src/a.py", [], "src/a.py"),
        ("<workspace>/src/a.py", ["<workspace>"], "src/a.py"),
        ("file://<workspace>/a.py", [], "a.py"),
        ("<workspace>/../a.py", [], "../a.py"),
        ("<workspaces>/a.py", [], "<workspaces>/a.py"),
        ("<home>/../a.py", [], "<home>/a.py"),
        ("<home>", [], "<home>"),
        ("/p/.subagents/work/1/a.py", ["/p", "/p/.subagents/work/1"], "a.py"),
        ("/p/a.py", ["/p", "/p/.subagents/work/1"], "a.py"),
        ("C:\\repo\\src\\a.py", ["C:\\repo"], "src/a.py"),
        ("C:/repo/src/a.py", ["C:\\repo"], "src/a.py"),
        ("src\\a.py", ["C:\\repo"], "src/a.py"),
        ("a\\b.py", ["/w"], "a\\b.py"),
    ],
)
def test_the_place_of_a_path(path: str, workspaces: list[str], shown: str) -> None:
    assert place(path, workspaces) == shown


@pytest.mark.parametrize(
    ("path", "outside"),
    [
        ("a.py", False),
        (".", False),
        ("..a/b", False),
        ("..", True),
        ("../a", True),
        ("/etc/hosts", True),
        ("<home>/x", True),
        ("<tmp>", True),
        ("<x>/y", False),
        ("C:/x", True),
        ("~/x", True),
    ],
)
def test_what_is_outside(path: str, outside: bool) -> None:
    assert is_outside(path) is outside


@given(NAMES, st.sampled_from(["/w", "/w/", "/w/x/..", "<workspace>", "/"]))
def test_a_path_in_the_workspace_is_the_same_however_it_is_told(names: list[str], workspace: str) -> None:
    path = "/".join(names)
    assert place(f"{workspace.rstrip('/')}/{path}", [workspace]) == place(path, [workspace])
    assert place(place(path, [workspace]), [workspace]) == place(path, [workspace])


def test_a_recording_without_a_folder_of_its_own_shows_paths_from_the_workspace() -> None:
    """`codex exec` names none in its stream."""
    fold = Fold()
    for told in ("<workspace>/src/a.py", "src/a.py"):
        fold.take(FileChange(line=1, path=told, kind="update"))
    assert [change.path for change in fold.outcome().changes] == ["src/a.py"]
