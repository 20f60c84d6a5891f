"""How a scope and its use differ, as a person reads it, and the scope as a person pastes it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pytest_subagents.model.limits import SCOPE_PATHS_SHOWN
from pytest_subagents.model.scope import Scope
from pytest_subagents.model.scope_use import ScopeGaps, ScopeUse
from pytest_subagents.reports.scope_text import scope_lines

DECLARED = Scope(read=("src/",), write=())
KNOWN = ScopeUse(diffed=True)
GLOBS = st.lists(st.text(st.characters(exclude_categories=("Cs", "Mn", "Me")))).map(tuple)
"""Without long runs of marks, which no medium shows whole."""


def texts(use: ScopeUse = KNOWN, declared: Scope = DECLARED, **gaps: Any) -> list[str]:
    """Without the heading."""
    found = ScopeGaps(**{"corrected": declared, **gaps})
    lines = [line.text for line in scope_lines(declared, use, found, run="20250102T120000.000000Z-0a1b2c3d")]
    assert lines[:2] == ["", "Scope, as of the live run 20250102T120000.000000Z-0a1b2c3d"]
    return [line.removeprefix("  ") for line in lines[2:]]


def test_what_fits_is_one_line() -> None:
    assert texts() == ["as far as known, it is what was used"]


@pytest.mark.parametrize(
    ("use", "told"),
    [
        (ScopeUse(diffed=True, unknown=3), ["not known           what 3 of its commands and tools read"]),
        (ScopeUse(), ["not known           what it wrote and did not tell"]),
        (ScopeUse(diffed=True, more=True), ["not known           more than could be kept"]),
        (ScopeUse(diffed=True, outside=("/a", "<home>/b")), ["used elsewhere      /a", "                    <home>/b"]),
    ],
)
def test_what_is_not_known_is_said(use: ScopeUse, told: list[str]) -> None:
    assert texts(use)[1:] == told


def test_a_search_of_everything_is_said() -> None:
    assert texts(searched_all=True)[1:] == ["searched            the whole workspace, which is more than its scope"]


def test_of_many_paths_the_first_are_listed() -> None:
    lines = texts(undeclared_read=tuple(f"{number:04}" for number in range(1_000)))
    assert len(lines) == SCOPE_PATHS_SHOWN + 1
    assert lines[0] == "read beyond it      0000"
    assert lines[-1].strip() == "and 980 more; --json has all of them"


def test_nothing_in_a_path_reaches_the_terminal() -> None:
    lines = texts(undeclared_written=("a\x1b[2J\n::error::\u202e",), corrected=Scope(write=("a\x1b[2J\n\u202e",)))
    assert all(line.isprintable() for line in lines)


@given(st.builds(Scope, read=st.none() | GLOBS, write=GLOBS))
def test_yaml_reads_the_scope_as_it_is(scope: Scope) -> None:
    _check(scope)


@pytest.mark.parametrize(
    "text", ["*", "a*", "no", "NULL", "1", "1e3", "a: b", "a #b", "- a", "", " a", "[a]", "é", "😀", "-a"]
)
def test_what_yaml_takes_for_something_else_is_quoted(text: str) -> None:
    _check(Scope(read=(text,), write=(text, "src/**")))


def _check(scope: Scope) -> None:
    lines = texts(declared=Scope(read=("other",), write=("other",)), corrected=scope)
    pasted = yaml.safe_load("\n".join(lines[lines.index("to declare instead:") + 1 :]))["scope"]
    assert pasted["write"] == [*scope.write]
    assert pasted.get("read") == (None if scope.read is None else [*scope.read])
