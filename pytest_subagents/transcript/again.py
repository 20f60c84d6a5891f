"""Who lost a merge, in the run directory: `--subagents-resume` runs them again, from what the others made.

`again.json` is written where the workflows of a run were merged. What it names are node ids that this run has planned;
whoever reads it looks them up, and starts nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

import msgspec

from pytest_subagents.errors import SubagentsError
from pytest_subagents.model.value import Value
from pytest_subagents.transcript.run_directory import RunDirectory

_NAME: Final = "again.json"
_FORMAT: Final = 1


class Again(Value, frozen=True, kw_only=True):
    """How a subagent is run from now on."""

    behind: tuple[str, ...] = ()
    """Node ids of those whose work it starts from, besides that of whom it needs."""
    lost: bool = False
    """What is recorded of it did not merge, or is built on what did not: it counts as not finished."""


ByNode: TypeAlias = Mapping[str, Again]


class _File(msgspec.Struct, frozen=True, kw_only=True):
    format: int
    workflows: dict[str, dict[str, Again]]
    """By workflow file, as node ids begin."""


def write_again(directory: RunDirectory, found: Mapping[str, ByNode]) -> None:
    """What a run leaves, by workflow file, for the one that goes on with it; `StateError` where it cannot be."""
    workflows = {file: dict(rows) for file, rows in found.items()}
    directory.write_json(_NAME, _File(format=_FORMAT, workflows=workflows))


def with_losers(known: ByNode, losers: ByNode, *, file: str) -> dict[str, Again]:
    """What holds of a workflow after another merge of it: who has once begun from the work of others does so from now
    on."""
    begun = {
        nodeid: Again(behind=again.behind)
        for nodeid, again in known.items()
        if again.behind and nodeid.startswith(f"{file}::")
    }
    return {**begun, **losers}


def read_again(directories: Iterable[RunDirectory]) -> dict[str, Again]:
    """By node id, from the newest of the runs that has merged its workflow. `directories` begin with the newest; what
    is damaged in one is passed over."""
    found: dict[str, ByNode] = {}
    for directory in directories:
        found = {**read_files(directory), **found}
    return {nodeid: again for rows in found.values() for nodeid, again in rows.items()}


def read_files(directory: RunDirectory) -> Mapping[str, ByNode]:
    """What one run says, by workflow file; nothing where it says nothing, or nothing that can be used."""
    try:
        found = directory.read_json(_NAME, _File)
    except SubagentsError:
        return {}
    return found.workflows if found is not None and found.format == _FORMAT else {}
