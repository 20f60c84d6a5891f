"""What a person wrote, as a tree in which every node knows its line: the same for YAML, TOML, JSON and Python.

msgspec structs, not dataclasses: a file of ten thousand agents has hundreds of thousands of nodes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias, Union

import msgspec

from pytest_subagents.model.json_value import JsonValue

Scalar: TypeAlias = Union[bool, int, float, str, None]


class Leaf(msgspec.Struct, frozen=True, gc=False):
    """Text, a number, true, false, or nothing at all. `line` counts from 1 and is 0 where there is none."""

    value: Scalar
    line: int = 0
    text: str = ""
    """A number as it was written."""


class Items(msgspec.Struct, frozen=True):
    items: tuple[Located, ...]
    line: int = 0


class Entry(msgspec.Struct, frozen=True):
    key: str
    line: int
    """The line of the key."""
    value: Located


class Table(msgspec.Struct, frozen=True):
    """A map in the order it was written; no key is there twice."""

    entries: tuple[Entry, ...]
    line: int = 0

    def find(self, key: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.key == key), None)


class Given(msgspec.Struct, frozen=True):
    """A Python object that no file can hold (a class, a contract made by hand): only marks bring it."""

    value: object
    line: int = 0


Located: TypeAlias = Union[Leaf, Items, Table, Given]


def without(table: Table, keys: Iterable[str]) -> Table:
    """The table without the entries of `keys`."""
    gone = frozenset(keys)
    return Table(tuple(entry for entry in table.entries if entry.key not in gone), table.line)


def put(table: Table, entry: Entry) -> Table:
    """The table with `entry` in the place of the one with its key, or else at its end."""
    if table.find(entry.key) is None:
        return Table((*table.entries, entry), table.line)
    return Table(tuple(entry if old.key == entry.key else old for old in table.entries), table.line)


def plain(node: Located) -> JsonValue:
    """The value alone, for what is data to us: a schema, the settings of an MCP server."""
    match node:
        case Leaf():
            return node.value
        case Items():
            return [plain(item) for item in node.items]
        case Table():
            return {entry.key: plain(entry.value) for entry in node.entries}
        case Given():
            raise TypeError(f"a {type(node.value).__name__} is no JSON value")
