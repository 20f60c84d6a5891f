"""Globs: which paths they match, what a scope makes of them, and what can be seen of them at a glance."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pytest_subagents.model.glob import glob_of, literal_of, literal_start, matches, with_folders

GLOBS = st.text("ab/.*?[]{},!-", max_size=10)
PATHS = st.lists(st.text("ab.", min_size=1, max_size=3), min_size=1, max_size=3).map("/".join)


@pytest.mark.parametrize(
    ("glob", "path", "is_in"),
    [
        ("src/a.py", "src/a.py", True),
        ("./src/a.py", "src/a.py", True),
        ("src/", "src/a/b.py", True),
        ("src/", "src", False),
        ("src/*", "src/a/b.py", False),
        ("src/**/b.py", "src/b.py", True),
        ("src/**", "src/a/b.py", True),
        ("**/*.py", "a.py", True),
        ("src/{a,b}/?.py", "src/b/c.py", True),
        ("src/[a-c]", "src/b", True),
        ("src/[!a-c]", "src/b", False),
        ("a[!x]b", "a/b", False),
        ("[+--a]", "-", True),
        ("[--0]", ".", True),
        ("[&&a]", "&", True),
        ("[a^]", "^", True),
        ("SRC/a", "src/a", False),
    ],
)
def test_what_a_glob_matches(glob: str, path: str, is_in: bool) -> None:
    assert matches(path, [glob]) is is_in


def test_in_a_scope_a_name_without_a_wildcard_may_be_a_folder() -> None:
    assert list(with_folders(["src", "docs/", "lib/*", "**/x"])) == [
        "src",
        "src/**",
        "docs/",
        "lib/*",
        "**/x",
        "**/x/**",
    ]


@given(GLOBS, PATHS)
def test_all_that_matches_begins_as_it_is_said_to(glob: str, path: str) -> None:
    if matches(path, [glob]):
        assert path.startswith(literal_start(glob))


@given(GLOBS, PATHS)
def test_a_glob_of_one_path_matches_this_path_alone(glob: str, path: str) -> None:
    one = literal_of(glob)
    if one is not None:
        assert matches(one, [glob])
        assert matches(path, [glob]) is (path == one)


@given(st.lists(st.text("ab.*?[]{},!-", min_size=1, max_size=6), min_size=1, max_size=3).map("/".join), PATHS)
def test_the_glob_of_a_path_matches_it_and_nothing_else(path: str, other: str) -> None:
    assume(not path.startswith("./"))
    assert matches(path, [glob_of(path)])
    assert matches(other, [glob_of(path)]) is (other == path)
