"""What the page is made from, and what became of the merges."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_subagents.model.limits import HTML_NAME_CHARS, HTML_REASON_CHARS
from pytest_subagents.reports import wording
from pytest_subagents.reports.html.markup import Html, html, joined, said
from pytest_subagents.reports.html.shapes import passed
from pytest_subagents.reports.html.view import View


def merges(view: View) -> Iterator[Html]:
    """Nothing where nothing was to be merged."""
    if not view.report.merges:
        return
    yield Html("<section aria-labelledby=merges>\n<h2 id=merges>Merges</h2>\n")
    for merge in view.report.merges:
        whole = merge.tree is not None and not merge.left_out and not merge.why
        yield html(
            "<h3>{}</h3>\n<p>{} {}</p>\n",
            said(merge.workflow, HTML_NAME_CHARS),
            passed(whole),
            said(wording.merged(merge), HTML_REASON_CHARS),
        )
        if merge.merged:
            yield html(
                "<p>Merged, in this order: {}.</p>\n", joined((view.named(id) for id in merge.merged), Html(", "))
            )
        if merge.left_out:
            yield html(
                "<p class=problem>Left out: {}.</p>\n", joined((view.named(id) for id in merge.left_out), Html(", "))
            )
    yield Html("</section>\n")


def about(view: View) -> Iterator[Html]:
    measured = view.schedule.kind == "measured"
    yield html(
        "<section aria-labelledby=about>\n<h2 id=about>About this run</h2>\n"
        "<p>{} planned{}. {}</p>\n<p class=soft>{}</p>\n</section>\n",
        wording.number_of(view.report.counts.planned, "subagent"),
        f", {view.report.counts.deselected:,} found and not selected" if view.report.counts.deselected else "",
        "The run went to its end." if view.report.complete else f"{wording.CUT_SHORT}.",
        "It was live: start times and workers are those of the run."
        if measured
        else "Nothing on this page depends on a clock or a machine: the same recordings give the same page.",
    )
