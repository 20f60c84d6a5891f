"""What an agent has from `workflow.defaults`: its own keys win, map by map where a key says so."""

from __future__ import annotations

from typing import Final

from pytest_subagents.specify.keys.agent import AGENT_KEYS
from pytest_subagents.specify.tree import Entry, Table

_MERGED: Final = frozenset(key.name for key in AGENT_KEYS if key.merges)


def under(own: Table, below: Table) -> Table:
    """The table of an agent, with what it does not say itself taken from `below`."""
    if not below.entries:
        return own
    mine = {entry.key: entry for entry in own.entries}
    entries = [_joined(entry, below) for entry in own.entries]
    entries += [entry for entry in below.entries if entry.key not in mine]
    return Table(tuple(entries), own.line)


def _joined(entry: Entry, below: Table) -> Entry:
    if entry.key not in _MERGED or not isinstance(entry.value, Table):
        return entry
    other = below.find(entry.key)
    if other is None or not isinstance(other.value, Table):
        return entry
    return Entry(entry.key, entry.line, _merged(entry.value, other.value))


def _merged(own: Table, below: Table) -> Table:
    entries: list[Entry] = []
    for entry in own.entries:
        other = below.find(entry.key)
        if other is not None and isinstance(entry.value, Table) and isinstance(other.value, Table):
            entries.append(Entry(entry.key, entry.line, _merged(entry.value, other.value)))
        else:
            entries.append(entry)
    mine = {entry.key for entry in own.entries}
    return Table((*entries, *(entry for entry in below.entries if entry.key not in mine)), own.line)
