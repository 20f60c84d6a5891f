"""report.html: the whole run on a page that opens by a double click, and what does not fit on pages beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from pytest_subagents.model.evidence import Evidence, NoEvidence
from pytest_subagents.model.limits import (
    HTML_AGENT_BYTES,
    HTML_BYTES,
    HTML_ELEMENTS,
    HTML_SIDE_BYTES,
)
from pytest_subagents.model.report import Report
from pytest_subagents.model.result import Result
from pytest_subagents.reports.html.about import about, merges
from pytest_subagents.reports.html.agent import agent_body, agent_head
from pytest_subagents.reports.html.beside import Beside
from pytest_subagents.reports.html.findings import findings
from pytest_subagents.reports.html.graph import graph
from pytest_subagents.reports.html.markup import Html, html, joined
from pytest_subagents.reports.html.shell import SIGNATURE, foot, page
from pytest_subagents.reports.html.table import table
from pytest_subagents.reports.html.timeline import timeline
from pytest_subagents.reports.html.verdict import attention, head, title
from pytest_subagents.reports.html.view import View
from pytest_subagents.reports.interface import Further, folder_beside

_SECTION_ELEMENTS: Final = 90
_SECTION_BYTES: Final = 10_000
"""What one subagent mostly takes without its transcripts."""
_LINK_ELEMENTS: Final = 12
_LINK_BYTES: Final = 800
"""What one takes that has a page of its own."""
_ELEMENT_BYTES: Final = 45
"""What an element of a transcript mostly takes."""


class HtmlReport:
    """Pages in which nothing that an agent says is markup; they load nothing, and read without a script."""

    name = "html"
    suffix = ".html"
    mark = SIGNATURE

    def render(self, report: Report) -> str:
        return "".join(self.parts(report))

    def parts(self, report: Report) -> Iterator[str]:
        """The main page alone, from nothing but the report."""
        return self.pages(report, NoEvidence(), name="report.html", further=None)

    def pages(self, report: Report, evidence: Evidence, *, name: str, further: Further | None) -> Iterator[str]:
        view = View(report, evidence)
        written: list[str] = []
        beside = Beside(further=_counted(further, written), main=name) if further is not None else None
        yield from page(title(view), head=head(view), body=_body(view, beside))
        yield from foot(folder_beside(name) if written else "")


def _counted(further: Further, written: list[str]) -> Further:
    """`further`, which leaves in `written` that there is a page."""

    def count(name: str, parts: Iterable[str]) -> None:
        written[:] = [name]
        further(name, parts)

    return count


def _body(view: View, beside: Beside | None) -> Iterator[Html]:
    yield _navigation(view)
    yield Html("</header>\n<main id=main>\n")
    room = _Room()
    for each in _first(view):
        room.take(each)
        yield each
    yield Html("<section aria-labelledby=each>\n<h2 id=each>Each subagent</h2>\n")
    left = len(view.rows)
    for row in view.rows:
        yield agent_head(view, row)
        left -= 1
        section = _section(view, row, room, left, beside)
        room.take(section)
        yield section
        yield Html("</section>\n")
    yield Html("</section>\n")
    yield from about(view)


def _first(view: View) -> Iterator[Html]:
    yield from attention(view)
    yield from table(view)
    yield from timeline(view)
    yield from graph(view)
    yield from findings(view)
    yield from merges(view)


def _navigation(view: View) -> Html:
    parts = [
        ("attention", "Needs attention"),
        ("subagents", "Subagents"),
        ("timeline", "Timeline"),
        ("dependencies", "Dependencies"),
    ]
    parts += [("findings", "Findings")]
    parts += [("merges", "Merges")] if view.report.merges else []
    parts += [("each", "Each subagent"), ("about", "About this run")]
    links = joined(html('<a href="#{}">{}</a>\n', anchor, name) for anchor, name in parts)
    return html('<nav class=parts aria-label="Parts of the report">\n{}</nav>\n', links)


class _Room:
    """What the main page still takes."""

    def __init__(self) -> None:
        self._bytes = HTML_BYTES
        self._elements = HTML_ELEMENTS

    def take(self, text: Html) -> None:
        self._bytes -= len(text)
        self._elements -= text.count("<") - text.count("</")

    def has_a_section(self, left: int) -> bool:
        """Whether one more subagent stands here, if each of `left` others has at least a link."""
        return (
            self._bytes - left * _LINK_BYTES >= _SECTION_BYTES
            and self._elements - left * _LINK_ELEMENTS >= _SECTION_ELEMENTS
        )

    def for_transcripts(self, left: int) -> int:
        """Bytes for those of one subagent, if `left` others are to have as many."""
        elements = self._elements // (left + 1) - _SECTION_ELEMENTS
        share = min(self._bytes // (left + 1), elements * _ELEMENT_BYTES)
        return max(0, min(share, HTML_AGENT_BYTES))


def _section(view: View, row: Result, room: _Room, left: int, beside: Beside | None) -> Html:
    if room.has_a_section(left):
        body = joined(agent_body(view, row, room=room.for_transcripts(left), beside=beside))
        return html('{}<p class=noprint><a href="#subagents">Back to the table</a></p>\n', body)
    return _elsewhere(view, row, beside)


def _elsewhere(view: View, row: Result, beside: Beside | None) -> Html:
    """For whom the page has no room left."""
    if beside is None:
        return Html(
            "<p class=soft>This page has no room for more of it. "
            "A report that is written to a file has it beside it.</p>\n"
        )
    anchor, name = view.anchor(row), f"{view.anchor(row)}.html"
    parts = _all_of(view.from_beside(beside.back), row, beside.from_inside())
    beside.write(name, title=row.planned.id, anchor=anchor, parts=parts)
    return html('<p>All of it is on <a href="{}">a page of its own</a>.</p>\n', beside.address(name))


def _all_of(view: View, row: Result, beside: Beside) -> Iterator[Html]:
    yield Html("<h2>The subagent</h2>\n")
    yield agent_head(view, row)
    yield from agent_body(view, row, room=HTML_SIDE_BYTES, beside=beside)
    yield Html("</section>\n")
