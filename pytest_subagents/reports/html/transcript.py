"""The transcript of a run on the page: all of it where there is room, else its begin, and the whole on pages beside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pytest_subagents.model.evidence import RunEvidence
from pytest_subagents.model.limits import (
    HTML_BODY_CHARS,
    HTML_ERRORS_LISTED,
    HTML_LONG_BODY_CHARS,
    HTML_SIDE_BYTES,
    HTML_SIDE_PAGES,
    HTML_SIDE_STEPS,
)
from pytest_subagents.model.value import Value
from pytest_subagents.reports.html.beside import Beside
from pytest_subagents.reports.html.fold import said_block
from pytest_subagents.reports.html.markup import NONE, Html, html, joined, said
from pytest_subagents.reports.html.room import Share
from pytest_subagents.reports.html.steps import Step, steps_of

_ONE_CHARS: Final = 320
_WORTH: Final = 10
"""Steps of a transcript that are worth to be shown where there is no room for all."""
_KINDS: Final = Html(
    '<fieldset class="kinds js noprint" hidden><legend>Show</legend>'
    "<label><input type=checkbox checked value=message> messages</label>"
    "<label><input type=checkbox checked value=thinking> thinking</label>"
    "<label><input type=checkbox checked value=tool> tools and commands</label>"
    "<label><input type=checkbox checked value=error> errors</label>"
    "<label><input type=checkbox checked value=note> notes</label></fieldset>\n"
)


class Shown(Value, frozen=True, kw_only=True):
    """A transcript, ready for the page."""

    body: Html
    steps: int
    bad: int


@dataclass(slots=True, kw_only=True)
class _Seen:
    """What is counted while a long transcript is written."""

    steps: int = 0
    bad: int = 0
    errors: list[tuple[int, Step, str]]
    pages: list[str]


def shown_transcript(evidence: RunEvidence, *, anchor: str, name: str, room: Share, beside: Beside | None) -> Shown:
    """`room` is what the page takes of it."""
    kept: list[Html] = []
    bad = 0
    whole = True
    for number, step in enumerate(steps_of(evidence.said()), 1):
        drawn = drawn_step(step, number, anchor, chars=HTML_BODY_CHARS)
        room = room.without(drawn)
        if not room.fits:
            whole = False
            break
        kept.append(drawn)
        bad += step.bad
    if whole:
        if not kept:
            return Shown(body=Html("<p class=soft>No line of it says anything.</p>\n"), steps=0, bad=0)
        return Shown(body=html("<div class=transcript>\n{}{}</div>\n", _KINDS, joined(kept)), steps=len(kept), bad=bad)
    kept = kept if len(kept) >= _WORTH else []
    if beside is None:
        seen = _Seen(errors=[], pages=[])
        for step in steps_of(evidence.said()):
            _count(step, seen, "")
        note = html(
            "<p>Showing the first {} of {} steps. A report that is written to a file has the others beside it.</p>\n",
            f"{len(kept):,}",
            f"{seen.steps:,}",
        )
    else:
        seen = _written(evidence, anchor=anchor, name=name, beside=beside)
        note = _leading(seen, len(kept), anchor, beside)
    return Shown(
        body=html("<div class=transcript>\n{}{}{}</div>\n", note, _KINDS if kept else NONE, joined(kept)),
        steps=seen.steps,
        bad=seen.bad,
    )


def drawn_step(step: Step, number: int, anchor: str, *, chars: int) -> Html:
    """One step: a line, and what unfolds below it."""
    if step.kind == "session":
        return html("<p class=session>{}: {}</p>\n", step.what, said(step.one, _ONE_CHARS))
    classes = html(
        "step k-{}{}{}",
        step.kind if step.kind != "prompt" else "message",
        " bad problem" if step.bad else "",
        " child" if step.child else "",
    )
    row = html(
        "<span class=num>{}</span><span class=what>{}</span><span class=one>{}</span><span class=end>{}</span>",
        number,
        step.what,
        said(step.one, _ONE_CHARS),
        said(step.end, _ONE_CHARS),
    )
    if not step.bodies:
        return html('<p class="{}" id="{}-s{}">{}</p>\n', classes, anchor, number, row)
    bodies = joined(
        html(
            "{}{}",
            html("<p class=soft>{}</p>", label) if len(step.bodies) > 1 else NONE,
            said_block(f"{label} of step {number}", text, chars=chars),
        )
        for label, text in step.bodies
    )
    return html(
        '<details class="{}"{}><summary>{}</summary><div id="{}-s{}">{}'
        "<p class=soft>Line {} of the transcript.</p></div></details>\n",
        classes,
        Html(" open") if step.bad else NONE,
        row,
        anchor,
        number,
        bodies,
        f"{step.line:,}",
    )


def _count(step: Step, seen: _Seen, page: str) -> None:
    seen.steps += 1
    if step.bad:
        seen.bad += 1
        if len(seen.errors) < HTML_ERRORS_LISTED:
            seen.errors.append((seen.steps, step, page))


def _written(evidence: RunEvidence, *, anchor: str, name: str, beside: Beside) -> _Seen:
    """The whole transcript, on as many pages as it takes."""
    seen = _Seen(errors=[], pages=[])
    steps = _Ahead(steps_of(evidence.said()))
    while steps.more and len(seen.pages) < HTML_SIDE_PAGES:
        number = len(seen.pages) + 1
        page = _page(anchor, number)
        title = f"{name}: transcript" if number == 1 else f"{name}: transcript, page {number:,}"
        beside.write(page, title=title, anchor=anchor, parts=_side(steps, seen, anchor, number))
        seen.pages.append(page)
    for step in steps:
        _count(step, seen, "")
    return seen


class _Ahead:
    """Steps, of which it is known whether there are more."""

    def __init__(self, steps: Iterator[Step]) -> None:
        self._steps = steps
        self._next = next(steps, None)

    @property
    def more(self) -> bool:
        return self._next is not None

    def __iter__(self) -> Iterator[Step]:
        while self._next is not None:
            step, self._next = self._next, None
            self._next = next(self._steps, None)
            yield step

    def take(self) -> Step | None:
        step = self._next
        self._next = next(self._steps, None) if step is not None else None
        return step


def _page(anchor: str, number: int) -> str:
    return f"{anchor}-steps.html" if number == 1 else f"{anchor}-steps-{number}.html"


def _side(steps: _Ahead, seen: _Seen, anchor: str, number: int) -> Iterator[Html]:
    first, page = seen.steps + 1, _page(anchor, number)
    yield html("<h2>Steps from {} on</h2>\n", f"{first:,}")
    if number > 1:
        yield html('<p><a href="{}">« The steps before</a></p>\n', _page(anchor, number - 1))
    yield Html("<div class=transcript>\n")
    yield _KINDS
    size = 0
    while seen.steps < first - 1 + HTML_SIDE_STEPS and size < HTML_SIDE_BYTES and (step := steps.take()) is not None:
        _count(step, seen, page)
        drawn = drawn_step(step, seen.steps, anchor, chars=HTML_LONG_BODY_CHARS)
        size += len(drawn)
        yield drawn
    yield html("</div>\n<p class=soft>Steps {} to {}.</p>\n", f"{first:,}", f"{seen.steps:,}")
    if steps.more and number < HTML_SIDE_PAGES:
        yield html('<p><a href="{}">The next steps »</a></p>\n', _page(anchor, number + 1))


def _leading(seen: _Seen, inline: int, anchor: str, beside: Beside) -> Html:
    """What the main page says of a transcript that is too long for it."""
    one = len(seen.pages) == 1
    pages = joined(
        (
            html('<a href="{}">{}</a>', beside.address(page), "all steps" if one else f"page {number:,}")
            for number, page in enumerate(seen.pages, 1)
        ),
        Html(" · "),
    )
    place = "a separate file" if one else f"{len(seen.pages):,} separate files"
    errors = joined(
        html(
            '<li><a href="{}#{}-s{}">step {}</a>: {} <span class=end>{}</span></li>\n',
            beside.address(page),
            anchor,
            number,
            f"{number:,}",
            said(step.one, _ONE_CHARS),
            said(step.end, _ONE_CHARS),
        )
        for number, step, page in seen.errors
        if page
    )
    head = html("<p>This transcript is in {}: {}.</p>\n", place, pages)
    told = html("<p>{} of its {} steps failed:</p>\n<ul>\n{}</ul>\n", f"{seen.bad:,}", f"{seen.steps:,}", errors)
    first = html("<p class=soft>Its first {} of {} steps:</p>\n", f"{inline:,}", f"{seen.steps:,}")
    return html("{}{}{}", head, told if errors else NONE, first if inline else NONE)
