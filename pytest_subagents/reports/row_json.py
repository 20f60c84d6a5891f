"""One row of the report for programs, with what is known besides."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from pytest_subagents.model.result import Result
from pytest_subagents.reports.document import row_of
from pytest_subagents.reports.escape import json_document


def row_json(row: Result, more: Mapping[str, object]) -> str:
    """One JSON object and a line feed: the keys of the row as in report.json, then those of `more`."""
    known = {key: value for key, value in msgspec.structs.asdict(row_of(row)).items() if value is not msgspec.UNSET}
    document = {**known, **more}
    encoded = msgspec.json.encode(document)
    return json_document(msgspec.json.format(encoded, indent=2).decode("utf-8")) + "\n"
