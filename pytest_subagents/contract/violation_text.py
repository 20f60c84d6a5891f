"""What a violation says: one line that names the value, cut, and what was asked for.

The library's own texts hold the whole value and, for alternatives, the whole schema: 300 kB for one wrong string.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from pytest_subagents.contract.tally import Mismatch
from pytest_subagents.contract.wording import cut, listed, number_of, shown

_Words: TypeAlias = Callable[[Any, Any], str]
"""The value and what the keyword asks for -> words. Both have the shape that the keyword is for."""


def describe(keyword: str | None, instance: Any, wanted: Any, text: str) -> str:
    """The violation of `keyword` by `instance`; `text` is the library's, for keywords with nothing better."""
    if keyword is None:
        return f"{shown(instance)} is not allowed here"
    words = _WORDS.get(keyword)
    return cut(text if words is None else words(instance, wanted))


def of_no_sort(instance: Any, mismatches: Sequence[Mismatch]) -> str:
    """The violation of all alternatives by a value that is of the right sort for none of them."""
    types: dict[str, None] = {}
    values: dict[str, None] = {}
    for keyword, wanted in mismatches:
        if keyword == "type":
            types.update(dict.fromkeys(map(str, wanted if isinstance(wanted, list) else [wanted])))
        else:
            values.update(
                dict.fromkeys(map(shown, wanted if keyword == "enum" and isinstance(wanted, list) else [wanted]))
            )
    parts = []
    if types:
        parts.append(f"not of type {listed(list(types))}")
    if values:
        shown_values = ", ".join(list(values)[:10]) + (", …" if len(values) > 10 else "")
        parts.append(f"not one of {shown_values}" if len(values) > 1 else f"not {shown_values}")
    return cut(f"{shown(instance)} is {' and '.join(parts) or 'not allowed here'}")


def _type(instance: Any, wanted: Any) -> str:
    return f"{shown(instance)} is not of type {listed([wanted] if isinstance(wanted, str) else wanted)}"


def _not(instance: Any, wanted: Any) -> str:
    return f"{shown(instance)} is what 'not' forbids" if wanted else f"{shown(instance)} is not allowed here"


def _count(what: str, comparison: str) -> _Words:
    return lambda instance, wanted: f"{number_of(len(instance), what)}, {comparison} {shown(wanted)}"


def _length(comparison: str) -> _Words:
    return lambda instance, wanted: (
        f"{shown(instance)} has {number_of(len(instance), 'character')}, {comparison} {shown(wanted)}"
    )


def _bound(words: str) -> _Words:
    return lambda instance, wanted: f"{shown(instance)} {words} {shown(wanted)}"


_WORDS: Final[Mapping[str, _Words]] = MappingProxyType(
    {
        "type": _type,
        "enum": lambda instance, wanted: f"{shown(instance)} is not one of {listed(wanted)}",
        "const": lambda instance, wanted: f"{shown(instance)} is not {shown(wanted)}",
        "pattern": lambda instance, wanted: f"{shown(instance)} does not match {shown(wanted)}",
        "minLength": _length("fewer than"),
        "maxLength": _length("more than"),
        "minItems": _count("item", "fewer than"),
        "maxItems": _count("item", "more than"),
        "minProperties": _count("key", "fewer than"),
        "maxProperties": _count("key", "more than"),
        "minimum": _bound("is less than the minimum of"),
        "maximum": _bound("is greater than the maximum of"),
        "exclusiveMinimum": _bound("is not greater than"),
        "exclusiveMaximum": _bound("is not less than"),
        "multipleOf": _bound("is not a multiple of"),
        "contains": lambda instance, wanted: f"{number_of(len(instance), 'item')}, none as 'contains' asks for",
        "not": _not,
        "items": lambda instance, wanted: f"{number_of(len(instance), 'item')}, more than are allowed",
        "additionalItems": lambda instance, wanted: f"{number_of(len(instance), 'item')}, more than are allowed",
        "unevaluatedItems": lambda instance, wanted: "some items are not allowed by any schema for them",
    }
)
