"""Globs, paths, addresses, variables and pointers: what is wrong with one."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_subagents.model import limits
from pytest_subagents.specify import wording


@pytest.mark.parametrize(
    "text", ["src/", "src/**", "./a", "a..b", "**", "*.py", "{a,b}/[cd]", "ä/数", "a b", ".github/**", "~a", "👩‍💻.md"]
)
def test_good_globs(text: str) -> None:
    assert wording.glob_problem(text) is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("/a", "is absolute; write it from the root of the repository"),
        ("//srv/x", "is absolute; write it from the root of the repository"),
        ("C:x", "is absolute; write it from the root of the repository"),
        ("..", "leaves the repository"),
        ("a/../b", "leaves the repository"),
        ("a\\b", "has a backslash; write '/'"),
        ("~", "begins in a home folder; write it from the root of the repository"),
        ("!a", "begins with '!', and a glob cannot take away from another"),
        ("a\x00b", "has the control character '\\x00'"),
        ("a\nb", "has the control character '\\n'"),
        ("a\u202eb", "has the control character '\\u202e'"),
        ("a\u2028b", "has the control character '\\u2028'"),
        ("\ud800", "has the control character '\\ud800'"),
        ("x" * 1001, "has more than 1000 bytes"),
    ],
)
def test_bad_globs(text: str, problem: str) -> None:
    assert wording.glob_problem(text) == problem


@pytest.mark.parametrize(
    ("problem_of", "pattern", "good", "bad"),
    [
        (
            wording.address_problem,
            wording.ADDRESS_PATTERN,
            ["a:b", "a.b.c:d_e", "prüfung:los"],
            ["a", "a:", ":b", "a:b:c", "a.:b", "a:b.c", "a:b()", "a b:c", "1a:b", "a:class", "../a:b", "os.system", ""],
        ),
        (
            wording.variable_problem,
            wording.VARIABLE_PATTERN,
            ["A", "a_1", "_X"],
            ["", "*", "1A", "A-B", "A=B", "A*", "Ä", "A\n"],
        ),
        (
            wording.pointer_problem,
            wording.POINTER_PATTERN,
            ["", "/", "/a/b", "/~0~1", "/0", "/ä"],
            ["a", "#/a", "/~", "/a~2"],
        ),
    ],
)
def test_other_texts(problem_of: Callable[[str], str | None], pattern: str, good: list[str], bad: list[str]) -> None:
    assert [text for text in good if problem_of(text) is not None] == []
    assert [text for text in good if not re.search(pattern, text)] == []
    assert [text for text in bad if problem_of(text) is None] == []


@given(st.text(max_size=50))
def test_a_good_path_stays_below_its_root_and_prints_in_one_line(text: str) -> None:
    if wording.path_problem(text) is None:
        assert not text.startswith("/")
        assert ".." not in text.split("/")
        assert len(text.encode()) <= limits.PATH_BYTES
        assert len(text.splitlines()) <= 1
