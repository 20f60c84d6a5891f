"""The table of all subagents, the worst first; a script adds sorting and a filter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from pytest_subagents.model.limits import HTML_NAME_CHARS, HTML_TABLE_ROWS
from pytest_subagents.model.result import Result
from pytest_subagents.model.value import Value
from pytest_subagents.reports import wording
from pytest_subagents.reports.html.markup import NONE, Html, html, joined, plain, said
from pytest_subagents.reports.html.shapes import WORDS, shape, status_of
from pytest_subagents.reports.html.verdict import why
from pytest_subagents.reports.html.view import View

_ORDER: Final = ("failed", "not_run", "partial", "expected", "success")
_TEXTS: Final = (("status", "Status"), ("name", "Subagent"), ("", "Reason, or what it says"), ("vendor", "Vendor"))


class _Column(Value, frozen=True, kw_only=True):
    """Numbers, of which an unknown one is None."""

    name: str
    title: str
    value: Callable[[Result], int | float | None]
    shown: Callable[[Result], str]
    usual: int | None = None
    """The value that says nothing: where every row has it or none, the column is left out."""


_COLUMNS: Final = (
    _Column(
        name="wave",
        title="Wave",
        value=lambda row: row.planned.wave,
        shown=lambda row: f"{row.planned.wave:,}",
        usual=1,
    ),
    _Column(
        name="runs",
        title="Runs",
        value=lambda row: len(row.attempts) or None,
        shown=lambda row: f"{len(row.attempts):,}",
    ),
    _Column(
        name="findings",
        title="Findings",
        value=lambda row: len(row.findings),
        shown=lambda row: f"{len(row.findings):,}",
        usual=0,
    ),
    _Column(
        name="changes",
        title="Changes",
        value=lambda row: len(row.changes),
        shown=lambda row: f"{len(row.changes):,}",
        usual=0,
    ),
    _Column(
        name="time", title="Time", value=lambda row: row.runtime_ms, shown=lambda row: wording.duration(row.runtime_ms)
    ),
    _Column(name="tokens", title="Tokens", value=lambda row: _tokens(row), shown=lambda row: f"{_tokens(row):,}"),
    _Column(
        name="cost",
        title="Cost",
        value=lambda row: None if row.usage.usd is None else round(row.usage.usd, 9),
        shown=lambda row: wording.dollars(row.usage.usd),
    ),
)


def table(view: View) -> Iterator[Html]:
    columns = [column for column in _COLUMNS if any(column.value(row) not in (None, column.usual) for row in view.rows)]
    texts = joined(
        html("<th scope=col data-sort={}>{}</th>", name, title) if name else html("<th scope=col>{}</th>", title)
        for name, title in _TEXTS
    )
    numbers = joined(html("<th class=n scope=col data-sort={}>{}</th>", each.name, each.title) for each in columns)
    yield Html("<section aria-labelledby=subagents>\n<h2 id=subagents>Subagents</h2>\n")
    yield _tools(view)
    yield Html('<div class=scroll tabindex=0 role=group aria-label="Table of subagents, scrolls sideways">\n')
    yield html("<table id=subagents-table>\n<thead><tr>{}{}</tr></thead>\n<tbody>\n", texts, numbers)
    for row in view.rows[:HTML_TABLE_ROWS]:
        yield _row(view, row, columns)
    yield Html("</tbody></table></div>\n")
    hidden = len(view.rows) - HTML_TABLE_ROWS
    if hidden > 0:
        yield html('<p>… and {}, <a href="#each">below</a>.</p>\n', wording.number_of(hidden, "more subagent"))
    yield Html("</section>\n")


def _tools(view: View) -> Html:
    """A filter in words, and one for each status that there is."""
    counts = Counter(wording.word(row) for row in view.rows)
    buttons = joined(
        html(
            "<button type=button data-q=s:{} aria-pressed=false><span class=s-{}>{}</span>{} <b>{}</b></button>\n",
            word,
            word,
            shape(word),
            WORDS[word],
            f"{counts[word]:,}",
        )
        for word in _ORDER
        if counts[word]
    )
    return html(
        '<div class="tools js noprint" hidden>\n<label>Filter <input id=filter type=search autocomplete=off '
        'spellcheck=false placeholder="name, reason, s:failed or v:codex"></label>\n'
        "<span class=quick>{}</span><button type=button id=clear hidden>Clear filter</button>"
        "<span id=shown class=soft role=status></span></div>\n",
        buttons if len(counts) > 1 else NONE,
    )


def _row(view: View, row: Result, columns: Sequence[_Column]) -> Html:
    word = wording.word(row)
    vendor = (row.vendor or "")[:HTML_NAME_CHARS]
    told = why(row) if row.reasons and row.status != "success" else said(row.summary, HTML_NAME_CHARS)
    return html(
        '<tr data-s={} data-v="{}"><td data-n={}>{}</td><th scope=row class=name data-n="{}">{}</th>'
        '<td class=why>{}</td><td class=who data-n="{}">{}</td>{}</tr>\n',
        word,
        plain(vendor),
        _ORDER.index(word),
        status_of(row),
        plain(row.planned.id[:HTML_NAME_CHARS].lower()),
        view.link(row),
        told if row.summary or row.reasons else wording.NOTHING,
        plain(vendor),
        said(vendor, HTML_NAME_CHARS) if vendor else wording.NOTHING,
        joined(_number(column, row) for column in columns),
    )


def _number(column: _Column, row: Result) -> Html:
    value = column.value(row)
    if value is None:
        return html('<td class="n soft" data-n="">{}</td>', wording.NOTHING)
    return html('<td class=n data-n="{}">{}</td>', str(value), column.shown(row))


def _tokens(row: Result) -> int | None:
    return wording.tokens(row.usage.input_tokens, row.usage.output_tokens)
