"""A map with the keys that we know, and no other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeAlias, TypeVar

from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.value import Value
from pytest_subagents.specify.kinds.interface import Kind
from pytest_subagents.specify.place import Place, nearest, quoted
from pytest_subagents.specify.tree import Located, Table

Built = TypeVar("Built")

Treated: TypeAlias = Literal["honoured", "kept"]
"""What a mode does with a key: act on it, or read and keep what it does not need."""


class Key(Value, frozen=True, kw_only=True):
    """One key: the strict reader, the editor schema and the docs all go by this."""

    name: str
    kind: Kind[object]
    doc: str
    """What it is for: one sentence without a full stop."""
    default: str = ""
    """As a person would write it; for readers of the docs."""
    replay: Treated = "kept"
    live: Treated = "honoured"
    """In once, record and live."""
    required: bool = False
    field: str = ""
    """The name of the model's field, where it differs."""
    merges: bool = False
    """Whether an agent's map adds to the one in `defaults` instead of taking its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(Generic[Built]):
    """A map of `keys`, made into a value by `make`, which is called with the fields that are there."""

    keys: tuple[Key, ...]
    make: Callable[..., Built]
    words: str = "map"
    exactly_one: bool = False
    """Whether one key, and no more, must be there."""
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    """Keys that are known, only not here, with the hint where they belong."""
    _by_name: dict[str, Key] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {key.name: key for key in self.keys})

    def read(self, node: Located, at: Place) -> Built:
        return self.make(**self.fields(node, at))

    def fields(self, node: Located, at: Place) -> Mapping[str, object]:
        """The values of the keys that are there, by the name of their field."""
        match node:
            case Table(entries=entries):
                pass
            case _:
                raise at.wanted(node, f"a map of {', '.join(sorted(self._by_name))}")
        values: dict[str, object] = {}
        for entry in entries:
            key = self._by_name.get(entry.key)
            if key is None:
                raise self.unknown(entry.key, entry.line, at)
            values[key.field or key.name] = key.kind.read(entry.value, at.key(entry.key))
        if self.exactly_one and len(values) != 1:
            raise at.wanted(node, f"a map with one of {', '.join(sorted(self._by_name))}")
        for key in self.keys:
            if key.required and (key.field or key.name) not in values:
                raise at.fault(node.line, f"the key {key.name!r} is missing{_inside(at)}")
        return values

    def unknown(self, name: str, line: int, at: Place) -> Exception:
        hint = self.elsewhere.get(name) or nearest(name, self._by_name)
        return at.fault(line, f"unknown key {quoted(name)}{_inside(at)}", hint=hint)

    def key(self, name: str) -> Key | None:
        return self._by_name.get(name)

    def schema(self) -> dict[str, JsonValue]:
        schema: dict[str, JsonValue] = {
            "type": "object",
            "properties": {key.name: {"description": key.doc, **key.kind.schema()} for key in self.keys},
            "additionalProperties": False,
        }
        if self.exactly_one:
            schema |= {"minProperties": 1, "maxProperties": 1}
        required: list[JsonValue] = [key.name for key in self.keys if key.required]
        return {**schema, "required": required} if required else schema


def _inside(at: Place) -> str:
    return f" in {quoted(at.path)}" if at.path else ""
