"""A contract as a schema that Claude Code's `--json-schema` takes.

2.1.197 compiles it with a strict validator of draft 07. Where that finds a keyword or a format that it does not know
(`prefixItems`, `x-note`, a `$schema` of 2020-12, `format: uri`, a pattern that is no JavaScript), the program offers no
tool for structured output at all, without a word and with exit code 0. So what it may not know is left out. The result
accepts all that the contract accepts, and more; the answer is checked against the contract itself afterwards.

The Messages API, where the schema arrives as that of a tool, wants an object without `anyOf`, `oneOf` and `allOf` at
the top, and plain names of properties.
"""

from __future__ import annotations

import json
import re
from typing import Final

from pytest_subagents.model import limits
from pytest_subagents.model.json_value import JsonValue

_PLAIN: Final = frozenset(
    {
        *("type", "enum", "const", "required", "title", "description"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
        *("minItems", "maxItems", "uniqueItems", "minLength", "maxLength", "minProperties", "maxProperties"),
    }
)
_SILENT: Final = frozenset({"$schema", "$id", "$comment", "default", "examples", "deprecated", "readOnly", "writeOnly"})
"""Left out, and nothing is accepted or refused by it."""
_DEFINITIONS: Final = ("$defs", "definitions")
_REFERENCE: Final = re.compile(r"#/(\$defs|definitions)/([A-Za-z0-9_.-]+)")
_PROPERTY: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_MANY_WAYS: Final = ("anyOf", "oneOf", "allOf", "not", "if", "then", "else")


def schema_argument(schema: JsonValue) -> str | None:
    """`schema` (None for no contract) as the argument of `--json-schema`; None where it cannot be one."""
    try:
        made = _top(schema)
    except RecursionError:
        return None
    if made is None:
        return None
    text = json.dumps(made, ensure_ascii=False, separators=(",", ":"))
    return text if len(text.encode("utf-8", "surrogatepass")) < limits.ARGUMENT_BYTES else None


def _top(schema: JsonValue) -> JsonValue:
    if not isinstance(schema, dict):
        return None
    definitions: dict[str, JsonValue] = {key: schema[key] for key in _DEFINITIONS if key in schema}
    seen: set[str] = set()
    while isinstance(reference := schema.get("$ref"), str) and reference not in seen:
        seen.add(reference)
        found = _REFERENCE.fullmatch(reference)
        holder = definitions.get(found[1]) if found else None
        target = holder.get(found[2]) if found and isinstance(holder, dict) else None
        if not isinstance(target, dict):
            return None
        schema = {**definitions, **target}
    made, _ = _weaker(schema, schema)
    if not isinstance(made, dict):
        return None
    made = {key: value for key, value in made.items() if key not in _MANY_WAYS}
    properties = made.get("properties")
    if made.setdefault("type", "object") != "object" or not isinstance(properties, dict) or not properties:
        return None
    return made if all(_PROPERTY.fullmatch(name) for name in properties) else None


def _weaker(schema: JsonValue, root: dict[str, JsonValue]) -> tuple[JsonValue, bool]:
    """What is left of `schema`, and whether it is as strict as before."""
    if not isinstance(schema, dict):
        return (schema, True) if isinstance(schema, bool) else (True, False)
    made: dict[str, JsonValue] = {
        key: value for key, value in schema.items() if key in _PLAIN and not _is_old(key, value)
    }
    whole = True
    for key in ("properties", *_DEFINITIONS):
        if key in schema:
            made[key], same = _map(schema[key], root)
            whole &= same
    for key, unless in (("items", "prefixItems"), ("additionalProperties", "patternProperties"), ("propertyNames", "")):
        if key in schema and unless not in schema and not isinstance(schema[key], list):
            made[key], same = _weaker(schema[key], root)
            whole &= same
    for key in ("anyOf", "allOf"):
        match schema.get(key):
            case list() as choices if choices:
                parts = [_weaker(choice, root) for choice in choices]
                made[key] = [part for part, _ in parts]
                whole &= all(same for _, same in parts)
    whole &= _reference(schema, made, root) and _exact(schema, made, root)
    # Empty lists of choices, the draft's other keywords and those that nobody knows.
    return made, whole and not set(schema) - set(made) - _SILENT


def _is_old(key: str, value: JsonValue) -> bool:
    """In draft-04 `exclusiveMinimum: true` only says something of `minimum`."""
    return isinstance(value, bool) and key.startswith("exclusive")


def _reference(schema: dict[str, JsonValue], made: dict[str, JsonValue], root: dict[str, JsonValue]) -> bool:
    """Keeps a reference to a definition; nothing is known of how strict what it refers to still is."""
    match schema.get("$ref"):
        case None:
            return True
        case str() as reference if found := _REFERENCE.fullmatch(reference):
            definitions = root.get(found[1])
            if isinstance(definitions, dict) and found[2] in definitions:
                made["$ref"] = reference
    return False


def _exact(schema: dict[str, JsonValue], made: dict[str, JsonValue], root: dict[str, JsonValue]) -> bool:
    """Keeps the keywords that a weaker part would make stricter, if no part of them is weaker."""
    whole = True
    if "not" in schema:
        part, same = _weaker(schema["not"], root)
        if same:
            made["not"] = part
        whole &= same
    match schema.get("oneOf"):
        case list() as choices if choices:
            parts = [_weaker(choice, root) for choice in choices]
            same = all(kept for _, kept in parts)
            if same:
                made["oneOf"] = [part for part, _ in parts]
            elif "anyOf" not in schema:
                made["anyOf"] = [part for part, _ in parts]
            whole &= same
    if "if" in schema and ("then" in schema or "else" in schema):
        kept = {key: _weaker(schema[key], root) for key in ("if", "then", "else") if key in schema}
        same = all(equal for _, equal in kept.values())
        if kept["if"][1]:
            made |= {key: part for key, (part, _) in kept.items()}
        whole &= same
    return whole


def _map(schemas: JsonValue, root: dict[str, JsonValue]) -> tuple[JsonValue, bool]:
    if not isinstance(schemas, dict):
        return {}, False
    parts = {name: _weaker(schema, root) for name, schema in schemas.items()}
    return {name: part for name, (part, _) in parts.items()}, all(same for _, same in parts.values())
