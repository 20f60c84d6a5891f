"""A JSON value as Python holds it after parsing: an agent's answer, the one thing whose shape is not ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, Union

if TYPE_CHECKING:
    JsonValue: TypeAlias = Union[bool, int, float, str, list["JsonValue"], dict[str, "JsonValue"], None]
else:
    # msgspec reads the annotations of values at run time and knows no recursive alias.
    JsonValue = Any
