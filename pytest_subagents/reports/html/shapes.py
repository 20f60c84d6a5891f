"""Statuses and severities as people see them: always a shape, a word and a colour."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pytest_subagents.model.result import Result
from pytest_subagents.model.severity import known_severity
from pytest_subagents.reports import wording
from pytest_subagents.reports.html.markup import Html, html

WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {"success": "Success", "partial": "Partial", "failed": "Failed", "not_run": "Not run", "expected": "As expected"}
)
SHAPES: Final = Html(
    "<svg class=shapes width=0 height=0 aria-hidden=true focusable=false>"
    '<symbol id=i-success viewBox="0 0 16 16"><circle cx=8 cy=8 r=7 fill="currentColor"></circle>'
    '<path d="M4.5 8.2l2.3 2.4 4.6-5" stroke="Canvas" stroke-width=2 fill="none"></path></symbol>'
    '<symbol id=i-partial viewBox="0 0 16 16">'
    '<circle cx=8 cy=8 r=6.2 fill="none" stroke="currentColor" stroke-width=1.8></circle>'
    '<path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor"></path></symbol>'
    '<symbol id=i-failed viewBox="0 0 16 16"><rect x=1 y=1 width=14 height=14 rx=2 fill="currentColor"></rect>'
    '<path d="M5 5l6 6M11 5l-6 6" stroke="Canvas" stroke-width=2 fill="none"></path></symbol>'
    '<symbol id=i-not_run viewBox="0 0 16 16">'
    '<circle cx=8 cy=8 r=6.2 fill="none" stroke="currentColor" stroke-width=1.6 stroke-dasharray="2.4 2"></circle>'
    '<path d="M5 8h6" stroke="currentColor" stroke-width=1.8 fill="none"></path></symbol>'
    '<symbol id=i-expected viewBox="0 0 16 16">'
    '<circle cx=8 cy=8 r=6.2 fill="none" stroke="currentColor" stroke-width=1.6></circle>'
    '<path d="M4.8 6.4h6.4M4.8 9.6h6.4" stroke="currentColor" stroke-width=1.8 fill="none"></path></symbol></svg>'
)
_BARS: Final[Mapping[str, int]] = MappingProxyType({"critical": 4, "high": 3, "medium": 2, "low": 1, "info": 0})


def shape(name: str) -> Html:
    return html('<svg class=ic aria-hidden=true focusable=false><use href="#i-{}"></use></svg>', name)


def status(word: str, shown: str = "") -> Html:
    """A status with its word, or with another one."""
    return html('<span class="st s-{}">{}{}</span>', word, shape(word), shown or WORDS[word])


def status_of(row: Result) -> Html:
    return status(wording.word(row), status_words(row))


def status_words(row: Result) -> str:
    """How it came out, and that this was expected where it was."""
    return f"{WORDS[row.status]}, as expected" if row.expected else WORDS[row.status]


def passed(ok: bool | None) -> Html:
    """The shape and the word of something that was checked; None is not known."""
    if ok is None:
        return status("not_run", "not run")
    return status("success", "passed") if ok else status("failed", "failed")


def severity(name: str) -> Html:
    """Its word; the style sheet draws as many bars before it as it is bad."""
    known = known_severity(name)
    return html("<span class=level data-bars={}>{}</span>", _BARS.get(known, 0), known.capitalize())
