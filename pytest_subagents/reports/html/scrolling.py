"""What may be wider than the page scrolls in a box of its own, which the keyboard reaches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pytest_subagents.reports.html.markup import Html, html, joined, plain


def scrolling(label: str, body: Html) -> Html:
    return html(
        '<div class=scroll tabindex=0 role=group aria-label="{}, scrolls sideways">\n{}</div>\n', plain(label), body
    )


def scrolling_table(label: str, columns: Sequence[str], rows: Iterable[Html]) -> Html:
    """A table with these columns; one whose name begins with `#` holds numbers."""
    heads = joined(
        html("<th class=n scope=col>{}</th>", name[1:]) if name.startswith("#") else html("<th scope=col>{}</th>", name)
        for name in columns
    )
    return scrolling(label, html("<table><thead><tr>{}</tr></thead>\n<tbody>\n{}</tbody></table>", heads, joined(rows)))
