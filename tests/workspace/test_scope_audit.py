"""What was changed held against globs: each path that may not be, and no other, has its reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_subagents.model import limits
from pytest_subagents.model.event import ChangeKind
from pytest_subagents.model.glob import matches, with_folders
from pytest_subagents.model.outcome import Change
from pytest_subagents.workspace.scope_audit import audited

PATHS = st.lists(st.sampled_from(["src", "a", "b.py", "docs", ".git"]), min_size=1, max_size=4).map("/".join)
GLOBS = st.sampled_from(["src/", "src/**", "*.py", "**/b.py", "docs", "src/a/b.py", "**", ".git/", "./src/a/"])
KINDS: list[ChangeKind] = ["add", "update", "delete", "rename"]


def words(changes: list[tuple[str, ChangeKind]], allowed: list[str], protected: list[str] | None = None) -> list[str]:
    found = [Change(path=path, kind=kind) for path, kind in changes]
    return [reason.message for reason in audited(found, allowed=allowed, protected=protected or [])]


@pytest.mark.parametrize(
    ("kind", "allowed", "protected", "said"),
    [
        ("update", ["src/"], [], []),
        ("add", [], [], ["it added src/a/b.py, and may write nothing"]),
        (
            "delete",
            ["docs/", "src/b/*.py", "src/c/"],
            [],
            ["it deleted src/a/b.py, outside of its write scope (the nearest: src/b/*.py)"],
        ),
        (
            "update",
            ["docs/", "tests/"],
            [],
            ["it changed src/a/b.py, outside of its write scope (the nearest: docs/)"],
        ),
        (
            "update",
            ["src/"],
            ["src/a/"],
            ["it changed src/a/b.py, which is protected (src/a/): nobody may write it"],
        ),
        ("add", ["**"], ["SRC/A/"], ["it added src/a/b.py, which is protected (SRC/A/): nobody may write it"]),
        ("add", ["**"], ["src/a/b.py"], ["it added src/a/b.py, which is protected: nobody may write it"]),
        ("add", [], ["**/b.py"], ["it added src/a/b.py, which is protected (**/b.py): nobody may write it"]),
    ],
)
def test_the_words(kind: ChangeKind, allowed: list[str], protected: list[str], said: list[str]) -> None:
    assert words([("src/a/b.py", kind)], allowed, protected) == said


def test_no_glob_reaches_out_of_the_rootdir() -> None:
    said = "it added ../src/a.py, outside of the rootdir, where no scope reaches"
    assert words([("../src/a.py", "add")], ["**", "*/src/"], ["**"]) == [said]


def test_what_a_patch_cannot_carry_is_told() -> None:
    (reason,) = audited([], allowed=["**"], protected=[], unkept=[("src/pipe", "is a FIFO")])
    assert (reason.kind, reason.at) == ("scope", "src/pipe")
    assert reason.message == "it left src/pipe, which is a FIFO: that cannot be part of a patch"


def test_of_very_many_the_rest_is_counted() -> None:
    said = words([(f"f{number}", "add") for number in range(limits.SCOPE_REASONS + 7)], [])
    assert len(said) == limits.SCOPE_REASONS + 1
    assert said[-1] == "it did the like to 7 more"


def test_a_long_path_is_cut_in_the_words_alone() -> None:
    path = "x" * 10 * limits.MESSAGE_CHARS
    (reason,) = audited([Change(path=path, kind="add")], allowed=[], protected=[])
    assert len(reason.message) == limits.MESSAGE_CHARS
    assert reason.at == path


@given(
    st.dictionaries(PATHS, st.sampled_from(KINDS), max_size=6),
    st.lists(GLOBS, max_size=3),
    st.lists(GLOBS, max_size=2),
)
def test_each_path_that_may_not_be_written_has_one_reason(
    changes: dict[str, ChangeKind], allowed: list[str], protected: list[str]
) -> None:
    found = audited(
        [Change(path=path, kind=kind) for path, kind in changes.items()], allowed=allowed, protected=protected
    )
    wrong = {
        path for path in changes if matches(path, with_folders(protected)) or not matches(path, with_folders(allowed))
    }
    assert [reason.at for reason in found] == [path for path in changes if path in wrong]
    assert {reason.kind for reason in found} <= {"scope"}
