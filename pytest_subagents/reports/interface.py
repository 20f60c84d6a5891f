"""What a format of the report is."""

from __future__ import annotations

from typing import Protocol

from pytest_subagents.model.report import Report


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
