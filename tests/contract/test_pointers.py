"""JSON Pointers go both ways, and lead where RFC 6901 says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_subagents.contract.pointers import MISSING, PointerError, format_pointer, look_up, parse_pointer

# The example of RFC 6901, section 5.
DOCUMENT: Any = {"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, 'k"l': 6, " ": 7, "m~n": 8}


@pytest.mark.parametrize(
    ("pointer", "value"),
    [("", DOCUMENT), ("/foo/0", "bar"), ("/", 0), ("/a~1b", 1), ("/c%d", 2), ("/ ", 7), ("/m~0n", 8)],
)
def test_pointers_of_the_standard(pointer: str, value: Any) -> None:
    assert look_up(DOCUMENT, parse_pointer(pointer)) == value


@pytest.mark.parametrize("pointer", ["/foo/2", "/foo/-", "/foo/00", "/foo/x", "/nothing", "/foo/0/x", "/ /x", "/foo/٠"])
def test_a_pointer_may_lead_nowhere(pointer: str) -> None:
    assert look_up(DOCUMENT, parse_pointer(pointer)) is MISSING


def test_null_is_not_nowhere() -> None:
    assert look_up({"a": None}, ("a",)) is None


@pytest.mark.parametrize("text", ["a", "#/a", "/~", "/a~2", "/~~"])
def test_what_is_no_pointer_is_told(text: str) -> None:
    with pytest.raises(PointerError):
        parse_pointer(text)


@given(st.lists(st.text()))
def test_formatting_and_parsing_are_inverse(parts: list[str]) -> None:
    assert parse_pointer(format_pointer(parts)) == tuple(parts)
