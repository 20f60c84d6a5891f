"""The table of all subagents, the worst first; a script adds sorting and a filter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pytest_subagents.model.limits import HTML_NAME_CHARS, HTML_TABLE_ROWS
from pytest_subagents.model.result import Result
from pytest_subagents.reports import wording
from pytest_subagents.reports.html.markup import Html, html, plain, said
from pytest_subagents.reports.html.shapes import status_of
from pytest_subagents.reports.html.verdict import needs_attention, why
from pytest_subagents.reports.html.view import View

_ORDER: Final = ("failed", "not_run", "partial", "expected", "success")
_NOTHING: Final = Html("<span class=soft>–</span>")


def table(view: View) -> Iterator[Html]:
    yield Html(
        """<section aria-labelledby=subagents>
<h2 id=subagents>Subagents</h2>
<p class="tools js noprint" hidden><label>Filter <input id=filter type=search placeholder="name, reason, s:failed or v:codex" """
        """autocomplete=off spellcheck=false></label><button type=button id=clear hidden>Clear filter</button>"""
        """<span id=shown class=soft role=status></span></p>
<div class=scroll tabindex=0 role=group aria-label="Table of subagents, scrolls sideways">
<table id=subagents-table>
<thead><tr><th scope=col data-sort=status>Status</th><th scope=col data-sort=name>Subagent</th>"""
        """<th scope=col>Reason, or what it says</th><th scope=col data-sort=vendor>Vendor</th>"""
        """<th class=n scope=col data-sort=wave>Wave</th><th class=n scope=col data-sort=runs>Runs</th>"""
        """<th class=n scope=col data-sort=findings>Findings</th><th class=n scope=col data-sort=changes>Changes</th>"""
        """<th class=n scope=col data-sort=time>Time</th><th class=n scope=col data-sort=tokens>Tokens</th>"""
        """<th class=n scope=col data-sort=cost>Cost</th></tr></thead>
<tbody>
"""
    )
    for row in view.rows[:HTML_TABLE_ROWS]:
        yield _row(view, row)
    yield Html("</tbody></table></div>\n")
    hidden = len(view.rows) - HTML_TABLE_ROWS
    if hidden > 0:
        yield html("<p>… and {}, in report.json.</p>\n", wording.number_of(hidden, "more subagent"))
    yield Html("</section>\n")


def _row(view: View, row: Result) -> Html:
    word = wording.word(row)
    usage = row.usage
    tokens = wording.tokens(usage.input_tokens, usage.output_tokens)
    told = why(row) if row.reasons and row.status != "success" else said(row.summary, HTML_NAME_CHARS)
    return html(
        '<tr data-s={} data-v="{}"><td data-n={}>{}</td><th scope=row class=name data-n="{}">{}</th>'
        '<td class=why>{}</td><td data-n="{}">{}</td>{}{}{}{}{}{}{}</tr>\n',
        word,
        plain((row.vendor or "")[:HTML_NAME_CHARS]),
        _ORDER.index(word),
        status_of(row) if not needs_attention(row) else status_of(row),
        plain(row.planned.id[:HTML_NAME_CHARS].lower()),
        view.link(row),
        told if row.summary or row.reasons else _NOTHING,
        plain((row.vendor or "")[:HTML_NAME_CHARS]),
        said(row.vendor, HTML_NAME_CHARS) if row.vendor else _NOTHING,
        _number(row.planned.wave, f"{row.planned.wave:,}"),
        _number(
            len(row.runs) if row.status != "not_run" else 0, f"{len(row.runs):,}" if row.status != "not_run" else "0"
        ),
        _number(len(row.findings), f"{len(row.findings):,}"),
        _number(len(row.changes), f"{len(row.changes):,}"),
        _number(row.runtime_ms, wording.duration(row.runtime_ms)),
        _number(tokens, f"{tokens:,}" if tokens is not None else ""),
        _number(None if usage.usd is None else round(usage.usd, 9), wording.dollars(usage.usd)),
    )


def _number(value: int | float | None, shown: str) -> Html:
    if value is None:
        return html('<td class=n data-n="">{}</td>', _NOTHING)
    return html('<td class=n data-n="{}">{}</td>', str(value), shown)
