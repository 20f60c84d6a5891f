"""One row of the report for programs, with what is known besides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from pytest_subagents.model.result import Result
from pytest_subagents.reports.document import row_of
from pytest_subagents.reports.escape import json_document


def row_json(row: Result, more: Mapping[str, object]) -> str:
    """One JSON object and a line feed: the keys of the row as in report.json, then those of `more`."""
    return _document({**_row(row), **more})


def rows_json(rows: Iterable[Result]) -> str:
    """The same of several rows: one object with the list `agents`."""
    return _document({"agents": [_row(row) for row in rows]})


def _row(row: Result) -> dict[str, object]:
    return {key: value for key, value in msgspec.structs.asdict(row_of(row)).items() if value is not msgspec.UNSET}


def _document(value: object) -> str:
    encoded = msgspec.json.encode(value)
    return json_document(msgspec.json.format(encoded, indent=2).decode("utf-8")) + "\n"
