"""A JSON Schema from a class that describes the answer: Pydantic model, dataclass, TypedDict or msgspec Struct."""

from __future__ import annotations

import dataclasses
from typing import cast, is_typeddict

import msgspec

from pytest_subagents.contract.wording import cut
from pytest_subagents.errors import BadUsage
from pytest_subagents.model.json_value import JsonValue

_KINDS = "a Pydantic model, a dataclass, a TypedDict or a msgspec Struct"


def schema_of(model: type, *, where: str = "contract") -> dict[str, JsonValue]:
    """The schema of the JSON that `model` stands for; `BadUsage` at `where` for a class that has none.

    Pydantic is not imported: its models are known by their `model_json_schema`, and it is the schema of what they
    read. The others are described by msgspec.
    """
    if not isinstance(model, type):
        raise BadUsage(where, f"{cut(repr(model), 200)} is no class", hint=f"give {_KINDS}")
    try:
        schema = _schema(model)
    except Exception as error:  # whatever a library finds wrong with a class, its author must mend
        raise BadUsage(where, f"no JSON Schema for {model.__name__!r}: {cut(str(error), 300)}") from error
    if not isinstance(schema, dict):
        raise BadUsage(where, f"{model.__name__!r} is no class with a JSON Schema", hint=f"give {_KINDS}")
    return cast(dict[str, JsonValue], schema)


def _schema(model: type) -> object:
    own = getattr(model, "model_json_schema", None)
    if callable(own):
        return own()
    if dataclasses.is_dataclass(model) or is_typeddict(model) or issubclass(model, msgspec.Struct):
        return msgspec.json.schema(model)
    return None
