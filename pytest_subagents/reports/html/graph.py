"""Who needs whom: columns are waves, and a list says the same in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from pytest_subagents.model.limits import HTML_LISTED_NEEDS, HTML_NODES
from pytest_subagents.model.result import Result
from pytest_subagents.model.value import Value
from pytest_subagents.reports import wording
from pytest_subagents.reports.cells import fit_end
from pytest_subagents.reports.html.markup import NONE, Html, html, joined, plain
from pytest_subagents.reports.html.scrolling import scrolling
from pytest_subagents.reports.html.shapes import WORDS
from pytest_subagents.reports.html.view import View

_COLUMN: Final = 240
_BOX: Final = 176
_ROW: Final = 46
_TOP: Final = 30
_NAME_CELLS: Final = 17
_PATH: Final = 12
"""Subagents of the critical path that are named."""


class _Edge(Value, frozen=True, kw_only=True):
    before: Result
    after: Result
    needed: bool
    """Else both only write one path."""


def graph(view: View) -> Iterator[Html]:
    rows = view.report.agents
    edges = list(_edges(view))
    waves: dict[int, list[Result]] = defaultdict(list)
    for row in rows:
        waves[row.planned.wave].append(row)
    path = [view.by_nodeid[nodeid] for nodeid in view.schedule.critical if nodeid in view.by_nodeid]
    yield Html("<section aria-labelledby=dependencies>\n<h2 id=dependencies>Dependencies</h2>\n")
    if not edges:
        yield Html("<p class=soft>No subagent needs another one.</p>\n")
    if len(path) > 1:
        links = [view.link(row) for row in path]
        if len(links) > _PATH:
            links[_PATH - 2 : -1] = [html("{} more", len(links) - _PATH + 1)]
        told = joined(links, Html(" → "))
        yield html("<p>Critical path: {}, {}.</p>\n", told, wording.duration(view.schedule.critical_ms))
    if len(waves) > 1 and len(rows) <= HTML_NODES:
        yield _drawing(view, waves, edges, path)
    elif len(waves) > 1:
        for wave in sorted(waves)[:HTML_LISTED_NEEDS]:
            yield html("<p>Wave {}: {}.</p>\n", wave, wording.number_of(len(waves[wave]), "subagent"))
    if edges:
        yield from _as_list(view, edges)
    yield Html("</section>\n")


def _edges(view: View) -> Iterator[_Edge]:
    for row in view.report.agents:
        nodeid = row.planned.nodeid
        others = ((need, True) for need in row.planned.needs)
        apart = ((other, False) for other in view.schedule.apart.get(nodeid, ()))
        for other, needed in (*others, *apart):
            if other in view.by_nodeid:
                yield _Edge(before=view.by_nodeid[other], after=row, needed=needed)


def _as_list(view: View, edges: Sequence[_Edge]) -> Iterator[Html]:
    by_row: dict[str, list[_Edge]] = defaultdict(list)
    for edge in edges:
        by_row[edge.after.planned.nodeid].append(edge)
    yield Html("<details class=part><summary>Dependencies as a list</summary><div><ul>\n")
    for group in list(by_row.values())[:HTML_LISTED_NEEDS]:
        needs = [edge for edge in group if edge.needed]
        apart = [edge for edge in group if not edge.needed]
        told = [html("needs {}", _others(view, needs))] if needs else []
        told += [html("waits for {}: both write one path", _others(view, apart))] if apart else []
        yield html("<li>{} {}</li>\n", view.link(group[0].after), joined(told, Html("; ")))
    more = len(by_row) - HTML_LISTED_NEEDS
    rest = html("<li class=soft>… and {}.</li>\n", wording.number_of(more, "more subagent")) if more > 0 else NONE
    yield html("{}</ul></div></details>\n", rest)


def _others(view: View, edges: Sequence[_Edge]) -> Html:
    named = (html("{} ({})", view.link(edge.before), WORDS[edge.before.status].lower()) for edge in edges)
    return joined(named, Html(", "))


def _drawing(view: View, waves: dict[int, list[Result]], edges: Sequence[_Edge], path: Sequence[Result]) -> Html:
    columns = sorted(waves)
    places = {
        row.planned.nodeid: (4 + column * _COLUMN, _TOP + number * _ROW)
        for column, wave in enumerate(columns)
        for number, row in enumerate(waves[wave])
    }
    width = 8 + (len(columns) - 1) * _COLUMN + _BOX
    height = _TOP + _ROW * max((len(rows) for rows in waves.values()), default=0)
    critical = [row.planned.nodeid for row in path] if len(path) > 1 else []
    steps = set(pairwise(critical))
    parts = [
        html("<text class=dim x={} y=16>Wave {}</text>", 4 + at * _COLUMN, wave) for at, wave in enumerate(columns)
    ]
    for edge in edges:
        both = edge.before.planned.nodeid, edge.after.planned.nodeid
        parts.append(_drawn(places, edge, critical=both in steps))
    for row in view.report.agents:
        nodeid = row.planned.nodeid
        parts.append(_node(view, row, places[nodeid], critical=nodeid in critical))
    label = f"Dependencies in {wording.number_of(len(columns), 'wave')}"
    drawing = html(
        '<svg width={} height={} viewBox="0 0 {} {}" role=group aria-label="{}">\n{}</svg>\n',
        width,
        height,
        width,
        height,
        label,
        joined(parts),
    )
    return scrolling("Dependencies", drawing)


def _drawn(places: dict[str, tuple[int, int]], edge: _Edge, *, critical: bool) -> Html:
    (x, y), (to_x, to_y) = places[edge.before.planned.nodeid], places[edge.after.planned.nodeid]
    x, y, to_y = x + _BOX, y + 16, to_y + 16
    blocks = edge.needed and edge.before.status in ("failed", "not_run")
    line = html(
        '<path class="edge{}{}{}" d="M{} {}C{} {} {} {} {} {}"></path>',
        " crit" if critical else "",
        " dead" if blocks else "",
        "" if edge.needed else " apart",
        x,
        y,
        x + 34,
        y,
        to_x - 34,
        to_y,
        to_x - (6 if blocks else 0),
        to_y,
    )
    return html('{}<path class=edge d="M{} {}v12"></path>\n', line, to_x - 5, to_y - 6) if blocks else line


def _node(view: View, row: Result, place: tuple[int, int], *, critical: bool) -> Html:
    x, y = place
    word, shown = wording.word(row), fit_end(row.planned.id, _NAME_CELLS)
    whole = "" if shown == row.planned.id else f", {row.planned.id[:_BOX]}"
    return html(
        '<a href="#{}" aria-label="{}: {}{}"><rect class="node{}" x={} y={} width={} height=32 rx=6></rect>'
        '<g class=s-{}><svg x={} y={} width=16 height=16><use href="#i-{}"></use></svg></g>'
        "<text x={} y={}>{}</text></a>\n",
        view.anchor(row),
        plain(shown),
        WORDS[word],
        plain(whole),
        " crit" if critical else "",
        x,
        y,
        _BOX,
        word,
        x + 9,
        y + 8,
        word,
        x + 32,
        y + 21,
        plain(shown),
    )
