"""A write scope without braces: the same paths, or more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_subagents.model import limits
from pytest_subagents.model.glob import matches
from pytest_subagents.vendors.programs.path_rules import without_braces


@pytest.mark.parametrize(
    ("globs", "rules"),
    [
        (("src/auth/",), ("src/auth/**",)),
        (("./a.py",), ("a.py", "a.py/**")),
        (("{src,tests}/*.py",), ("src/*.py", "tests/*.py")),
        (("a{b,c{d,e}}",), ("ab", "ab/**", "acd", "acd/**", "ace", "ace/**")),
        (("x/[ab].c",), ("x/[ab].c",)),
        (("src/", "**"), ("**",)),
        (("{a",), ("**",)),
        (("{a,b}[c]",), ("**",)),
        (("a}",), ("a}", "a}/**")),
        (("{}",), ("", "/**")),
    ],
)
def test_braces_become_one_rule_for_each_choice(globs: tuple[str, ...], rules: tuple[str, ...]) -> None:
    assert without_braces(globs) == rules


def test_too_many_choices_are_everything() -> None:
    assert without_braces(["{a,b}" * 20]) == ("**",)
    assert without_braces([f"f{number}/" for number in range(limits.SCOPE_RULES + 1)]) == ("**",)


PIECES = st.sampled_from(["a", "b", "/", "*", "**", "?", "{", "}", ",", "[ab]", "{a,b}", "."])
PATHS = st.lists(st.sampled_from(["a", "b", "{", "}", ",", "/", "."]), min_size=1, max_size=8).map("".join)


@given(glob=st.lists(PIECES, min_size=1, max_size=8).map("".join), path=PATHS)
def test_what_the_scope_matches_a_rule_matches(glob: str, path: str) -> None:
    if matches(path, [glob]):
        assert matches(path, without_braces([glob]))
