"""What folds: a part of a subagent, and a text of which head and tail are shown."""

from __future__ import annotations

from pytest_subagents.model.limits import HTML_HEAD_LINES, HTML_TAIL_LINES
from pytest_subagents.reports.html.markup import NONE, Html, block, html, plain

_FEW: int = HTML_HEAD_LINES + HTML_TAIL_LINES + 5
"""Lines that are not worth a fold."""


def part(
    title: str,
    body: Html,
    *,
    beside: str = "",
    open: bool = False,
    prints: bool = True,
    id: str = "",
    bad: bool = False,
) -> Html:
    """A part of a subagent under a heading that folds. Its `id` stands inside: a link to it unfolds it."""
    return html(
        '<details class="part{}{}"{}><summary><h4>{}</h4> <span class=soft>{}</span></summary>'
        "<div{}>\n{}</div></details>\n",
        " prints" if prints else "",
        " problem" if bad else "",
        Html(" open") if open else NONE,
        title,
        beside,
        html(' id="{}"', id) if id else NONE,
        body,
    )


def said_block(label: str, text: str, *, chars: int, folds: bool = True) -> Html:
    """Anybody's text of any length: at most `chars` characters of it; what folds shows head and tail of its lines."""
    note = NONE
    if len(text) > chars:
        head, tail = chars * 3 // 4, chars // 4
        left_out = len(text) - head - tail
        text = f"{text[:head]}\n… {left_out:,} characters left out …\n{text[-tail:]}"
        note = html(
            "<p class=soft>Shown are {} of {} characters.</p>\n", f"{head + tail:,}", f"{head + tail + left_out:,}"
        )
    lines = text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    if len(lines) <= _FEW or not folds:
        return html("{}{}", _pre(label, text.removesuffix("\n")), note)
    middle = lines[HTML_HEAD_LINES:-HTML_TAIL_LINES]
    return html(
        "{}<details class=rest><summary>Showing {} of {} lines. Show the other {}</summary>{}</details>{}{}",
        _pre(label, "\n".join(lines[:HTML_HEAD_LINES])),
        HTML_HEAD_LINES + HTML_TAIL_LINES,
        f"{len(lines):,}",
        f"{len(middle):,}",
        _pre(f"{label}, its middle", "\n".join(middle)),
        _pre(f"{label}, its end", "\n".join(lines[-HTML_TAIL_LINES:])),
        note,
    )


def _pre(label: str, text: str) -> Html:
    shown = block(text) if text.isascii() else html("<bdi>{}</bdi>", block(text))
    return html('<pre tabindex=0 role=group aria-label="{}">{}</pre>\n', plain(label), shown)
