"""A report.json read back."""

from __future__ import annotations

from typing import Final

import msgspec

from pytest_subagents.errors import BadUsage
from pytest_subagents.model.limits import REPORT_BYTES
from pytest_subagents.model.report import Counts, Report
from pytest_subagents.reports.baseline_part import states_agree
from pytest_subagents.reports.document import Document, document_of, report_in

FORMAT: Final = "pytest-subagents/report"
VERSION: Final = 1


class _Head(msgspec.Struct, frozen=True):
    format: str = ""
    version: int = 0


def read_report(text: str | bytes, *, where: str = "report.json") -> Report:
    """The report that `JsonReport.render` gave `text` for; raises `BadUsage` for everything else.

    Strict: a key more or less, a wrong type, or counts that are not those of the rows are refused. The text is no
    proof of anything; what it says is what somebody's file says.
    """
    if len(text) > REPORT_BYTES:
        raise BadUsage(where, f"it is larger than {REPORT_BYTES:,} bytes")
    try:
        _check_head(msgspec.json.decode(text, type=_Head), where)
        document = msgspec.json.decode(text, type=Document)
        report = report_in(document)
        # The parts that are values of the model decode leniently: a key too many or too few shows only here.
        faithful = msgspec.json.decode(msgspec.json.encode(document_of(report))) == msgspec.json.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        hint = "make it anew with `pytest --subagents`"
        raise BadUsage(where, f"it is no report of this version: {_first_line(error)}", hint=hint) from None
    nodeids = [agent.planned.nodeid for agent in report.agents]
    if not faithful:
        raise BadUsage(where, "it is no report of this version: a key is missing, or one is unknown")
    if nodeids != sorted(set(nodeids)):
        raise BadUsage(where, "its subagents are not sorted by node id, or one is there twice")
    if report.counts != Counts.of(report.agents, deselected=report.counts.deselected):
        raise BadUsage(where, "its counts are not those of its subagents")
    if not states_agree(report):
        raise BadUsage(where, "its counts of new and known findings are not those of its findings")
    return report


def _check_head(head: _Head, where: str) -> None:
    if head.format != FORMAT:
        raise BadUsage(where, "it is no report of pytest-subagents", hint=f"its 'format' must be {FORMAT!r}")
    if head.version != VERSION:
        raise BadUsage(
            where,
            f"it is a report of version {head.version}, and this is read: {VERSION}",
            hint="make it anew with `pytest --subagents`",
        )


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0] or type(error).__name__
