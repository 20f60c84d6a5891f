"""One subagent: why it ended as it did, what it said, what it changed, what it cost, and all that it did."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pytest_subagents.model.attempts import Attempt
from pytest_subagents.model.evidence import RunEvidence
from pytest_subagents.model.limits import (
    EXCERPT_CHARS,
    HTML_BODY_CHARS,
    HTML_DIFF_ALL_LINES,
    HTML_NAME_CHARS,
    HTML_SUMMARY_CHARS,
    HTML_TASK_CHARS,
    MESSAGE_CHARS,
    REPORT_REASONS,
)
from pytest_subagents.model.result import Result
from pytest_subagents.reports import commands, wording
from pytest_subagents.reports.html.answer import answer, violations_table
from pytest_subagents.reports.html.attempts import compared
from pytest_subagents.reports.html.beside import Beside
from pytest_subagents.reports.html.diff import diff, size_of, told_changes
from pytest_subagents.reports.html.facts import facts, usage
from pytest_subagents.reports.html.fold import part, said_block
from pytest_subagents.reports.html.markup import NONE, Html, html, joined, said
from pytest_subagents.reports.html.shapes import passed, status, status_of
from pytest_subagents.reports.html.transcript import shown_transcript
from pytest_subagents.reports.html.verdict import needs_attention
from pytest_subagents.reports.html.view import View

_DID: Final = ("scope", "conflict", "review")
"""Kinds of reasons that are about what it changed."""


def agent_head(view: View, row: Result) -> Html:
    anchor = view.anchor(row)
    parts = [f"wave {row.planned.wave}"]
    parts += [f"{len(row.attempts)} runs"] if row.attempts else []
    parts += [wording.duration(row.runtime_ms)] if row.runtime_ms is not None else []
    return html(
        '<section class=agent aria-labelledby="{}">\n<div class=head><h3 id="{}"{}>{}</h3>'
        "<p>{} <span class=soft>· {}</span></p></div>\n",
        anchor,
        anchor,
        Html(" class=problem") if needs_attention(row) else NONE,
        said(row.planned.id, HTML_NAME_CHARS),
        status_of(row),
        " · ".join(parts),
    )


def agent_body(view: View, row: Result, *, room: int, beside: Beside | None) -> Iterator[Html]:
    """Everything below its head. `room` is how many bytes its transcripts may take."""
    yield _reasons(row)
    if row.summary:
        yield html("<p>It says: {}</p>\n", said(row.summary, HTML_SUMMARY_CHARS))
    if row.status == "not_run":
        yield Html("<p class=soft>There is no answer, diff or transcript.</p>\n")
        yield part("Prompt", _prompt(row, view.evidence.of(row, row)), prints=False)
        yield part("About it", facts(view, row, None), prints=False)
        return
    kinds = {reason.kind for reason in row.reasons}
    anchor = view.anchor(row)
    chosen = next((run for run in row.attempts if run.selected), row.attempts[-1] if row.attempts else row)
    evidence = view.evidence.of(row, chosen)
    yield from _answer(row, anchor, explains=bool(kinds & {"contract", "declared", "verify", "assertion"}))
    yield from _last_words(row, explains=not kinds & {"contract", "declared", "verify", "assertion", *_DID, "checks"})
    if row.attempts:
        yield part(
            "Attempts" if row.pass_rate is None else "Repetitions",
            compared(row),
            beside=f"{len(row.attempts)}",
            open=True,
        )
        for run in row.attempts:
            yield _run_of_several(view, row, run, room=room // len(row.attempts), beside=beside)
    else:
        yield from _run(view, row, row, evidence, anchor, room=room, beside=beside)
    yield part("Usage", usage(row), beside=_usage_in_brief(row), prints=False)
    yield part("Prompt", _prompt(row, evidence), prints=False)
    yield part("About it", facts(view, row, evidence), prints=False)


def _reasons(row: Result) -> Html:
    if not row.reasons:
        return NONE
    shown = row.reasons[:REPORT_REASONS]
    lines = joined(
        html(
            "<li><span class=kind>{}</span> {}{}</li>\n",
            said(wording.reason_head(reason), MESSAGE_CHARS),
            said(reason.message, MESSAGE_CHARS),
            html("<br><span class=soft>{}</span>", said(reason.hint, MESSAGE_CHARS)) if reason.hint else NONE,
        )
        for reason in shown
    )
    more = max(len(row.reasons), row.violations) - len(shown)
    rest = html("<li class=soft>… and {}</li>\n", wording.number_of(more, "more reason")) if more > 0 else NONE
    return html("<ul class=reasons>\n{}{}</ul>\n", lines, rest)


def _answer(row: Result, anchor: str, *, explains: bool) -> Iterator[Html]:
    violations = [reason for reason in row.reasons if reason.kind == "contract"]
    if row.answer is not None:
        body = answer(row.answer, violations, of=row.planned.id[:HTML_NAME_CHARS])
        opened = explains or row.status == "success" or row.expected
        yield part("Answer", body, id=f"{anchor}-answer", open=opened)
    elif row.diagnostics.excerpt:
        body = html(
            "<p>Its final message begins:</p>\n{}",
            said_block("Final message", row.diagnostics.excerpt, chars=EXCERPT_CHARS),
        )
        yield part("Answer", body, beside="no JSON value", id=f"{anchor}-answer", open=True)
    else:
        yield part("Answer", Html("<p class=soft>There is no answer.</p>\n"), beside="none", id=f"{anchor}-answer")
    if violations:
        total = max(row.violations, len(violations))
        yield part(
            "Schema violations",
            violations_table(violations, total),
            beside=f"{total:,}",
            id=f"{anchor}-violations",
            open=True,
            bad=True,
        )


def _last_words(row: Result, *, explains: bool) -> Iterator[Html]:
    tail = row.diagnostics.stderr_tail.rstrip()
    if tail:
        yield part(
            "Standard error",
            said_block("Standard error, its end", tail, chars=HTML_BODY_CHARS),
            beside="its end",
            open=explains,
        )


def _run(
    view: View,
    row: Result,
    run: Result | Attempt,
    evidence: RunEvidence,
    anchor: str,
    *,
    room: int,
    beside: Beside | None,
) -> Iterator[Html]:
    yield from _checks(run, evidence)
    yield from _changes(row, run, evidence, anchor)
    yield _transcript(row, run, evidence, anchor, room=room, beside=beside)


def _run_of_several(view: View, row: Result, run: Attempt, *, room: int, beside: Beside | None) -> Html:
    anchor = f"{view.anchor(row)}-run-{run.number}"
    title = f"{'Attempt' if row.pass_rate is None else 'Repetition'} {run.number}"
    reasons = joined(
        html(
            "<li><span class=kind>{}</span> {}</li>\n",
            said(wording.reason_head(each), MESSAGE_CHARS),
            said(each.message, MESSAGE_CHARS),
        )
        for each in run.reasons[:REPORT_REASONS]
    )
    head = html("<p>{}</p>\n", status("expected" if run.expected else run.status))
    body = (
        joined(_run(view, row, run, view.evidence.of(row, run), anchor, room=room, beside=beside))
        if run.status != "not_run"
        else NONE
    )
    told = html("<ul class=reasons>{}</ul>\n", reasons) if reasons else NONE
    return part(
        title,
        html("{}{}{}", head, told, body),
        beside="selected" if run.selected and row.pass_rate is None else run.status.replace("_", " "),
        id=anchor,
    )


def _checks(run: Result | Attempt, evidence: RunEvidence) -> Iterator[Html]:
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
    told = joined(
        html("<li><span class=kind>checks</span> {}</li>\n", said(reason.message, MESSAGE_CHARS)) for reason in failed
    )
    bad = sum(check.exit_code != 0 for check in evidence.checks)
    beside = f"{len(evidence.checks) - bad} of {len(evidence.checks)} passed" if evidence.checks else ""
    yield part(
        "Checks",
        html("<ul class=reasons>\n{}{}</ul>\n", lines, told),
        beside=beside,
        open=bool(failed or bad),
        bad=bool(failed or bad),
    )


def _changes(row: Result, run: Result | Attempt, evidence: RunEvidence, anchor: str) -> Iterator[Html]:
    outside = {reason.at: reason.message for reason in run.reasons if reason.kind == "scope" and reason.at is not None}
    explains = any(reason.kind in _DID for reason in run.reasons)
    own = isinstance(run, Result) or run.selected
    changes = row.changes if own else ()
    note = html("<p>{}</p>\n", said(evidence.no_patch, MESSAGE_CHARS)) if evidence.no_patch else NONE
    if evidence.files:
        kinds = {change.path: change.kind for change in changes}
        body = joined(diff(evidence.files, outside, HTML_DIFF_ALL_LINES, kinds))
        beside = size_of(evidence.files)
    elif changes:
        body = html(
            "{}<p class=soft>As its transcript tells it; no patch is kept.</p>\n",
            told_changes(changes, outside, REPORT_REASONS * 10),
        )
        beside = wording.number_of(len(changes), "file")
    elif evidence.patched or (own and not row.planned.scope.write):
        body, beside = Html("<p class=soft>No files changed.</p>\n"), "none"
    else:
        body, beside = Html("<p class=soft>Changes were not recorded for this subagent.</p>\n"), "not recorded"
    lost = sorted(set(outside) - {file.path for file in evidence.files} - {change.path for change in changes})
    told = joined(
        html(
            "<li><span class=out>outside its scope</span> <span class=mono>{}</span></li>\n", said(path, MESSAGE_CHARS)
        )
        for path in lost
    )
    extra = html("<ul>\n{}</ul>\n", told) if lost else NONE
    beside += f", {len(outside):,} outside its scope" if outside else ""
    yield part(
        "Changes",
        html("{}{}{}", note, body, extra),
        beside=beside,
        id=f"{anchor}-changes",
        open=explains,
        bad=bool(outside),
    )


def _transcript(
    row: Result, run: Result | Attempt, evidence: RunEvidence, anchor: str, *, room: int, beside: Beside | None
) -> Html:
    if evidence.no_transcript:
        return part("Transcript", html("<p class=soft>{}</p>\n", evidence.no_transcript), beside="none", prints=False)
    shown = shown_transcript(evidence, anchor=anchor, name=row.planned.id[:HTML_NAME_CHARS], room=room, beside=beside)
    told = wording.number_of(shown.steps, "step") + (f", {shown.bad:,} failed" if shown.bad else "")
    unreadable = row.diagnostics.unreadable if isinstance(run, Result) else 0
    told += f", {unreadable:,} unreadable" if unreadable else ""
    paper = html("<p class=only-print>Transcript: {}, not printed.</p>\n", wording.number_of(shown.steps, "step"))
    return html("{}{}", paper, part("Transcript", shown.body, beside=told, id=f"{anchor}-transcript", prints=False))


def _prompt(row: Result, evidence: RunEvidence) -> Html:
    given = evidence.instructions or row.planned.task
    text = (
        said_block("Instructions", given, chars=HTML_TASK_CHARS)
        if given
        else Html("<p class=soft>Its instructions are not known.</p>\n")
    )
    command = f"{commands.show(row.planned.id)} --prompt"
    note = "As the workflow words it." if evidence.instructions else "Its task, in a line."
    return html("{}<p class=soft>{} The whole prompt: <span class=mono>{}</span></p>\n", text, note, command)


def _usage_in_brief(row: Result) -> str:
    tokens = wording.tokens(row.usage.input_tokens, row.usage.output_tokens)
    parts = [f"{tokens:,} tokens"] if tokens is not None else []
    parts += [wording.dollars(row.usage.usd)] if row.usage.usd is not None else []
    return ", ".join(parts) or "not reported"
