"""What a patch puts into a tree that leads out of it: found in our own form of a patch, from any folder."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from a_patch import changed_line, new_binary, new_file

from pytest_subagents.workspace.leading_out import leading_out


def link(path: str, *target: str) -> bytes:
    return new_file(path, target).replace(b"100644", b"120000") + b"\\ No newline at end of file\n"


@pytest.mark.parametrize(
    ("path", "target", "leads"),
    [
        ("src/l", "/etc/passwd", True),
        ("src/l", "../../outside", True),
        ("l", "..", True),
        ("src/l", "a/../../../x", True),
        ("src/l", "../.git/config", True),
        ("src/l", "../.GIT/hooks", True),
        ("src/l", "a.py", False),
        ("src/l", "../docs/a", False),
        ("a/b/c/l", "../../../d", False),
        ("src/l", "..a/b", False),
    ],
)
def test_a_link_out_of_the_repository(path: str, target: str, leads: bool) -> None:
    found = list(leading_out(new_file("a.py") + link(path, target) + changed_line("z.py"), PurePosixPath()))
    assert found == ([(path, f"is a link to {target}, out of the repository")] if leads else [])


def test_paths_count_from_the_rootdir_and_links_from_the_repository() -> None:
    patch = link("sub/l", "../other") + link("m", "sub/x") + link("n", "../x")
    assert list(leading_out(patch, PurePosixPath("sub"))) == [("../n", "is a link to ../x, out of the repository")]


def test_a_link_that_is_changed_or_whose_target_is_hidden_and_one_that_is_gone() -> None:
    changed = changed_line("l", "a", "/etc").replace(b"100644", b"120000")
    assert [path for path, _ in leading_out(changed, PurePosixPath())] == ["l"]
    hidden = new_binary("l").replace(b"100644", b"120000")
    assert list(leading_out(hidden, PurePosixPath())) == [
        ("l", "is a link to what nobody can read, out of the repository")
    ]
    gone = link("l", "/etc").replace(b"new file", b"deleted file").replace(b"+/etc", b"-/etc")
    assert list(leading_out(gone, PurePosixPath())) == []


def test_a_repository_inside_and_a_name_that_no_terminal_shows() -> None:
    inside = new_file("src/sub", ["Subproject commit " + "a" * 40]).replace(b"100644", b"160000")
    named = new_file("x").replace(b"a/x b/x", b'"a/\\033x" "b/\\033x"').replace(b"+++ b/x", b'+++ "b/\\033x"')
    assert list(leading_out(inside + named, PurePosixPath())) == [
        ("src/sub", "is a repository of its own, whose files nobody sees"),
        ("\x1bx", "has control characters in its name"),
    ]


def test_a_patch_that_cannot_be_used_is_told_of_elsewhere() -> None:
    assert list(leading_out(link("l", "/etc") + b"mail\n", PurePosixPath())) == []
