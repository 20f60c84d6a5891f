"""Who ran when: a drawing, and the same numbers as a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pytest_subagents.model.attempts import Attempt
from pytest_subagents.model.evidence import Span
from pytest_subagents.model.limits import HTML_LANES, HTML_NAME_CHARS
from pytest_subagents.model.result import Result
from pytest_subagents.model.value import Value
from pytest_subagents.reports import wording
from pytest_subagents.reports.cells import fit_end
from pytest_subagents.reports.html.markup import NONE, Html, html, joined, plain, said
from pytest_subagents.reports.html.scrolling import scrolling, scrolling_table
from pytest_subagents.reports.html.shapes import WORDS
from pytest_subagents.reports.html.view import View

_LABEL: Final = 190
_WIDTH: Final = 700
_LANE: Final = 26
_TOP: Final = 26
_NAME_CELLS: Final = 24
_TICKS: Final = 8
_STEPS: Final = (
    *(digit * 10**power for power in range(4) for digit in (1, 2, 5)),
    *(1_000 * seconds for seconds in (10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 18_000, 36_000, 86_400)),
)
"""Milliseconds between two lines of the axis."""


class _Lane(Value, frozen=True, kw_only=True):
    row: Result
    name: str
    word: str
    span: Span | None
    waits: tuple[str, ...]


def timeline(view: View) -> Iterator[Html]:
    schedule = view.schedule
    yield Html("<section aria-labelledby=timeline>\n<h2 id=timeline>Timeline</h2>\n")
    lanes = list(_lanes(view))
    known = [lane for lane in lanes if lane.span is not None]
    if not known:
        yield Html("<p class=soft>How long they took was not recorded.</p>\n</section>\n")
        return
    yield html("<p class=soft>{}</p>\n", _how(view))
    drawn = lanes[:HTML_LANES]
    yield from _drawing(view, drawn)
    if len(lanes) > len(drawn):
        yield html(
            "<p class=soft>Drawn are the first {} of {}.</p>\n", f"{len(drawn):,}", wording.number_of(len(lanes), "run")
        )
    yield _as_table(view, drawn, measured=schedule.kind == "measured")
    yield Html("</section>\n")


def _how(view: View) -> str:
    schedule = view.schedule
    if schedule.kind == "measured":
        return f"As it was in the live run: up to {schedule.at_once} at a time."
    whose = "as the workflow says"
    if schedule.assumed:
        all_of_them = schedule.assumed == schedule.at_once
        whose = "assumed, as no workflow file says it" if all_of_them else f"{schedule.assumed} of them assumed"
    return (
        f"Replayed, so nothing ran: drawn from recorded durations, in the order of the plan, {schedule.at_once} at "
        f"a time ({whose}). Start times and workers are known of a live run alone."
    )


def _lanes(view: View) -> Iterator[_Lane]:
    """By their start; those that did not run come last."""
    spans = view.schedule.spans
    lanes = []
    for row in view.report.agents:
        others = (*row.planned.needs, *view.schedule.apart.get(row.planned.nodeid, ()))
        waits = tuple(view.by_nodeid[other].planned.id for other in others if other in view.by_nodeid)
        for run in row.runs:
            nodeid = run.nodeid if isinstance(run, Attempt) else run.planned.nodeid
            name = f"{row.planned.id}[{run.number}]" if isinstance(run, Attempt) else row.planned.id
            word = "expected" if run.expected else run.status
            lanes.append(_Lane(row=row, name=name, word=word, span=spans.get(nodeid), waits=waits))
    yield from sorted(
        lanes, key=lambda lane: (lane.span is None, lane.span.start if lane.span else 0, lane.row.planned.wave)
    )


def _drawing(view: View, lanes: list[_Lane]) -> Iterator[Html]:
    end = max((lane.span.end for lane in lanes if lane.span is not None), default=0) or 1
    height = _TOP + _LANE * len(lanes) + 6
    parts = [*_axis(end, height), *(_drawn(lane, _TOP + at * _LANE, end, view) for at, lane in enumerate(lanes))]
    label = f"Timeline of {wording.number_of(len(lanes), 'run')}; the table below it has the same numbers"
    drawing = html(
        '<svg width=1090 height={} viewBox="0 0 1090 {}" role=group aria-label="{}">\n{}</svg>\n',
        height,
        height,
        label,
        joined(parts),
    )
    yield scrolling("Timeline", drawing)


def _axis(end: int, height: int) -> Iterator[Html]:
    step = next((step for step in _STEPS if end // step < _TICKS), end)
    for time in range(0, end + 1, step):
        x = _LABEL + _WIDTH * time // end
        yield html("<line class=axis x1={} x2={} y1=20 y2={}></line>", x, x, height)
        yield html(
            "<text class=dim x={} y=14 text-anchor=middle>{}</text>\n", x, wording.duration(time) if time else "0"
        )


def _drawn(lane: _Lane, top: int, end: int, view: View) -> Html:
    label = html(
        '<a href="#{}"><text x=0 y={}>{}</text></a>',
        view.anchor(lane.row),
        top + 17,
        plain(fit_end(lane.name, _NAME_CELLS)),
    )
    word = WORDS[lane.word]
    if lane.span is None:
        live = view.schedule.kind == "measured"
        told = word if lane.word == "not_run" else f"{word}, {'replayed' if live else 'time not recorded'}"
        return html("{}<text class=dim x={} y={}>{}</text>\n", label, _LABEL + 6, top + 17, told)
    left = _LABEL + _WIDTH * lane.span.start // end
    width = max(2, _WIDTH * (lane.span.end - lane.span.start) // end)
    waited = (
        html("<line class=wait x1={} x2={} y1={} y2={}></line>", _LABEL, left, top + 13, top + 13)
        if lane.waits and left > _LABEL + 4
        else Html("")
    )
    took = wording.duration(lane.span.end - lane.span.start)
    worker = f" · {lane.span.worker}" if lane.span.worker else ""
    return html(
        "{}<g class=s-{}>{}<rect class=bar x={} y={} width={} height=16 rx=3></rect></g><text x={} y={}>{}</text>\n",
        label,
        lane.word,
        waited,
        left,
        top + 5,
        width,
        left + width + 7,
        top + 17,
        plain(f"{word} · {took}{worker}"),
    )


def _as_table(view: View, lanes: list[_Lane], *, measured: bool) -> Html:
    columns = ["Run", "Status", "#From", "#To", "#Took", *(["Worker"] if measured else []), "Waited for"]
    table = scrolling_table("Timeline as a table", columns, (_told(view, lane, measured=measured) for lane in lanes))
    return html("<details class=part><summary>Timeline as a table</summary>\n{}</details>\n", table)


def _told(view: View, lane: _Lane, *, measured: bool) -> Html:
    span = lane.span
    times = (span.start, span.end, span.end - span.start) if span is not None else (None, None, None)
    worker = span.worker if span is not None and span.worker else wording.NOTHING
    waits = joined((view.named(need) for need in lane.waits), Html(", "))
    return html(
        "<tr><th scope=row>{}</th><td>{}</td>{}{}<td>{}</td></tr>\n",
        said(lane.name, HTML_NAME_CHARS),
        WORDS[lane.word],
        joined(html("<td class=n>{}</td>", wording.duration(time)) for time in times),
        html("<td>{}</td>", said(worker, HTML_NAME_CHARS)) if measured else NONE,
        waits or wording.NOTHING,
    )
