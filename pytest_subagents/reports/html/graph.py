"""Who needs whom: columns are waves, and a list says the same in words."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from pytest_subagents.model.limits import HTML_NODES, HTML_TABLE_ROWS
from pytest_subagents.model.result import Result
from pytest_subagents.reports import wording
from pytest_subagents.reports.cells import fit_end
from pytest_subagents.reports.html.markup import Html, html, joined, plain
from pytest_subagents.reports.html.shapes import WORDS
from pytest_subagents.reports.html.view import View

_COLUMN: Final = 240
_BOX: Final = 176
_ROW: Final = 46
_TOP: Final = 30
_NAME_CELLS: Final = 17


def graph(view: View) -> Iterator[Html]:
    yield Html("<section aria-labelledby=dependencies>\n<h2 id=dependencies>Dependencies</h2>\n")
    rows = view.report.agents
    needs = {
        row.planned.nodeid: [view.by_nodeid[need] for need in row.planned.needs if need in view.by_nodeid]
        for row in rows
    }
    if not any(needs.values()):
        yield Html("<p class=soft>No subagent needs another one.</p>\n")
    waves: dict[int, list[Result]] = defaultdict(list)
    for row in rows:
        waves[row.planned.wave].append(row)
    path = [view.by_nodeid[nodeid] for nodeid in view.schedule.critical if nodeid in view.by_nodeid]
    if len(path) > 1:
        told = joined((view.link(row) for row in path), Html(" → "))
        yield html("<p>Critical path: {}, {}.</p>\n", told, wording.duration(view.schedule.critical_ms))
    if len(waves) < 2:
        pass
    elif len(rows) <= HTML_NODES:
        yield from _drawing(view, waves, needs, [row.planned.nodeid for row in path])
    else:
        for wave in sorted(waves)[:HTML_TABLE_ROWS]:
            yield html("<p>Wave {}: {}.</p>\n", wave, wording.number_of(len(waves[wave]), "subagent"))
    if any(needs.values()):
        yield html(
            "<details class=part{}><summary>Dependencies as a list</summary><div><ul>\n",
            Html(" open") if len(rows) > HTML_NODES else Html(""),
        )
        for row in rows[:HTML_TABLE_ROWS]:
            if needs[row.planned.nodeid]:
                told = joined(
                    (
                        html("{} ({})", view.link(need), WORDS[need.status].lower())
                        for need in needs[row.planned.nodeid]
                    ),
                    Html(", "),
                )
                yield html("<li>{} needs {}</li>\n", view.link(row), told)
        yield Html("</ul></div></details>\n")
    yield Html("</section>\n")


def _drawing(
    view: View, waves: dict[int, list[Result]], needs: dict[str, list[Result]], path: list[str]
) -> Iterator[Html]:
    columns = sorted(waves)
    places = {
        row.planned.nodeid: (4 + column * _COLUMN, _TOP + number * _ROW)
        for column, wave in enumerate(columns)
        for number, row in enumerate(waves[wave])
    }
    width = 8 + (len(columns) - 1) * _COLUMN + _BOX
    height = _TOP + _ROW * max((len(rows) for rows in waves.values()), default=0)
    yield html(
        '<div class=scroll tabindex=0 role=group aria-label="Dependencies, scrolls sideways">\n'
        '<svg width={} height={} viewBox="0 0 {} {}" role=group aria-label="Dependencies in {}">\n',
        width,
        height,
        width,
        height,
        wording.number_of(len(columns), "wave"),
    )
    for column, wave in enumerate(columns):
        yield html("<text class=dim x={} y=16>Wave {}</text>", 4 + column * _COLUMN, wave)
    steps = set(itertools.pairwise(path))
    for row in view.report.agents:
        for need in needs[row.planned.nodeid]:
            yield _edge(places, need, row, critical=(need.planned.nodeid, row.planned.nodeid) in steps)
    for row in view.report.agents:
        yield _node(view, row, places[row.planned.nodeid], critical=row.planned.nodeid in path and len(path) > 1)
    yield Html("</svg>\n</div>\n")


def _edge(places: dict[str, tuple[int, int]], need: Result, row: Result, *, critical: bool) -> Html:
    (x, y), (to_x, to_y) = places[need.planned.nodeid], places[row.planned.nodeid]
    x, y, to_y = x + _BOX, y + 16, to_y + 16
    dead = need.status in ("failed", "not_run")
    line = html(
        '<path class="edge{}{}" d="M{} {}C{} {} {} {} {} {}"></path>',
        " crit" if critical else "",
        " dead" if dead else "",
        x,
        y,
        x + 34,
        y,
        to_x - 34,
        to_y,
        to_x - (6 if dead else 0),
        to_y,
    )
    return html('{}<path class=edge d="M{} {}v12"></path>\n', line, to_x - 5, to_y - 6) if dead else html("{}\n", line)


def _node(view: View, row: Result, place: tuple[int, int], *, critical: bool) -> Html:
    x, y = place
    word = wording.word(row)
    return html(
        '<a href="#{}" aria-label="{}: {}"><rect class="node{}" x={} y={} width={} height=32 rx=6></rect>'
        '<g class=s-{}><svg x={} y={} width=16 height=16><use href="#i-{}"></use></svg></g>'
        "<text x={} y={}>{}</text></a>\n",
        view.anchor(row),
        plain(row.planned.id[:_BOX]),
        WORDS[word],
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
        plain(fit_end(row.planned.id, _NAME_CELLS)),
    )
