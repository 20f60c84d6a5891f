"""The JSON Schema of workflow files for editors, made from the table of keys.

`python -m pytest_subagents.specify.editor_schema` writes the copy that ships with the package. It is draft-07, which
the YAML language server knows best, and accepts whatever the reader accepts; the reader checks more.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.specify.keys.agent import AGENT_KEYS, DEFAULT_KEYS
from pytest_subagents.specify.keys.articles import ARTICLE_KEYS, Only, ReadAs, Refused, Reported, Treatment
from pytest_subagents.specify.keys.workflow import WORKFLOW_KEYS
from pytest_subagents.specify.kinds.record import Key

SHIPPED: Final = Path(__file__).with_name("workflow.schema.json")

_Schema = dict[str, JsonValue]


def text() -> str:
    """The schema as it ships: the same bytes every time."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


def document() -> _Schema:
    agent = _object({key.name: _reference(key) for key in AGENT_KEYS}, required=["id"])
    defaults = _object({key.name: _reference(key) for key in DEFAULT_KEYS})
    known = {key.name for key in AGENT_KEYS}
    workflow = _object(
        {
            key.name: (
                {"description": key.doc, **defaults}
                if key.name == "defaults"
                else {"description": key.doc, "allOf": [_reference(key)]}
                if key.name in known
                else _described(key)
            )
            for key in WORKFLOW_KEYS
        }
    )
    agents: _Schema = {"type": "array", "minItems": 1, "items": agent}
    top = _object({"$schema": {"type": "string"}, "workflow": workflow, "agents": agents})
    _add_articles(workflow, agent, defaults)
    listed: list[JsonValue] = [
        {"required": ["agents"]},
        {"required": ["workflow"], "properties": {"workflow": {"required": ["agents"]}}},
    ]
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "pytest-subagents workflow",
        **top,
        "anyOf": listed,
        "definitions": {key.name: _described(key) for key in AGENT_KEYS},
    }


def _object(properties: _Schema, required: list[JsonValue] | None = None) -> _Schema:
    schema: _Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**schema, "required": required} if required else schema


def _described(key: Key) -> _Schema:
    return {"description": key.doc, **key.kind.schema()}


def _reference(key: Key) -> _Schema:
    return {"$ref": f"#/definitions/{key.name}"}


def _add_articles(workflow: _Schema, agent: _Schema, defaults: _Schema) -> None:
    """The other names that are read: shown as deprecated, so that an editor offers ours."""
    for key in ARTICLE_KEYS:
        words = _words(key.treatment)
        if words is None:
            continue
        start, _, rest = key.path.partition(".")
        for schema in (workflow,) if start == "workflow" else (agent, defaults):
            _insert(schema, rest.split("."), {"description": words, "deprecated": True})


def _words(treatment: Treatment) -> str | None:
    match treatment:
        case ReadAs(to=to):
            return f"Read as '{to}'"
        case Only(value=value):
            return f"Only {json.dumps(value)}, which is what always happens"
        case Reported(why=why):
            return f"Reported only: {why}"
        case Refused():
            return None


def _insert(schema: _Schema, path: list[str], new: _Schema) -> None:
    """Puts `new` at a path of property names; `stages[]` leads into the entries of a list."""
    name, *rest = path
    properties = schema["properties"]
    assert isinstance(properties, dict)
    bare = name.removesuffix("[]")
    if not rest:
        properties[bare] = new
        # Where the other name is given, ours need not be.
        if schema.get("required") != ["id"]:
            schema.pop("required", None)
        return
    inner = properties.setdefault(bare, _object({}))
    assert isinstance(inner, dict)
    if "$ref" in inner:
        # A key of an agent that articles write as a map: it gets a second form.
        form = _object({})
        properties[bare] = {"anyOf": [inner, form]}
        inner = form
    elif name != bare:
        items = inner["items"]
        assert isinstance(items, dict)
        inner = items
    _insert(inner, rest, new)


if __name__ == "__main__":
    SHIPPED.write_text(text(), encoding="utf-8")
