"""What a run changed, and the commands that were to succeed on that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from pytest_subagents.model.attempts import Attempt
from pytest_subagents.model.evidence import ChangedFile, RunEvidence
from pytest_subagents.model.limits import (
    HTML_BODY_CHARS,
    HTML_DIFF_ALL_LINES,
    HTML_DIFF_MOST_LINES,
    HTML_NAME_CHARS,
    MESSAGE_CHARS,
    REPORT_REASONS,
)
from pytest_subagents.model.result import Result
from pytest_subagents.reports import wording
from pytest_subagents.reports.html.beside import Beside
from pytest_subagents.reports.html.diff import diff, lines_of, size_of, told_changes
from pytest_subagents.reports.html.fold import part, said_block
from pytest_subagents.reports.html.markup import NONE, Html, html, joined, said
from pytest_subagents.reports.html.shapes import passed

ABOUT_CHANGES: Final = ("scope", "conflict", "review")
"""Kinds of reasons that are about what it changed."""


def checks(run: Result | Attempt, evidence: RunEvidence) -> Iterator[Html]:
    failed = [reason for reason in run.reasons if reason.kind == "checks"]
    if not evidence.checks and not failed:
        return
    lines = joined(
        html(
            "<li>{} <span class=mono>{}</span> <span class=soft>exit {}</span>{}</li>\n",
            passed(check.exit_code == 0),
            said(check.run, MESSAGE_CHARS),
            check.exit_code,
            said_block("Output of a check, its end", check.output, chars=HTML_BODY_CHARS)
            if check.output and check.exit_code
            else NONE,
        )
        for check in evidence.checks
    )
    told = joined(html("<li><b>checks:</b> {}</li>\n", said(reason.message, MESSAGE_CHARS)) for reason in failed)
    bad = sum(check.exit_code != 0 for check in evidence.checks)
    beside = f"{len(evidence.checks) - bad} of {len(evidence.checks)} passed" if evidence.checks else ""
    yield part(
        "Checks",
        html("<ul class=reasons>\n{}{}</ul>\n", lines, told),
        beside=beside,
        open=bool(failed or bad),
        bad=bool(failed or bad),
    )


def changes(row: Result, run: Result | Attempt, evidence: RunEvidence, anchor: str, *, beside: Beside | None) -> Html:
    outside = {reason.at: reason.message for reason in run.reasons if reason.kind == "scope" and reason.at is not None}
    explains = any(reason.kind in ABOUT_CHANGES for reason in run.reasons)
    own = isinstance(run, Result) or run.selected
    told = row.changes if own else ()
    note = html("<p>{}</p>\n", said(evidence.no_patch, MESSAGE_CHARS)) if evidence.no_patch else NONE
    if evidence.files:
        kinds = {change.path: change.kind for change in told}
        body = _diff(row, evidence.files, outside, kinds, anchor, beside)
        size = size_of(evidence.files)
    elif told:
        body = html(
            "{}<p class=soft>As its transcript tells it; no patch is kept.</p>\n",
            told_changes(told, outside, REPORT_REASONS * 10),
        )
        size = wording.number_of(len(told), "file")
    elif evidence.patched or (own and not row.planned.scope.write):
        body, size = Html("<p class=soft>No files changed.</p>\n"), "none"
    else:
        body, size = Html("<p class=soft>Changes were not recorded for this subagent.</p>\n"), "not recorded"
    lost = sorted(set(outside) - {file.path for file in evidence.files} - {change.path for change in told})
    unseen = joined(
        html(
            "<li><span class=out>outside its scope</span> <span class=mono>{}</span></li>\n", said(path, MESSAGE_CHARS)
        )
        for path in lost
    )
    extra = html("<ul>\n{}</ul>\n", unseen) if lost else NONE
    size += f", {len(outside):,} outside its scope" if outside else ""
    return part(
        "Changes",
        html("{}{}{}", note, body, extra),
        beside=size,
        id=f"{anchor}-changes",
        open=explains,
        bad=bool(outside),
    )


def _diff(
    row: Result,
    files: Sequence[ChangedFile],
    outside: Mapping[str, str],
    kinds: Mapping[str, str],
    anchor: str,
    beside: Beside | None,
) -> Html:
    """All of it; where it is too long for the main page, its begin, and all of it on a page of its own."""
    if beside is not None and beside.inside:
        return joined(diff(files, outside, HTML_DIFF_MOST_LINES, kinds))
    shown = joined(diff(files, outside, HTML_DIFF_ALL_LINES, kinds))
    lines = sum(lines_of(file) for file in files)
    if lines <= HTML_DIFF_ALL_LINES or beside is None:
        return shown
    page = f"{anchor}-changes.html"
    title = f"{row.planned.id[:HTML_NAME_CHARS]}: changes"
    beside.write(page, title=title, anchor=anchor, parts=diff(files, outside, HTML_DIFF_MOST_LINES, kinds))
    told = "all changes" if lines <= HTML_DIFF_MOST_LINES else f"{HTML_DIFF_MOST_LINES:,} lines of it"
    link = html('<a href="{}">{}</a>', beside.address(page), told)
    return html("<p>This diff has {} lines, and is in a separate file: {}.</p>\n{}", f"{lines:,}", link, shown)
