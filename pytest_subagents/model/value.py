"""What every frozen value is: a struct of msgspec that the functions of `dataclasses` take for one of theirs.

A class costs some microseconds to make and a value some nanoseconds, a fortieth and a tenth of a frozen dataclass
(`benchmarks/values.py`): a run that replays makes hundreds of classes and a hundred thousand values.
"""

from __future__ import annotations

import dataclasses
import inspect
from typing import Any, ClassVar, Final

from msgspec import NODEFAULT, Struct, field

__all__ = ["Value", "field"]

_MADE: Final[dict[type[Struct], dict[str, dataclasses.Field[Any]]]] = {}


class _Fields:
    """The fields as `dataclasses.fields`, `replace` and `asdict` know them, made for a class when they ask."""

    def __get__(self, value: Struct | None, owner: type[Struct]) -> dict[str, dataclasses.Field[Any]]:
        if owner not in _MADE:
            _MADE[owner] = _fields_of(owner)
        return _MADE[owner]


class Value(Struct, frozen=True, kw_only=True):
    """A frozen value. A class of values says `(Value, frozen=True, kw_only=True)`, and `field` for a made default."""

    __dataclass_fields__: ClassVar[Any] = _Fields()


def _fields_of(owner: type[Struct]) -> dict[str, dataclasses.Field[Any]]:
    types = {name: kind for each in reversed(owner.__mro__) for name, kind in inspect.get_annotations(each).items()}
    without = len(owner.__struct_fields__) - len(owner.__struct_defaults__)
    defaults = (*(NODEFAULT,) * without, *owner.__struct_defaults__)
    made = [
        (name, types[name], _as_dataclasses_have_it(default))
        for name, default in zip(owner.__struct_fields__, defaults, strict=True)
    ]
    return {each.name: each for each in dataclasses.fields(dataclasses.make_dataclass("_", made, kw_only=True))}


def _as_dataclasses_have_it(default: Any) -> Any:
    if default is NODEFAULT:
        return dataclasses.field()
    factory = getattr(default, "factory", None) if type(default).__name__ == "Factory" else None
    return dataclasses.field(default=default) if factory is None else dataclasses.field(default_factory=factory)
