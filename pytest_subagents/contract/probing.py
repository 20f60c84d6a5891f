"""Both libraries asked about small answers before any real one comes: the last net for what the static checks miss."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pytest_subagents.contract.compiled import Contract
from pytest_subagents.contract.documents import Document
from pytest_subagents.contract.reference import Undecided
from pytest_subagents.model import limits
from pytest_subagents.model.json_value import JsonValue

_SCALARS: Final[tuple[JsonValue, ...]] = (None, True, False, 0, 1, -1, 1.5, 1e300, "", "a", "Ünïcode\n", [], {})


def check_probes(contract: Contract, document: Document) -> bool:
    """Whether both libraries said the same of every probe, where jsonschema-rs may be asked at all.

    `BadUsage` where jsonschema cannot judge one: it never could judge an answer.
    """
    agree = contract.guarded
    for probe in _probes(contract.schema):
        said = contract.judge.reference.judge(probe)
        if isinstance(said, Undecided):
            raise document.fault((), f"jsonschema cannot judge by this schema: {said.why}")
        if agree:
            agree = contract.accepts(probe) == (said.count == 0)
    return agree


def _probes(schema: JsonValue) -> Iterator[JsonValue]:
    yield from _SCALARS
    yield [list(_SCALARS), {}, {"a": [1, "x"]}]
    names = schema.get("properties") if isinstance(schema, dict) else None
    keys = sorted(names)[: limits.PROBED_KEYS] if isinstance(names, dict) else ["a"]
    for value in _SCALARS:
        yield dict.fromkeys(keys, value)
        yield {key: [value, {key: value}] for key in keys}
