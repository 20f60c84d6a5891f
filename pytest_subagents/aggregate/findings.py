"""The findings of all agents as one list, and the fingerprints that tell them again in a later run."""

from __future__ import annotations

import hashlib
import posixpath
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator

from pytest_subagents.model.report import ReportFinding
from pytest_subagents.model.result import Result
from pytest_subagents.model.severity import severity_rank
from pytest_subagents.model.verdict import Finding

_LINE_NUMBER = re.compile(r"\b(lines?|l\.)\s*[:#]?\s*[0-9]+(\s*(-|–|to|,? ?and|,)\s*[0-9]+)*|(?<=:)[0-9]+")
"""Line numbers as they stand in titles: `line 12`, `line: 12`, `lines 3-5`, `lines 3, 5 and 9`, `a.py:12:3`."""
_QUOTES = re.compile("[`'\"´‘’‚‛“”„‟«»‹›]")
"""Quotation marks, which the same agent sets one day and not the other; apostrophes go with them."""
_LAST = " .!…"
_HEX_DIGITS = 16


def report_findings(rows: Iterable[Result]) -> tuple[ReportFinding, ...]:
    """The findings of `rows` (in the order of their node ids), sorted by severity, file, line, title, agent.

    Those without a file come after those with one, those without a line before those with one.
    """
    found = [finding for row in rows for finding in _fingerprinted(row)]
    return tuple(sorted(found, key=_order))


def _fingerprinted(row: Result) -> Iterator[ReportFinding]:
    """Findings that are the same but for their lines are told apart by their order in the file, within one agent:
    so the first of them has the same fingerprint whoever finds it.
    """
    seen: Counter[bytes] = Counter()
    for finding in sorted(row.findings, key=_order_in_row):
        substance = substance_of(finding)
        number = seen[substance]
        seen[substance] += 1
        digest = hashlib.sha256(substance + (f"\0{number}".encode() if number else b""))
        yield ReportFinding(
            agent=row.planned.id,
            severity=finding.severity,
            file=finding.file,
            line=finding.line,
            title=finding.title,
            fingerprint=digest.hexdigest()[:_HEX_DIGITS],
        )


def substance_of(finding: Finding | ReportFinding) -> bytes:
    """What a finding is about, apart from who says it, on which line, and how the title is quoted and ended.

    Two of one substance are one finding, found twice.
    """
    title = _LINE_NUMBER.sub("#", _plain(_QUOTES.sub("", finding.title))).rstrip(_LAST)
    file = posixpath.normpath(finding.file) if finding.file else ""
    parts = (file, title, _plain(finding.severity))
    return "\0".join(parts).encode("utf-8", "backslashreplace")


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _order(finding: ReportFinding) -> tuple[object, ...]:
    return (
        severity_rank(finding.severity),
        finding.severity,
        finding.file is None,
        finding.file or "",
        finding.line is not None,
        finding.line or 0,
        finding.title,
        finding.agent,
        finding.fingerprint,
    )


def _order_in_row(finding: Finding) -> tuple[object, ...]:
    return (finding.line is not None, finding.line or 0, finding.title, finding.detail, finding.file or "")
