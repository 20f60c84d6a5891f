"""What a key may hold: how it is read, how an editor is told of it, how a page names it."""

from __future__ import annotations

from typing import Protocol, TypeVar

from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.specify.place import Place
from pytest_subagents.specify.tree import Located

Value_co = TypeVar("Value_co", covariant=True)


class Kind(Protocol[Value_co]):
    """One kind of value, for the strict reader, the editor schema and the docs at once."""

    @property
    def words(self) -> str:
        """What it is, as it stands in a table: `duration`, `list of globs`."""

    def read(self, node: Located, at: Place) -> Value_co:
        """The value of `node`. Raises the error of the place's source for anything else."""

    def schema(self) -> dict[str, JsonValue]:
        """A JSON Schema (draft-07, which editors read) that accepts whatever `read` accepts."""
