"""One agent, from its tree to a `Subagent`: the same for a workflow file and for marks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pytest_subagents.errors import SubagentsError
from pytest_subagents.model.spec import KeyPlace, Subagent
from pytest_subagents.specify.keys.agent import AGENT
from pytest_subagents.specify.kinds.names import ID
from pytest_subagents.specify.place import Place
from pytest_subagents.specify.tree import Entry, Items, Located, Table


class ReadAgent(NamedTuple):
    """A subagent with what it was read from, for the checks that need other agents too."""

    subagent: Subagent
    table: Table
    at: Place

    def dependency(self, index: int) -> Located:
        """What `depends_on[index]` was read from."""
        entry = self.table.find("depends_on")
        return entry.value.items[index] if entry is not None and isinstance(entry.value, Items) else self.table


def id_of(table: Table, at: Place) -> str:
    """The agent's id: read first, so that every other fault of the agent can name it."""
    entry = table.find("id")
    if entry is None:
        raise at.fault(table.line, "an agent has no 'id'")
    return ID.read(entry.value, at.key("id"))


def read_agent(table: Table, at: Place) -> ReadAgent:
    """The subagent of a complete table (defaults and all). Raises the error of the place's source."""
    here = at.of_agent(id_of(table, at))
    fields = AGENT.fields(table, here)
    subagent = Subagent(
        **fields,  # type: ignore[arg-type]
        where=Place(at.source).where(table.line),
        set_keys=frozenset(keys_of(table)),
    )
    fault = _contradiction(subagent, table, here)
    if fault is not None:
        raise fault
    return ReadAgent(subagent, table, here)


def keys_of(table: Table) -> Iterator[str]:
    """The keys of a map and of the maps in it: `limits`, `limits.timeout`."""
    for entry in table.entries:
        yield entry.key
        if isinstance(entry.value, Table):
            yield from (f"{entry.key}.{inner.key}" for inner in entry.value.entries)


def places_of(table: Table, watched: frozenset[str], at: Place) -> tuple[KeyPlace, ...]:
    """Where those of the `watched` keys stand that are there."""
    everywhere = Place(at.source)
    places: list[KeyPlace] = []
    for entry in table.entries:
        inner: tuple[Entry, ...] = entry.value.entries if isinstance(entry.value, Table) else ()
        for key, line in ((entry.key, entry.line), *((f"{entry.key}.{one.key}", one.line) for one in inner)):
            if key in watched:
                places.append(KeyPlace(key=key, where=everywhere.where(line)))
    return tuple(places)


def _contradiction(subagent: Subagent, table: Table, at: Place) -> SubagentsError | None:
    """A key that needs another one, or that another one rules out."""
    keys = {entry.key: entry for entry in table.entries}
    if subagent.vendor == "command" and not subagent.command and subagent.runner == "process":
        return at.fault(keys["vendor"].line, "the vendor 'command' needs the key 'command'", hint="name the program")
    if subagent.command and subagent.vendor is None:
        return at.fault(keys["command"].line, "'command' is given without a vendor", hint="add 'vendor: command'")
    if subagent.runner == "function" and subagent.function is None:
        hint = "add 'function: package.module:function'"
        return at.fault(keys["runner"].line, "the runner 'function' needs the key 'function'", hint=hint)
    if subagent.function is not None and subagent.runner != "function":
        return at.fault(keys["function"].line, "'function' is for the runner 'function'", hint="add 'runner: function'")
    return None
