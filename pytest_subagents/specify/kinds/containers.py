"""Values made of values: lists, maps from names, and one form or another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Generic, TypeVar

from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.value import Value
from pytest_subagents.specify.kinds.interface import Kind
from pytest_subagents.specify.place import Place, quoted
from pytest_subagents.specify.tree import Given, Items, Leaf, Located, Table, plain

Item = TypeVar("Item")
Built = TypeVar("Built")


class ListOf(Value, Generic[Item], frozen=True, kw_only=True):
    """A list; a single value is not taken for a list of one, so that no text is ever taken apart."""

    of: Kind[Item]
    plural: str
    not_empty: bool = False
    distinct: bool = False
    """Whether an entry that is there twice is a mistake; the entries are hashable then."""
    distinct_by: str = ""
    """The attribute of entries that no two may have the same."""

    @property
    def words(self) -> str:
        return f"list of {self.plural}"

    def read(self, node: Located, at: Place) -> tuple[Item, ...]:
        match node:
            case Items(items=items):
                pass
            case Leaf(value=str()):
                raise at.wanted(node, f"a list of {self.plural}", hint="put it in brackets to make a list of one")
            case _:
                raise at.wanted(node, f"a list of {self.plural}")
        if self.not_empty and not items:
            raise at.fault(node.line, f"{quoted(at.path)} is an empty list")
        values: list[Item] = []
        seen: set[Item] = set()
        for index, item in enumerate(items):
            value = self.of.read(item, at.item(index))
            if self.distinct:
                if value in seen:
                    raise at.item(index).refused(item, "is there twice")
                seen.add(value)
            if self.distinct_by:
                name = getattr(value, self.distinct_by)
                if any(getattr(other, self.distinct_by) == name for other in values):
                    raise at.item(index).fault(
                        item.line, f"{quoted(at.path)} has the {self.distinct_by} {name!r} twice"
                    )
            values.append(value)
        return tuple(values)

    def schema(self) -> dict[str, JsonValue]:
        schema: dict[str, JsonValue] = {"type": "array", "items": self.of.schema()}
        return {**schema, "minItems": 1} if self.not_empty else schema


class MapOf(Value, Generic[Item, Built], frozen=True, kw_only=True):
    """A map from names that a person chooses; `build` makes a value of its entries."""

    of: Kind[Item]
    build: Callable[[Mapping[str, Item]], Built]
    words: str
    names: Kind[str] | None = None
    """What a name must be, where not every text is one."""

    def read(self, node: Located, at: Place) -> Built:
        match node:
            case Table(entries=entries):
                pass
            case _:
                raise at.wanted(node, "a map")
        values: dict[str, Item] = {}
        for entry in entries:
            inner = at.key(entry.key)
            if self.names is not None:
                self.names.read(Leaf(entry.key, entry.line), at)
            values[entry.key] = self.of.read(entry.value, inner)
        return self.build(MappingProxyType(values))

    def schema(self) -> dict[str, JsonValue]:
        return {"type": "object", "additionalProperties": self.of.schema()}


class OneOf(Value, Generic[Item], frozen=True, kw_only=True):
    """A value in one of several forms, told apart by what it is written as: text, a number, a list, a map."""

    text: Kind[Item] | None = None
    number: Kind[Item] | None = None
    items: Kind[Item] | None = None
    table: Kind[Item] | None = None
    given: Kind[Item] | None = None
    """For the objects that only Python can hand over; no form of its own in a file."""
    wanted: str
    """What it must be, for what has none of the forms."""

    @property
    def words(self) -> str:
        return ", or ".join(kind.words for kind in self._forms)

    @property
    def _forms(self) -> tuple[Kind[Item], ...]:
        return tuple(kind for kind in (self.text, self.number, self.items, self.table) if kind is not None)

    def read(self, node: Located, at: Place) -> Item:
        form: Kind[Item] | None = None
        match node:
            case Leaf(value=str()):
                form = self.text
            case Leaf(value=bool() | None):
                form = None
            case Leaf():
                form = self.number
            case Items():
                form = self.items
            case Table():
                form = self.table
            case Given():
                form = self.given
        if form is None:
            raise at.wanted(node, self.wanted)
        return form.read(node, at)

    def schema(self) -> dict[str, JsonValue]:
        return {"anyOf": [kind.schema() for kind in self._forms]}


class OrNothing(Value, Generic[Item], frozen=True, kw_only=True):
    """A value, or null where there is none."""

    of: Kind[Item]

    @property
    def words(self) -> str:
        return f"{self.of.words}, or null"

    def read(self, node: Located, at: Place) -> Item | None:
        match node:
            case Leaf(value=None):
                return None
        return self.of.read(node, at)

    def schema(self) -> dict[str, JsonValue]:
        return {"anyOf": [self.of.schema(), {"type": "null"}]}


class Into(Value, Generic[Item, Built], frozen=True, kw_only=True):
    """A kind whose value is made into another one."""

    of: Kind[Item]
    build: Callable[[Item], Built]
    words: str

    def read(self, node: Located, at: Place) -> Built:
        return self.build(self.of.read(node, at))

    def schema(self) -> dict[str, JsonValue]:
        return self.of.schema()


class Anything(Value, frozen=True, kw_only=True):
    """Any value a JSON file can hold; what it means is not ours to say."""

    words: str = "value"

    def read(self, node: Located, at: Place) -> JsonValue:
        try:
            return plain(node)
        except TypeError:
            raise at.wanted(node, "a value that JSON can hold") from None

    def schema(self) -> dict[str, JsonValue]:
        return {}


class AnyScalar(Value, frozen=True, kw_only=True):
    """Text, a number, true, false or null: something an answer can be compared with."""

    words: str = "value"

    def read(self, node: Located, at: Place) -> JsonValue:
        match node:
            case Leaf(value=value):
                return value
        raise at.wanted(node, "a single value")

    def schema(self) -> dict[str, JsonValue]:
        return {"type": ["string", "number", "boolean", "null"]}
