"""What a format of the report is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePath
from typing import Protocol, TypeAlias

from pytest_subagents.model.evidence import Evidence
from pytest_subagents.model.report import Report

Further: TypeAlias = Callable[[str, Iterable[str]], None]
"""Writes a further file of this name, part by part, as a whole before it returns."""


class Format(Protocol):
    """Turns a report into text. Equal reports give equal text: no clock, no host, no absolute path.

    Writing it anywhere is `conclude`'s business, and every text of an agent's goes through `reports.escape`.
    """

    name: str
    suffix: str
    """Of the files in this format, with its dot."""

    def render(self, report: Report) -> str:
        """The whole file. Never raises for anything that an agent said."""
        ...

    def parts(self, report: Report) -> Iterable[str]:
        """The same in parts, made one at a time, so that a long report is never in memory as a whole."""
        ...


class PagedFormat(Format, Protocol):
    """One that shows more than the report, and is written while it is made: memory does not grow with it."""

    mark: str
    """At the begin of every page, by which it is known as one of ours."""

    def pages(self, report: Report, evidence: Evidence, *, name: str, further: Further | None) -> Iterator[str]:
        """The file called `name`, part by part. What it has no room for it writes by `further` into the folder
        `folder_beside(name)` meanwhile, or leaves out and says so where there is none."""
        ...


def folder_beside(name: str) -> str:
    """The folder that belongs to a file of several pages."""
    return f"{PurePath(name).stem}-data"
