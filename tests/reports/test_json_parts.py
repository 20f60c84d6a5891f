"""A document that is made part by part has the bytes of one that is made at once."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_subagents.reports.escape import json_document
from pytest_subagents.reports.json_parts import INDENT, filled

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(VALUES, max_size=3), st.lists(VALUES, max_size=3), VALUES)
def test_the_bytes_are_those_of_the_whole(rows: list[object], others: list[object], beside: object) -> None:
    def encoded(rows: list[object], others: list[object]) -> bytes:
        return msgspec.json.encode({"before": {"rows": [], "x": beside}, "rows": rows, "others": others})

    arrays = {"rows": map(msgspec.json.encode, rows), "others": map(msgspec.json.encode, others)}
    whole = msgspec.json.format(encoded(rows, others), indent=INDENT).decode()
    assert "".join(filled(encoded([], []), arrays)) == f"{json_document(whole)}\n"


def test_deeper_down_too_and_never_in_a_place_that_is_not_there() -> None:
    skeleton = msgspec.json.encode({"runs": [{"results": []}]})
    made = "".join(filled(skeleton, {"results": [b'{"a":[1]}', b"2"]}, depth=3))
    assert msgspec.json.decode(made) == {"runs": [{"results": [{"a": [1]}, 2]}]}
    assert made == msgspec.json.format(made.encode(), indent=INDENT).decode() + "\n"
    with pytest.raises(AssertionError):
        list(filled(skeleton, {"results": []}, depth=2))
