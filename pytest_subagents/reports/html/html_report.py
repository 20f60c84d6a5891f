"""report.html: the whole run on a page that opens by a double click, and what does not fit on pages beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pytest_subagents.model.evidence import Evidence, NoEvidence
from pytest_subagents.model.limits import HTML_NAME_CHARS
from pytest_subagents.model.report import Report
from pytest_subagents.model.result import Result
from pytest_subagents.reports import wording
from pytest_subagents.reports.html.about import about, merges
from pytest_subagents.reports.html.agent import agent_body, agent_head
from pytest_subagents.reports.html.beside import Beside
from pytest_subagents.reports.html.findings import findings
from pytest_subagents.reports.html.graph import graph
from pytest_subagents.reports.html.markup import NONE, Html, html, joined, said
from pytest_subagents.reports.html.room import Room, Share
from pytest_subagents.reports.html.shapes import status_words
from pytest_subagents.reports.html.shell import SIGNATURE, foot, page
from pytest_subagents.reports.html.table import table
from pytest_subagents.reports.html.timeline import timeline
from pytest_subagents.reports.html.verdict import attention, head, needs_attention, title
from pytest_subagents.reports.html.view import View
from pytest_subagents.reports.interface import Further, folder_beside


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
    room = Room()
    for each in _first(view, beside):
        room.take(each)
        yield each
    yield Html("<section aria-labelledby=each>\n<h2 id=each>Each subagent</h2>\n")
    left = len(view.rows)
    for row in view.rows:
        left -= 1
        section = _section(view, row, room, left, beside)
        room.take(section)
        yield section
    yield Html("</section>\n")
    yield from about(view)


def _first(view: View, beside: Beside | None) -> Iterator[Html]:
    yield from attention(view)
    yield from table(view)
    yield from timeline(view)
    yield from graph(view)
    yield from findings(view, beside)
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


def _section(view: View, row: Result, room: Room, left: int, beside: Beside | None) -> Html:
    if not room.has_a_section(left):
        return _elsewhere(view, row, beside)
    body = joined(agent_body(view, row, room=room.for_transcripts(left), beside=beside))
    back = Html('<p class=noprint><a href="#subagents">Back to the table</a></p>\n</section>\n')
    return html("{}{}{}", agent_head(view, row), body, back)


def _elsewhere(view: View, row: Result, beside: Beside | None) -> Html:
    """A line for whom the page has no room left: a link to all of it, where there is a page beside."""
    anchor, name = view.anchor(row), f"{view.anchor(row)}.html"
    told = ", ".join([status_words(row), *([wording.duration(row.runtime_ms)] if row.runtime_ms is not None else [])])
    shown = said(row.planned.id, HTML_NAME_CHARS)
    if beside is not None:
        parts = _all_of(view.from_beside(beside.back), row, beside.from_inside())
        beside.write(name, title=row.planned.id, anchor=anchor, parts=parts)
        shown = html('<a href="{}">{}</a>', beside.address(name), shown)
    bad = Html(" problem") if needs_attention(row) else NONE
    return html('<h3 class="agent line{}" id="{}">{} {}</h3>\n', bad, anchor, shown, told)


def _all_of(view: View, row: Result, beside: Beside) -> Iterator[Html]:
    yield Html("<h2>The subagent</h2>\n")
    yield agent_head(view, row)
    yield from agent_body(view, row, room=Share.of_its_own_page(), beside=beside)
    yield Html("</section>\n")
