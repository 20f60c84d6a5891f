"""Every key with the way that leads to it: what the docs list and what tests go through."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pytest_subagents.specify.keys.agent import AGENT_KEYS
from pytest_subagents.specify.keys.workflow import WORKFLOW_KEYS
from pytest_subagents.specify.kinds.containers import Into, ListOf, MapOf, OneOf, OrNothing
from pytest_subagents.specify.kinds.record import Key, Record


def workflow_paths() -> Iterator[tuple[str, Key]]:
    """`merge.stages[].name`, ...: what stands below `workflow`; what agents have too is left to them."""
    return _paths(WORKFLOW_KEYS, "", closed=("contract", "defaults", "vendors"))


def agent_paths() -> Iterator[tuple[str, Key]]:
    """`limits.timeout`, `vendors.*.model`, ...: what an agent may say."""
    return _paths(AGENT_KEYS, "")


def _paths(keys: Iterable[Key], prefix: str, closed: tuple[str, ...] = ()) -> Iterator[tuple[str, Key]]:
    for key in keys:
        path = f"{prefix}{key.name}"
        yield path, key
        if path not in closed:
            yield from _below(key.kind, path)


def _below(kind: object, path: str) -> Iterator[tuple[str, Key]]:
    match kind:
        case Record():
            yield from _paths(kind.keys, f"{path}.")
        case ListOf():
            yield from _below(kind.of, f"{path}[]")
        case MapOf():
            yield from _below(kind.of, f"{path}.*")
        case OneOf():
            for form in (kind.items, kind.table):
                yield from _below(form, path)
        case Into() | OrNothing():
            yield from _below(kind.of, path)
