"""Values as TOML on one line."""

from __future__ import annotations

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.vendors.programs.toml_text import inline, quoted

_SCALARS = st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text()
_VALUES: st.SearchStrategy[JsonValue] = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=12
)


def _without_halves(value: JsonValue) -> JsonValue:
    """Halves of surrogate pairs are in no UTF-8 text; each becomes a question mark."""
    match value:
        case str():
            return value.encode("utf-8", "replace").decode("utf-8")
        case list():
            return [_without_halves(item) for item in value]
        case dict():
            return {key: _without_halves(item) for key, item in value.items()}
    return value


@given(_VALUES)
def test_a_toml_reader_reads_what_was_written(value: JsonValue) -> None:
    text = inline(value)
    assert "\n" not in text
    assert tomllib.loads(f"value = {text}")["value"] == _without_halves(value)


@given(st.text())
def test_a_string_can_be_quoted(text: str) -> None:
    assert tomllib.loads(f"value = {quoted(text)}")["value"] == _without_halves(text)


def test_null_is_left_out() -> None:
    assert inline({"a": None, "b": [None, 1]}) == "{b = [1]}"
