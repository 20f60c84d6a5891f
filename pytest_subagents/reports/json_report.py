"""report.json: the whole report, for programs."""

from __future__ import annotations

from typing import Final

import msgspec

from pytest_subagents.model.report import Report
from pytest_subagents.reports.document import document_of
from pytest_subagents.reports.escape import json_document

INDENT: Final = 2


class JsonReport:
    """JSON of which every byte follows from the report: keys in the documented order, those of answers sorted."""

    name = "json"
    suffix = ".json"

    def render(self, report: Report) -> str:
        try:
            encoded = msgspec.json.encode(document_of(report))
        except UnicodeEncodeError:
            encoded = msgspec.json.encode(document_of(_without_surrogates(report)))
        return json_document(msgspec.json.format(encoded, indent=INDENT).decode("utf-8")) + "\n"


def _without_surrogates(report: Report) -> Report:
    """`report` with `?` for what is no text: a file name of bytes that are not UTF-8, say, in a node id."""
    return msgspec.convert(_scrubbed(msgspec.to_builtins(report)), Report)


def _scrubbed(value: object) -> object:
    match value:
        case str():
            return value.encode("utf-8", "replace").decode("utf-8")
        case dict():
            return {_scrubbed(key): _scrubbed(each) for key, each in value.items()}
        case list() | tuple():
            return [_scrubbed(each) for each in value]
        case _:
            return value
