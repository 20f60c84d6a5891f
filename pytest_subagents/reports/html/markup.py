"""HTML that is known to be safe, as a type of its own: nothing becomes `Html` but by these functions.

Plain Python rather than jinja2: a page of 1,000 subagents is written as it is made, part by part, and mypy sees what
is text and what is markup. The tests hold that every template is a literal, and that nothing else makes `Html`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pytest_subagents.reports import escape
from pytest_subagents.reports.escape import cut


class Html(str):
    """Markup. A `str` besides, so that it can be written as it is."""

    __slots__ = ()


NONE: Final = Html("")


def html(template: str, *values: Html | str | int) -> Html:
    """`template`, a literal, with each `{}` replaced: text is escaped, `Html` stands as it is."""
    return Html(template.format(*[each if isinstance(each, Html) else text(str(each)) for each in values]))


def joined(parts: Iterable[Html], between: Html = NONE) -> Html:
    return Html(between.join(parts))


def text(value: str) -> Html:
    """Our own words, or anybody's, on one line."""
    return Html(escape.html(value))


def block(value: str) -> Html:
    """Anybody's text of several lines, for a `pre`."""
    return Html(escape.html(value, multiline=True))


def plain(value: str) -> Html:
    """Anybody's text where no tags are allowed: a quoted attribute, a title, a label of a drawing."""
    return Html(escape.html_plain(value))


def said(value: str, chars: int) -> Html:
    """What an agent, a vendor or a file said, on one line: its first `chars` characters, in a direction of its own.

    ASCII has no letter that is written from right to left, so it turns nothing beside it and needs no element for that.
    """
    shown = cut(value, chars)
    return text(shown) if value.isascii() else html("<bdi>{}</bdi>", shown)
