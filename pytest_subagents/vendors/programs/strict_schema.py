"""A contract as a schema that providers of strict structured output take.

OpenAI's strict mode refuses a request whose schema leaves an object open or a property optional (HTTP 400,
`invalid_json_schema`, in many public issues about `--output-schema`), and most contracts do both. What comes out of
here asks for every property and no other, so that an answer by it satisfies the contract as far as objects go. Keywords
that the mode does not know are left out, which is safe, because the answer is checked against the contract itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pytest_subagents.model.json_value import JsonValue

_KEPT: Final = frozenset(
    {
        *("type", "enum", "const", "description", "title", "pattern", "format"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems", "maxItems"),
    }
)
_TYPES: Final[Mapping[type, str]] = {str: "string", bool: "boolean", int: "integer", float: "number"}
_DEFINITIONS: Final = ("$defs", "definitions")


class _NotStrict(Exception):
    """The schema says something that the mode has no words for."""


def strict_schema(schema: JsonValue) -> JsonValue:
    """`schema` for strict mode, or None where it cannot be said there."""
    try:
        strict = _strict(schema)
    except (_NotStrict, RecursionError):
        return None
    return strict if strict.get("type") == "object" else None


def _strict(schema: JsonValue) -> dict[str, JsonValue]:
    if not isinstance(schema, dict) or "allOf" in schema:
        raise _NotStrict
    made: dict[str, JsonValue] = {
        key: value
        for key, value in schema.items()
        if key in _KEPT and not (isinstance(value, bool) and key.startswith("exclusive"))  # as draft-04 has it
    }
    for key in _DEFINITIONS:
        if key in schema:
            made[key] = _each(schema[key])
    match schema:
        case {"$ref": str() as reference}:
            return {**{key: made[key] for key in _DEFINITIONS if key in made}, "$ref": reference}
        case {"anyOf": list() as choices} | {"oneOf": list() as choices}:
            if "properties" in schema:
                raise _NotStrict
            made.pop("type", None)
            made["anyOf"] = [_strict(choice) for choice in choices]
        case {"enum": list() as values} if "type" not in schema:
            made["type"] = _type_of(values)
        case {"const": value} if "type" not in schema:
            made["type"] = _type_of([value])
        case {"type": "object"}:
            _close(schema, made)
        case {"type": "array"}:
            made["items"] = _strict(schema.get("items"))
        case {"type": str()}:
            pass
        case {"type": list() as types} if not {"object", "array"} & {str(one) for one in types}:
            pass
        case _:
            raise _NotStrict
    return made


def _close(schema: dict[str, JsonValue], made: dict[str, JsonValue]) -> None:
    properties = _each(schema.get("properties"))
    required = schema.get("required", [])
    if not properties or not isinstance(required, list) or not {str(one) for one in required} <= set(properties):
        raise _NotStrict
    made["properties"] = properties
    made["required"] = list(properties)
    made["additionalProperties"] = False


def _each(schemas: JsonValue) -> dict[str, JsonValue]:
    if not isinstance(schemas, dict):
        raise _NotStrict
    return {name: _strict(schema) for name, schema in schemas.items()}


def _type_of(values: list[JsonValue]) -> JsonValue:
    try:
        types = sorted({"null" if value is None else _TYPES[type(value)] for value in values})
    except KeyError:
        raise _NotStrict from None
    return types[0] if len(types) == 1 else list(types)
