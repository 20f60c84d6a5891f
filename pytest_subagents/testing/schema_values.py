"""Values that a JSON Schema is likely to accept, as a Hypothesis strategy.

Likely, not certain: what a keyword such as `not`, `contains` or `dependentSchemas` asks for is left to the judge of the
contract, who sees every value. hypothesis-jsonschema, which does this, knows no draft after 07 and no recursion, and
does not run with today's Hypothesis (0.23.1 with 6.170).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final, TypeAlias
from urllib.parse import unquote

from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.testing.hypothesis_extra import st

Values: TypeAlias = "st.SearchStrategy[Any]"
Schema: TypeAlias = Mapping[str, Any]

_MORE: Final = 4
"""Items, characters in tens, or properties beyond what a schema asks for."""
_KEYWORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "object": ("properties", "required", "additionalProperties", "patternProperties", "minProperties", "propertyNames"),
    "array": ("items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"),
    "string": ("minLength", "maxLength", "pattern", "format"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
_ANNOTATIONS: Final = frozenset(
    {"$schema", "$id", "$comment", "$defs", "definitions", "title", "description", "default"}
)


def json_values() -> Values:
    """Any small JSON value that an answer may be."""
    plain = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | _finite()
    return st.recursive(
        plain | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=_MORE) | st.dictionaries(st.text(max_size=12), inner, max_size=_MORE),
        max_leaves=12,
    )


def schema_values(schema: JsonValue) -> Values:
    """Values for a schema whose references all lead to places in itself."""
    return _Schemas(schema).values(schema)


class _Schemas:
    """The strategies of one document, each reference followed once."""

    def __init__(self, root: JsonValue) -> None:
        self._root = root
        self._known: dict[str, Values] = {}

    def values(self, schema: Any) -> Values:
        if schema is False:
            return st.nothing()
        if not isinstance(schema, dict) or set(schema) <= _ANNOTATIONS:
            return json_values()
        match schema:
            case {"$ref": str() as reference}:
                rest = _without(schema, "$ref")
                alone = set(rest) <= _ANNOTATIONS
                return self._referred(reference) if alone else self.values(_both(self._at(reference), rest))
            case {"const": value}:
                return st.just(value)
            case {"enum": [*values]}:
                return st.sampled_from(values)
            case {"allOf": [*parts]}:
                merged: Any = _without(schema, "allOf")
                for part in parts:
                    merged = _both(merged, self._inlined(part))
                return self.values(merged)
            case {"anyOf": [*ways]}:
                return self._one_of(_without(schema, "anyOf"), ways)
            case {"oneOf": [*ways]}:
                return self._one_of(_without(schema, "oneOf"), ways)
            case {"if": asked}:
                rest = _without(schema, "if", "then", "else")
                met = _both(rest, self._inlined(asked))
                return self._one_of(met, [schema.get("then", True)]) | self._one_of(rest, [schema.get("else", True)])
        return st.one_of([self._typed(kind, schema) for kind in _types(schema)])

    def _one_of(self, rest: Any, ways: Sequence[Any]) -> Values:
        return st.one_of([self.values(_both(rest, self._inlined(way))) for way in ways])

    def _typed(self, kind: str, schema: Schema) -> Values:
        match kind:
            case "null":
                return st.none()
            case "boolean":
                return st.booleans()
            case "integer":
                return _integers(schema)
            case "number":
                return _integers(schema) | _floats(schema)
            case "string":
                return _strings(schema)
            case "array":
                return self._arrays(schema)
            case "object":
                return self._objects(schema)
        return json_values()

    def _objects(self, schema: Schema) -> Values:
        given: Mapping[str, Any] = schema.get("properties", {})
        required = [name for name in schema.get("required", ()) if isinstance(name, str)]
        others = schema.get("additionalProperties", schema.get("unevaluatedProperties", True))
        known = {name: self.values(part) for name, part in given.items()}
        needed = {name: known.get(name, self.values(others)) for name in required}
        optional = {name: values for name, values in known.items() if name not in needed}
        if schema.get("minProperties", 0) > len(needed):
            needed, optional = {**needed, **optional}, {}
        fixed = st.fixed_dictionaries(needed, optional=optional)
        names = self._names(schema)
        lacking = max(schema.get("minProperties", 0) - len(needed), 0)
        more = st.dictionaries(names, self._others(schema, others), min_size=lacking, max_size=max(2, lacking))
        if others is False and not schema.get("patternProperties"):
            return fixed
        return st.builds(lambda extra, own: {**extra, **own}, more if lacking else st.just({}) | more, fixed)

    def _names(self, schema: Schema) -> st.SearchStrategy[str]:
        patterns = tuple(schema.get("patternProperties", ()))
        if patterns:
            return st.one_of([st.from_regex(pattern) for pattern in patterns])
        asked = schema.get("propertyNames")
        return _strings(asked) if isinstance(asked, Mapping) else st.text(min_size=1, max_size=12)

    def _others(self, schema: Schema, others: Any) -> Values:
        patterns: Mapping[str, Any] = schema.get("patternProperties", {})
        return st.one_of([self.values(part) for part in patterns.values()]) if patterns else self.values(others)

    def _arrays(self, schema: Schema) -> Values:
        items = schema.get("items", True)
        first = schema.get("prefixItems", ())
        if isinstance(items, list):  # before draft 2020-12
            first, items = items, schema.get("additionalItems", True)
        least = schema.get("minItems", len(first))
        most = schema.get("maxItems", max(least, len(first)) + _MORE)
        begin = st.tuples(*(self.values(part) for part in first[:most])).map(list)
        lacking, room = max(least - len(first), 0), max(most - len(first), 0)
        if items is False or not room:
            return begin
        unique = repr if schema.get("uniqueItems") else None
        rest = st.lists(self.values(items), min_size=lacking, max_size=room, unique_by=unique)
        if "contains" in schema and room > lacking:
            held = st.lists(self.values(schema["contains"]), min_size=schema.get("minContains", 1), max_size=room)
            rest = held | st.builds(lambda one, other: (one + other)[:room], held, rest)
        return st.builds(lambda one, other: one + other, begin, rest)

    def _referred(self, reference: str) -> Values:
        if reference not in self._known:
            self._known[reference] = st.deferred(lambda: self.values(self._at(reference)))
        return self._known[reference]

    def _at(self, reference: str) -> Any:
        found: Any = self._root
        for part in unquote(reference).removeprefix("#").split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            found = found[int(key)] if isinstance(found, list) else found[key]
        return found

    def _inlined(self, schema: Any) -> Any:
        """A part that is to be put together with others, without a reference at its top."""
        for _ in range(len(str(self._root))):
            match schema:
                case {"$ref": str() as reference}:
                    schema = _both(self._at(reference), _without(schema, "$ref"))
                case _:
                    return schema
        return schema


def _without(schema: Schema, *keys: str) -> Schema:
    return {key: value for key, value in schema.items() if key not in keys}


def _both(one: Any, other: Any) -> Any:
    """A schema that asks for what both ask, as far as it can be told simply."""
    if one is True or other is False:
        return other
    if other is True or one is False:
        return one
    merged = dict(one)
    for key, value in other.items():
        match key, merged.get(key, value), value:
            case "properties", {**before}, {**more}:
                shared = {name: _both(before[name], part) if name in before else part for name, part in more.items()}
                merged[key] = {**before, **shared}
            case "required", [*before], [*more]:
                merged[key] = list(dict.fromkeys((*before, *more)))
            case "enum", [*before], [*more]:
                merged[key] = [item for item in before if item in more]
            case "type", _, _ if key in merged:
                merged[key] = [kind for kind in _listed(merged[key]) if kind in _listed(value)] or value
            case "minimum" | "minLength" | "minItems" | "minProperties" | "exclusiveMinimum", before, more:
                merged[key] = max(before, more)
            case "maximum" | "maxLength" | "maxItems" | "maxProperties" | "exclusiveMaximum", before, more:
                merged[key] = min(before, more)
            case _:
                merged[key] = value
    return merged


def _types(schema: Schema) -> list[str]:
    """The types that a schema allows; where it names none, those that its keywords are for."""
    if "type" in schema:
        return _listed(schema["type"])
    return [kind for kind, keywords in _KEYWORDS.items() if schema.keys() & set(keywords)] or ["any"]


def _listed(kind: Any) -> list[str]:
    return list(kind) if isinstance(kind, list) else [kind]


def _finite() -> st.SearchStrategy[float]:
    return st.floats(allow_nan=False, allow_infinity=False, width=32)


def _bounds(schema: Schema) -> tuple[float | None, float | None]:
    lowest = [schema[key] for key in ("minimum", "exclusiveMinimum") if isinstance(schema.get(key), int | float)]
    highest = [schema[key] for key in ("maximum", "exclusiveMaximum") if isinstance(schema.get(key), int | float)]
    return (max(lowest) if lowest else None), (min(highest) if highest else None)


def _integers(schema: Schema) -> Values:
    low, high = _bounds(schema)
    step = schema.get("multipleOf", 1)
    step = int(step) if step >= 1 and float(step).is_integer() else 1
    least = math.ceil((low if low is not None else -(2**53)) / step)
    most = math.floor((high if high is not None else 2**53) / step)
    return st.integers(least, max(most, least)).map(lambda number: number * step)


def _floats(schema: Schema) -> Values:
    low, high = _bounds(schema)
    if low is not None and high is not None and low > high:
        return st.nothing()
    return st.floats(low, high, allow_nan=False, allow_infinity=False)


def _strings(schema: Schema) -> st.SearchStrategy[str]:
    least = schema.get("minLength", 0)
    pattern = schema.get("pattern")
    if isinstance(pattern, str):
        return st.from_regex(pattern)
    made = _FORMATS.get(schema.get("format", ""))
    return made if made is not None else st.text(min_size=least, max_size=schema.get("maxLength", least + 10 * _MORE))


_FORMATS: Final[Mapping[str, st.SearchStrategy[str]]] = {
    "date": st.dates(date(1970, 1, 1)).map(date.isoformat),
    "date-time": st.datetimes(datetime(1970, 1, 1), timezones=st.just(UTC)).map(datetime.isoformat),
    "uuid": st.uuids().map(str),
    "email": st.from_regex(r"[a-z]{1,8}@[a-z]{1,8}\.org", fullmatch=True),
    "uri": st.from_regex(r"https://[a-z]{1,8}\.org/[a-z]{0,8}", fullmatch=True),
}
