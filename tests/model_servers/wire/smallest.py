"""A small value that fits a response schema: what a model's own side requests are answered with."""

from __future__ import annotations

from pytest_subagents.model.json_value import JsonValue


def smallest(schema: JsonValue) -> JsonValue:
    """The first choice, the least number, all properties; `ok` for any text. Types may be in capitals."""
    match schema:
        case {"enum": [first, *_]}:
            return first
        case {"properties": dict(properties)}:
            return {name: smallest(property) for name, property in properties.items()}
        case {"minimum": int(least)}:
            return least
        case {"type": str(kind)}:
            forms: dict[str, JsonValue] = {"array": [], "number": 1, "integer": 1, "boolean": False}
            return forms.get(kind.lower(), "ok")
    return {}
