"""Whether two globs match a common path, against brute force over all short paths of a small alphabet."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_subagents.model.glob import matches
from pytest_subagents.plan import meeting as module
from pytest_subagents.plan.meeting import Meeting, meeting, meeting_of

PATHS = [
    path
    for length in range(1, 7)
    for path in map("".join, product("ab/.", repeat=length))
    if all(part not in ("", ".", "..") for part in path.split("/"))
]
PART = st.sampled_from(
    [
        *"ab//*?,.A{}[]",
        "**",
        "**/",
        "/**",
        "[ab]",
        "[!a]",
        "[a-b]",
        "[b-a]",
        "[!/]",
        "[]a]",
        "{a,b/}",
        "{a*,",
        "{,a}",
        "./",
    ]
)
GLOBS = st.lists(PART, max_size=7).map("".join)


@settings(max_examples=300)
@given(GLOBS, GLOBS)
def test_it_is_what_brute_force_finds(first: str, second: str) -> None:
    found = meeting(first, second)
    common = [path for path in PATHS if matches(path, [first]) and matches(path, [second])]
    if found is None:
        assert common == []
        return
    assert found.witness is not None
    assert matches(found.witness, [first])
    assert matches(found.witness, [second])
    assert all(len(found.witness) <= len(path) for path in common[:1])


@given(GLOBS, GLOBS)
def test_it_does_not_matter_which_is_first(first: str, second: str) -> None:
    one, other = meeting(first, second), meeting(second, first)
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert len(one.witness or "") == len(other.witness or "")


@given(GLOBS, st.sampled_from(PATHS))
def test_a_glob_and_a_path_meet_where_it_matches(glob: str, path: str) -> None:
    found = meeting(glob, path)
    assert (found.witness if found else None) == (path if matches(path, [glob]) else None)


@pytest.mark.parametrize(
    ("first", "second", "witness"),
    [
        ("src/auth/types.ts", "src/auth/*.ts", "src/auth/types.ts"),
        ("src/auth/", "src/auth/types.ts", "src/auth/types.ts"),
        ("src/", "src", None),
        ("./src/**", "src/a/*.py", "src/a/.py"),
        ("**/*.py", "src/**", "src/.py"),
        ("src/*.py", "src/*.ts", None),
        ("src/*", "src/a/b", None),
        ("src/**/test_*.py", "**/{unit,live}/*.py", "src/unit/test_.py"),
        ("src/[a-m]*", "src/[n-z]*", None),
        ("src/[a-m]x", "src/[!b-z]x", "src/ax"),
        ("SRC/a", "src/a", None),
        ("ä[ö-ü]", "ä?", "äö"),
        ("a/b/../c", "a/**", None),
        ("/etc/*", "**", None),
    ],
)
def test_examples(first: str, second: str, witness: str | None) -> None:
    found = meeting(first, second)
    assert (found.witness if found else None) == witness


def test_a_folder_in_a_scope_means_everything_below_it() -> None:
    assert meeting_of(["src"], ["docs/", "src/a.py"]) == Meeting(first="src/**", second="src/a.py", witness="src/a.py")
    assert meeting_of(["src"], ["src/"]) == Meeting(first="src/**", second="src/", witness="src/a")
    assert meeting_of(["src/*"], ["src/a/b.py"]) is None
    assert meeting_of(["src"], ["source"]) is None


def test_the_shortest_witness_of_all_is_shown() -> None:
    found = meeting_of(["src/long/name.py", "a/**"], ["**"])
    assert found is not None
    assert found.witness == "a/a"


def test_what_explodes_for_others_does_not() -> None:
    stars = "*a" * 60
    assert meeting(stars + "b", stars + "c") is None
    assert meeting("{a,b}" * 90 + "c", "{a,b}" * 90 + "d") is None
    found = meeting("**/" * 40 + "a", "**/" * 40 + "b")
    assert found is None or found.witness is None


def test_what_is_too_large_is_taken_to_overlap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "OVERLAP_STEPS", 3)
    assert module._searched("**/x", "**/y") == Meeting(first="**/x", second="**/y", witness=None)
