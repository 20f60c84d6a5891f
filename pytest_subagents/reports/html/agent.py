"""One subagent: why it ended as it did, what it said, what it changed, what it cost, and all that it did."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pytest_subagents.model.attempts import Attempt
from pytest_subagents.model.evidence import RunEvidence
from pytest_subagents.model.limits import (
    EXCERPT_CHARS,
    HTML_BODY_CHARS,
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
from pytest_subagents.reports.html.changes import ABOUT_CHANGES, changes, checks
from pytest_subagents.reports.html.facts import facts, usage
from pytest_subagents.reports.html.fold import part, said_block
from pytest_subagents.reports.html.markup import NONE, Html, html, joined, said
from pytest_subagents.reports.html.room import Share
from pytest_subagents.reports.html.shapes import status, status_of
from pytest_subagents.reports.html.transcript import shown_transcript
from pytest_subagents.reports.html.verdict import needs_attention
from pytest_subagents.reports.html.view import View

_ABOUT_THE_ANSWER: Final = frozenset({"contract", "declared", "verify", "assertion"})
"""Kinds of reasons that are about what it said."""


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


def agent_body(view: View, row: Result, *, room: Share, beside: Beside | None) -> Iterator[Html]:
    """Everything below its head. `room` is what its transcripts may take."""
    yield _reasons(row)
    if row.summary:
        yield html("<p>It says: {}</p>\n", said(row.summary, HTML_SUMMARY_CHARS))
    if row.status == "not_run":
        yield Html("<p class=soft>There is no answer, diff or transcript.</p>\n")
        yield _prompt(row, view.evidence.of(row, row))
        yield part("About it", facts(view, row, None), prints=False)
        return
    kinds = {reason.kind for reason in row.reasons}
    anchor = view.anchor(row)
    chosen = next((run for run in row.attempts if run.selected), row.attempts[-1] if row.attempts else row)
    evidence = view.evidence.of(row, chosen)
    yield from _answer(row, anchor, explains=bool(kinds & _ABOUT_THE_ANSWER))
    yield from _last_words(row, explains=not kinds & {*_ABOUT_THE_ANSWER, *ABOUT_CHANGES, "checks"})
    if row.attempts:
        yield part(
            "Attempts" if row.pass_rate is None else "Repetitions",
            compared(row),
            beside=f"{len(row.attempts)}",
            open=True,
        )
        for run in row.attempts:
            yield _run_of_several(view, row, run, room=room.split(len(row.attempts)), beside=beside)
    else:
        yield from _run(view, row, row, evidence, anchor, room=room, beside=beside)
    yield part("Usage", usage(row), beside=_usage_in_brief(row), prints=False)
    yield _prompt(row, evidence)
    yield part("About it", facts(view, row, evidence), prints=False)


def _reasons(row: Result) -> Html:
    if not row.reasons:
        return NONE
    shown = row.reasons[:REPORT_REASONS]
    lines = joined(
        html(
            "<li><b>{}:</b> {}{}</li>\n",
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
    room: Share,
    beside: Beside | None,
) -> Iterator[Html]:
    yield from checks(run, evidence)
    yield changes(row, run, evidence, anchor, beside=beside)
    yield _transcript(row, run, evidence, anchor, room=room, beside=beside)


def _run_of_several(view: View, row: Result, run: Attempt, *, room: Share, beside: Beside | None) -> Html:
    anchor = f"{view.anchor(row)}-run-{run.number}"
    title = f"{'Attempt' if row.pass_rate is None else 'Repetition'} {run.number}"
    reasons = joined(
        html(
            "<li><b>{}:</b> {}</li>\n",
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


def _transcript(
    row: Result, run: Result | Attempt, evidence: RunEvidence, anchor: str, *, room: Share, beside: Beside | None
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
    """What it was asked, and the whole prompt, or why that is not known."""
    given = evidence.instructions or row.planned.task
    asked = said_block("Instructions", given, chars=HTML_TASK_CHARS) if given else NONE
    if evidence.prompt:
        words = wording.number_of(len(evidence.prompt.split()), "word")
        whole = said_block("Prompt", evidence.prompt, chars=HTML_TASK_CHARS, folds=False)
        body = html("{}<details><summary>The whole prompt</summary>{}</details>\n", asked, whole)
        return part("Prompt", body, beside=words, prints=False)
    command = html(" The whole prompt: <span class=mono>{}</span>", f"{commands.show(row.planned.id)} --prompt")
    why = evidence.no_prompt or "Its prompt is not known."
    body = html("{}<p class=soft>{}{}</p>\n", asked, why, command if evidence.instructions else NONE)
    known = "its instructions" if evidence.instructions else "its task in a line" if given else "not known"
    return part("Prompt", body, beside=known, prints=False)


def _usage_in_brief(row: Result) -> str:
    tokens = wording.tokens(row.usage.input_tokens, row.usage.output_tokens)
    parts = [f"{tokens:,} tokens"] if tokens is not None else []
    parts += [wording.dollars(row.usage.usd)] if row.usage.usd is not None else []
    return ", ".join(parts) or "not reported"
