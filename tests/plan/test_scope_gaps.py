"""How a declared scope and its use differ, and that the corrected one has none of these differences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from plan.workflows import a_workflow, an_agent

from pytest_subagents.model.glob import glob_of, matches, with_folders
from pytest_subagents.model.plan import Facts
from pytest_subagents.model.scope import Scope
from pytest_subagents.model.scope_use import ScopeGaps, ScopeUse
from pytest_subagents.plan.planning import plan_of
from pytest_subagents.plan.scope_gaps import scope_gaps

NAMES = st.one_of(
    st.sampled_from(["a", "b", "a.py", "b.py", "src", "[x]", "{a}", "é*"]), st.text("ab[]{}*?,!.", min_size=1)
)
PATHS = st.lists(NAMES.filter(lambda name: name not in (".", "..")), min_size=1, max_size=3).map("/".join)
GLOBS = st.one_of(
    PATHS.map(glob_of),
    PATHS.map(lambda path: f"{glob_of(path)}/"),
    PATHS.map(lambda path: f"{glob_of(path)}/**"),
    st.sampled_from(["**", "src/*.py", "**/*.py", "src/", "a", "a/*", "{a,b}/*.py", "./src", "*"]),
)
SOME_PATHS = st.lists(PATHS, max_size=7).map(tuple)
SOME_GLOBS = st.lists(GLOBS, max_size=4).map(tuple)
SCOPES = st.builds(Scope, read=st.none() | SOME_GLOBS, write=SOME_GLOBS)
USES = st.builds(
    ScopeUse,
    read=SOME_PATHS,
    searched=SOME_GLOBS,
    listed=SOME_GLOBS,
    written=SOME_PATHS,
    unknown=st.integers(0, 1),
    diffed=st.booleans(),
    more=st.booleans(),
)


def gaps(
    can_read: Sequence[str] | None, can_write: Sequence[str] = (), /, *, ended_well: bool = True, **use: Any
) -> ScopeGaps:
    scope = Scope(read=None if can_read is None else tuple(can_read), write=tuple(can_write))
    return scope_gaps(scope, ScopeUse(**use), ended_well=ended_well)


def test_a_scope_that_is_what_was_used_stays_as_it_is() -> None:
    found = gaps(
        ["src/"], ["out/*.md"], read=["src/a.py", "out/x.md"], searched=["src/x"], written=["out/x.md"], diffed=True
    )
    assert not found.under_declared
    assert not found.over_declared
    assert found.corrected == Scope(read=("src/",), write=("out/*.md",))


def test_what_is_read_and_written_beyond_it_is_added() -> None:
    found = gaps(["src/"], ["out/"], read=["src/a", "docs/b", "out/c"], searched=["lib"], written=["d", "out/c"])
    assert found.undeclared_read == ("docs/b",)
    assert found.undeclared_searched == ("lib",)
    assert found.undeclared_written == ("d",)
    assert found.under_declared
    assert found.corrected == Scope(read=("src/", "docs/b", "lib"), write=("out/", "d"))


def test_many_of_one_folder_become_one_glob() -> None:
    many = [f"docs/{number}.md" for number in range(4)]
    assert gaps([], read=many).corrected.read == ("docs/*",)
    assert gaps([], read=many[:3]).corrected.read == tuple(many[:3])
    assert gaps([], written=[f"{number}.md" for number in range(4)]).corrected.write == ("0.md", "1.md", "2.md", "3.md")
    assert gaps([], read=["a[1].py"]).corrected.read == ("a[[]1].py",)


def test_who_writes_a_file_may_read_it() -> None:
    found = gaps([], [], read=["new.py"], written=["new.py"], diffed=True)
    assert found.undeclared_read == ("new.py",)
    assert found.corrected == Scope(read=(), write=("new.py",))
    kept = gaps([], ["a.py", "b.py"], read=["a.py"], written=["b.py"], diffed=True)
    assert (kept.undeclared_read, kept.unused_write) == ((), ("a.py",))
    assert kept.corrected == Scope(read=("a.py",), write=("b.py",))


@pytest.mark.parametrize(
    ("scope", "searched", "beyond"),
    [
        ("src/", "src", False),
        ("src/", "src/auth", False),
        ("src", "src/auth/", False),
        ("./src", "src/*.py", False),
        ("src/**", "src/*/x", False),
        ("**", "src", False),
        ("packages/*/src/", "packages/a/src/b", False),
        ("src/*.py", "src/*.py", False),
        ("src/*.py", "src/a.py", False),
        ("src/*.py", "src", True),
        ("src/auth/", "src", True),
        ("src/", "srcs", True),
        ("src/", "*.py", True),
        ("src/", "s*", True),
    ],
)
def test_a_search_in_a_scope_is_in_it(scope: str, searched: str, beyond: bool) -> None:
    assert gaps([scope], searched=[searched]).undeclared_searched == ((searched,) if beyond else ())


def test_a_search_of_everything_is_told_and_adds_nothing() -> None:
    for glob in ("**", "**/*.py"):
        found = gaps(["src/"], read=["src/a"], searched=[glob])
        assert found.searched_all
        assert not found.under_declared
        assert found.corrected == Scope(read=("src/",))
    assert not gaps(["**"], searched=["**", "**/*.py"]).searched_all
    assert not gaps(None, searched=["**"]).searched_all


def test_names_alone_are_not_read_but_keep_what_they_are_asked_of() -> None:
    found = gaps(["src/", "docs/", "lib/"], read=["src/a"], listed=["docs/*", "other/*", "**/*.py"])
    assert not found.under_declared
    assert found.unused_read == ("lib/",)
    assert found.corrected.read == ("src/", "docs/")


def test_of_a_use_that_is_not_known_whole_nothing_is_said_to_be_unused() -> None:
    use: dict[str, Any] = {"read": ["src/a"], "written": ["out/a"], "diffed": True}
    assert gaps(["src/", "x/"], ["out/", "y/"], **use).unused_read == ("x/",)
    assert gaps(["src/", "x/"], ["out/", "y/"], **use).unused_write == ("y/",)
    assert gaps(["src/", "x/"], ["out/", "y/"], **use, unknown=1).unused_read == ()
    assert gaps(["src/", "x/"], ["out/", "y/"], **use, unknown=1).unused_write == ("y/",)
    assert gaps(["x/"], ["y/"], **{**use, "diffed": False}).unused_write == ()
    assert not gaps(["x/"], ["y/"], **use, more=True).over_declared
    assert not gaps(["x/"], ["y/"], **use, ended_well=False).over_declared
    assert not gaps(["x/"], ["y/"], diffed=True).over_declared, "it may have had nothing to do"


def test_a_read_scope_that_is_not_declared_gets_one() -> None:
    found = gaps(None, ["out/"], read=["src/a", "out/b"], searched=["docs", "**"])
    assert not found.under_declared
    assert found.corrected == Scope(read=("src/a", "docs"), write=("out/",))
    assert gaps(None).corrected == Scope(read=None)


def test_what_lies_outside_of_the_project_is_told_and_not_declared() -> None:
    found = gaps([], ["out/"], written=["../x"], diffed=True)
    assert found.undeclared_written == ("../x",)
    assert "../x" not in found.corrected.write


def test_a_glob_that_is_hard_to_compare_is_widened_to_its_folder() -> None:
    found = gaps(["src/"], searched=["lib/" + "*a" * 400])
    assert found.undeclared_searched == ("lib/",)


@given(SCOPES, USES, st.booleans())
@example(Scope(read=("a",), write=()), ScopeUse(read=("[x]/a",), searched=("[x]",)), True)
def test_the_corrected_scope_covers_all_that_was_used(scope: Scope, use: ScopeUse, ended_well: bool) -> None:
    corrected = scope_gaps(scope, use, ended_well=ended_well).corrected
    write = tuple(with_folders(corrected.write))
    assert all(matches(path, write) for path in use.written)
    if corrected.read is not None:
        readable = (*with_folders(corrected.read), *write)
        assert all(matches(path, readable) for path in use.read)


@given(SCOPES, USES, st.booleans())
def test_with_the_corrected_scope_there_are_no_gaps(scope: Scope, use: ScopeUse, ended_well: bool) -> None:
    first = scope_gaps(scope, use, ended_well=ended_well)
    again = scope_gaps(first.corrected, use, ended_well=ended_well)
    assert not again.under_declared
    assert not again.over_declared
    assert again.corrected == first.corrected


@given(SCOPES, USES)
def test_without_gaps_the_scope_stays_as_it_is(scope: Scope, use: ScopeUse) -> None:
    found = scope_gaps(scope, use)
    if scope.read is not None and not found.under_declared and not found.over_declared:
        assert found.corrected == scope


@given(SCOPES, USES)
def test_what_is_said_to_be_unused_is_declared_and_matches_nothing(scope: Scope, use: ScopeUse) -> None:
    found = scope_gaps(scope, use)
    assert set(found.unused_read) <= set(scope.read or ())
    assert set(found.unused_write) <= set(scope.write)
    assert not any(matches(path, with_folders(found.unused_read)) for path in use.read)
    assert not any(matches(path, with_folders(found.unused_write)) for path in use.written)


# --- in a plan


def test_a_plan_advises_to_declare_what_was_used() -> None:
    workflow = a_workflow(
        an_agent("under", read=["src/"], write=["out/"]),
        an_agent("over", read=["src/", "docs/"]),
        an_agent("fits", read=["src/"]),
        an_agent("new", read=["src/"]),
    )
    use = ScopeUse(read=("src/a",), written=("x", "y"), diffed=True)
    facts = {
        "under": Facts(used=use),
        "over": Facts(used=ScopeUse(read=("src/a",)), ended_well=True),
        "fits": Facts(used=ScopeUse(read=("src/a",)), ended_well=True),
        "new": Facts(),
    }
    advice = [(each.kind, each.agents) for each in plan_of(workflow, facts).advice if each.kind.endswith("declared")]
    assert advice == [("under-declared", ("under",)), ("over-declared", ("over",))]
    text = next(each.text for each in plan_of(workflow, facts).advice if each.kind == "under-declared")
    assert "it wrote x and 1 more, beyond its scope" in text
