"""The first screen: what became of the whole in one sentence, the gates, and what needs attention."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pytest_subagents.model.limits import HTML_ATTENTION, HTML_REASON_CHARS
from pytest_subagents.model.result import Result
from pytest_subagents.reports import wording
from pytest_subagents.reports.html.markup import Html, html, joined, said
from pytest_subagents.reports.html.shapes import passed, shape, status_of
from pytest_subagents.reports.html.view import View

_GATE_CHARS: Final = 200


def title(view: View) -> str:
    """Of the page, so that the tab of a browser says how it ended."""
    return f"Subagents: {_word(view)}"


def head(view: View) -> Html:
    return html(
        "<div><h1>{}</h1>\n<p class=lead>{}</p>\n<p class=soft>{}</p></div>\n",
        title(view),
        _sentence(view),
        _spent(view),
    )


def attention(view: View) -> Iterator[Html]:
    """The gates, and one line for each that is not well."""
    report = view.report
    yield Html("<section aria-labelledby=attention>\n<h2 id=attention>Needs attention</h2>\n")
    rows = [row for row in view.rows if needs_attention(row)]
    merges = [merge for merge in report.merges if merge.left_out or merge.why or merge.tree is None]
    failed = [gate for gate in report.gates if not gate.passed]
    if not rows and not failed and not merges and report.complete:
        every = " and every gate passed" if report.gates else ""
        yield html('<div class="box good"><p>Nothing needs attention. {}{}.</p></div>\n', _all_well(view), every)
    else:
        yield Html('<div class="box bad">\n<ul class=need>\n')
        if not report.complete:
            yield html(
                '<li><span class="st s-not_run">{}Stopped early</span><span></span><span>{}.</span></li>\n',
                shape("not_run"),
                wording.CUT_SHORT,
            )
        for row in rows[:HTML_ATTENTION]:
            yield html(
                "<li>{}<span class=name>{}</span><span>{}</span></li>\n", status_of(row), view.link(row), why(row)
            )
        if len(rows) > HTML_ATTENTION:
            more = wording.number_of(len(rows) - HTML_ATTENTION, "more subagent")
            yield html("<li><span></span><span></span><span>… and {}, in the table below.</span></li>\n", more)
        for gate in failed:
            yield html(
                '<li><span class="st s-failed">{}Gate failed</span>'
                "<span class=mono>{}</span><span>It is {}.</span></li>\n",
                shape("failed"),
                said(gate.expression, _GATE_CHARS),
                said(wording.actual(gate), _GATE_CHARS),
            )
        for merge in merges:
            yield html(
                '<li><span class="st s-failed">{}Merge</span><span class=name>{}</span><span>{}</span></li>\n',
                shape("failed"),
                said(merge.workflow, _GATE_CHARS),
                said(wording.merged(merge), HTML_REASON_CHARS),
            )
        yield Html("</ul>\n</div>\n")
    if report.gates:
        told = (
            html(
                "<li>{} <span class=mono>{}</span> <span class=soft>it is {}</span></li>\n",
                passed(gate.passed),
                said(gate.expression, _GATE_CHARS),
                said(wording.actual(gate), _GATE_CHARS),
            )
            for gate in report.gates
        )
        yield html("<h3>Gates</h3>\n<ul class=gates>\n{}</ul>\n", joined(told))
    yield Html("</section>\n")


def needs_attention(row: Result) -> bool:
    return not row.expected and row.status != "success"


def why(row: Result) -> Html:
    """Why a row is not better than it is, on one line."""
    if not row.reasons:
        return said(row.summary, HTML_REASON_CHARS)
    reason = row.reasons[0]
    more = max(len(row.reasons), row.violations) - 1
    told = html(
        "<b>{}:</b> {}",
        said(wording.reason_head(reason), HTML_REASON_CHARS),
        said(reason.message, HTML_REASON_CHARS),
    )
    return html("{} <span class=soft>and {} more</span>", told, f"{more:,}") if more > 0 else told


def _word(view: View) -> str:
    report = view.report
    counts = report.counts
    if counts.planned and counts.not_run == counts.planned:
        return "nothing ran"
    if not report.complete:
        return "stopped early"
    failed = any(not gate.passed for gate in report.gates) or any(merge.left_out for merge in report.merges)
    well = counts.success + counts.expected == counts.planned
    if not well or failed:
        return "needs attention"
    return "nothing needs attention" if counts.expected else "all subagents succeeded"


def _sentence(view: View) -> str:
    counts = view.report.counts
    told = [f"{counts.success:,} of {wording.number_of(counts.planned, 'subagent')} succeeded"]
    rest = [f"{counts.failed:,} failed"] if counts.failed else []
    rest += [f"{counts.partial:,} {'is' if counts.partial == 1 else 'are'} partial"] if counts.partial else []
    rest += [f"{counts.not_run:,} did not run"] if counts.not_run else []
    rest += [f"{counts.expected:,} ended as expected"] if counts.expected else []
    gates = [gate for gate in view.report.gates if not gate.passed]
    told += [", ".join(rest)] if rest else []
    told += [f"{wording.number_of(len(gates), 'gate')} failed"] if gates else []
    return ". ".join(told) + "."


def _all_well(view: View) -> str:
    counts = view.report.counts
    if not counts.expected:
        return f"All {wording.number_of(counts.planned, 'subagent')} succeeded"
    of = wording.number_of(counts.planned, "subagent")
    return f"{counts.success:,} of {of} succeeded, {counts.expected:,} ended as expected"


def _spent(view: View) -> str:
    totals = view.report.totals
    usage = totals.usage
    tokens = wording.tokens(usage.input_tokens, usage.output_tokens)
    parts = (
        [f"{wording.duration(totals.runtime_ms)} of work"] if totals.runtime_ms is not None else ["time not recorded"]
    )
    parts += [f"{tokens:,} tokens" if tokens is not None else "tokens not reported"]
    parts += [wording.dollars(usage.usd) if usage.usd is not None else "cost not reported"]
    parts += [f"{wording.number_of(len(view.report.findings), 'finding')}"]
    parts += [f"{view.report.counts.deselected:,} not selected"] if view.report.counts.deselected else []
    return " · ".join(parts)
