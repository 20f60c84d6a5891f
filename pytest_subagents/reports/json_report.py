"""report.json: the whole report, for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from pytest_subagents.model.report import Report
from pytest_subagents.reports.baseline_part import finding_part
from pytest_subagents.reports.document import document_of, row_of
from pytest_subagents.reports.json_parts import filled

T = TypeVar("T")


class JsonReport:
    """JSON of which every byte follows from the report: keys in the documented order, those of answers sorted."""

    name = "json"
    suffix = ".json"

    def render(self, report: Report) -> str:
        return "".join(self.parts(report))

    def parts(self, report: Report) -> Iterator[str]:
        (skeleton,) = _encoded(document_of, [replace(report, agents=(), findings=(), failures=())])
        arrays = {
            "agents": _encoded(row_of, report.agents),
            "findings": _encoded(finding_part, report.findings),
            "failures": _encoded(lambda failure: failure, report.failures),
        }
        return filled(skeleton, arrays)


def _encoded(part_of: Callable[[T], object], values: Sequence[T]) -> Iterator[bytes]:
    """Each with `?` for what is no text: a file name of bytes that are not UTF-8, say, in a node id."""
    for value in values:
        try:
            yield msgspec.json.encode(part_of(value))
        except UnicodeEncodeError:
            plain = msgspec.convert(_scrubbed(msgspec.to_builtins(value)), type(value))
            yield msgspec.json.encode(part_of(plain))


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
