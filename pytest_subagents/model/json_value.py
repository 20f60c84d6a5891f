"""A JSON value as Python holds it after parsing: an agent's answer, the one thing whose shape is not ours."""

from __future__ import annotations

from typing import TypeAlias, Union

JsonValue: TypeAlias = Union[None, bool, int, float, str, list["JsonValue"], dict[str, "JsonValue"]]
