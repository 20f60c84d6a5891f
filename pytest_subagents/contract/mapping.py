"""An answer that satisfies its contract -> what a report needs of it, by the contract's own names."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias, cast

from pytest_subagents.contract.pointers import MISSING, index_of, look_up, parse_pointer
from pytest_subagents.model import limits
from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.severity import SEVERITIES
from pytest_subagents.model.spec import FieldMap
from pytest_subagents.model.value import Value
from pytest_subagents.model.verdict import Answer, AnswerStatus, Finding

_OTHER: Final = SEVERITIES[-1]
_NO_SEVERITY: Final = "info"

KNOWN_SEVERITIES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "critical": "critical",
        "blocker": "critical",
        "fatal": "critical",
        "p0": "critical",
        "high": "high",
        "error": "high",
        "major": "high",
        "severe": "high",
        "p1": "high",
        "medium": "medium",
        "moderate": "medium",
        "warning": "medium",
        "warn": "medium",
        "p2": "medium",
        "low": "low",
        "minor": "low",
        "suggestion": "low",
        "nit": "low",
        "p3": "low",
        "info": "info",
        "information": "info",
        "informational": "info",
        "note": "info",
        "notice": "info",
    }
)
"""The words that people use for a severity, in lower case. Numbers mean different things to different people."""

_BESIDE_TITLE: Final = "message"
_BESIDE_DETAIL: Final = ("body", "description")
"""Names that findings of other shapes use, looked for where the map's own is not there."""

Reader: TypeAlias = Callable[[JsonValue], JsonValue]
"""Gives what is at one pointer; `None` where nothing is."""


class Fields(Value, frozen=True, kw_only=True):
    """A `FieldMap` made ready: its pointers parsed, its words beside the ones that everybody uses."""

    status: tuple[str, ...] | None
    statuses: tuple[tuple[AnswerStatus, tuple[JsonValue, ...]], ...]
    optional_status: bool
    """An answer without the field is a success."""
    summary: Reader
    findings: Reader
    severity: Reader
    severities: Mapping[str, str]
    file: Reader
    line: Reader
    title: Reader
    detail: Reader


def fields_of(map: FieldMap, *, optional_status: bool) -> Fields:
    """Makes `map` ready; `PointerError` for a pointer that is none."""
    own = {word.casefold(): ours for word, ours in map.severities.items()}
    return Fields(
        status=None if map.status is None else parse_pointer(map.status),
        statuses=(("success", map.success), ("partial", map.partial), ("failed", map.failed)),
        optional_status=optional_status,
        summary=_reader(map.summary),
        findings=_reader(map.findings),
        severity=_reader(map.severity),
        severities=MappingProxyType({**KNOWN_SEVERITIES, **own, **map.severities}),
        file=_reader(map.file),
        line=_reader(map.line),
        title=_reader(map.title),
        detail=_reader(map.detail),
    )


def answer_of(value: JsonValue, fields: Fields) -> Answer:
    """The answer in our words. Any JSON value will do: what is not where the map says is simply not there."""
    return Answer(
        status=_status(value, fields),
        summary=_text(fields.summary(value)),
        findings=tuple([_finding(item, fields) for item in _items(fields.findings(value))]),
        value=value,
    )


def same_value(one: JsonValue, other: JsonValue) -> bool:
    """Equality as JSON Schema has it for scalars: `1` is `1.0`, but `true` is not `1`."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _reader(pointer: str | None) -> Reader:
    if pointer is None:
        return lambda value: None
    parts = parse_pointer(pointer)
    if len(parts) == 1 and index_of(parts[0]) is None:
        key = parts[0]
        return lambda value: value.get(key) if type(value) is dict else None

    def read(value: JsonValue) -> JsonValue:
        found = look_up(value, parts)
        return None if found is MISSING else cast(JsonValue, found)

    return read


def _status(value: JsonValue, fields: Fields) -> AnswerStatus:
    if fields.status is None:
        return "success"
    said = look_up(value, fields.status)
    if said is MISSING:
        return "success" if fields.optional_status else "failed"
    for status, words in fields.statuses:
        if any(same_value(cast(JsonValue, said), word) for word in words):
            return status
    return "failed"


def _items(value: JsonValue) -> list[JsonValue]:
    """The findings; a single one that stands without an array is one too, so that none is lost."""
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]


def _finding(item: JsonValue, fields: Fields) -> Finding:
    if type(item) is not dict:
        return Finding(severity=_NO_SEVERITY, title=_text(item))
    detail = _text(fields.detail(item))
    for name in _BESIDE_DETAIL:
        detail = detail or _text(item.get(name))
    title = _text(fields.title(item)) or _text(item.get(_BESIDE_TITLE))
    file = fields.file(item)
    return Finding(
        severity=_severity(fields.severity(item), fields.severities),
        file=file if type(file) is str and file else None,
        line=_line(fields.line(item)),
        title=title or detail.strip().partition("\n")[0].strip(),
        detail=detail,
    )


def _severity(said: JsonValue, severities: Mapping[str, str]) -> str:
    if type(said) is str and said in severities:
        return severities[said]
    if said is None or said == "":
        return _NO_SEVERITY
    if isinstance(said, float) and said.is_integer() and abs(said) <= limits.INTEGER_MAX:
        said = int(said)
    word = _text(said).strip()
    return severities.get(word) or severities.get(word.casefold(), _OTHER)


def _line(value: JsonValue) -> int | None:
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 1 <= value <= limits.INTEGER_MAX else None


def _text(value: JsonValue) -> str:
    """Text as it is; anything else as JSON, so that it is at least to be read."""
    if type(value) is str:
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)
