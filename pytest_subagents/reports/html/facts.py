"""What is known of a subagent in pairs of a name and a value: how it was declared, and what it used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from pytest_subagents.model.evidence import RunEvidence
from pytest_subagents.model.limits import HTML_NAME_CHARS, HTML_SUMMARY_CHARS
from pytest_subagents.model.outcome import Usage
from pytest_subagents.model.result import Result
from pytest_subagents.reports import wording
from pytest_subagents.reports.html.markup import Html, html, joined, said, text
from pytest_subagents.reports.html.view import View

_GLOBS: Final = 40
_UNTOLD: Final = Html("<span class=soft>not reported</span>")


def facts(view: View, row: Result, evidence: RunEvidence | None) -> Html:
    return _pairs(_facts(view, row, evidence))


def usage(row: Result) -> Html:
    used = row.usage
    if used.input_tokens is None and used.output_tokens is None and used.usd is None and row.runtime_ms is None:
        return Html("<p class=soft>The subagent did not report usage.</p>\n")
    if used == Usage():
        told = Html("<p class=soft>The subagent did not report tokens or cost.</p>\n")
        return html("{}{}", told, _pairs([("Time", text(wording.duration(row.runtime_ms)))]))
    numbers = (
        ("Input tokens", used.input_tokens),
        ("of them cached", used.cached_input_tokens),
        ("Output tokens", used.output_tokens),
    )
    pairs = [(name, text(f"{value:,}") if value is not None else _UNTOLD) for name, value in numbers]
    pairs.append(("Cost", text(wording.dollars(used.usd)) if used.usd is not None else _UNTOLD))
    pairs.append(("Time", text(wording.duration(row.runtime_ms))))
    return _pairs(pairs)


def _facts(view: View, row: Result, evidence: RunEvidence | None) -> Iterator[tuple[str, Html]]:
    planned = row.planned
    yield "Test", said(planned.nodeid, HTML_SUMMARY_CHARS)
    if row.vendor:
        yield "Vendor", said(row.vendor, HTML_NAME_CHARS)
    if row.model:
        yield "Model", said(row.model, HTML_NAME_CHARS)
    if evidence is not None and evidence.cli_version:
        yield "Version", said(evidence.cli_version, HTML_NAME_CHARS)
    yield "Reads", _globs(planned.scope.read) if planned.scope.read is not None else text("not declared")
    yield "May write", _globs(planned.scope.write)
    if planned.needs:
        known = [view.by_nodeid[need] for need in planned.needs if need in view.by_nodeid]
        others = [need for need in planned.needs if need not in view.by_nodeid]
        yield (
            "Needs",
            joined(
                [*(view.link(need) for need in known), *(said(need, HTML_NAME_CHARS) for need in others)], Html(", ")
            ),
        )
    if row.passed:
        yield "Checkpoints passed", joined((said(point, HTML_NAME_CHARS) for point in row.passed), Html(", "))
    if planned.expects:
        yield "Expected", said(planned.expects, HTML_NAME_CHARS)
    if row.exit_code is not None:
        yield "Exit code", text(str(row.exit_code))
    if row.diagnostics.unreadable:
        lines = ", ".join(f"{line:,}" for line in row.diagnostics.unreadable_lines)
        yield "Unreadable lines", text(f"{row.diagnostics.unreadable:,}: {lines}")
    if row.transcript:
        yield "Recording", html("<span class=mono>{}</span>", said(row.transcript, HTML_SUMMARY_CHARS))
    if evidence is not None and evidence.base:
        yield "Started from", html("<span class=mono>{}</span>", said(evidence.base, HTML_NAME_CHARS))


def _pairs(pairs: Iterable[tuple[str, Html]]) -> Html:
    return html(
        "<dl class=pairs>\n{}</dl>\n", joined(html("<dt>{}</dt><dd>{}</dd>\n", name, value) for name, value in pairs)
    )


def _globs(globs: tuple[str, ...]) -> Html:
    if not globs:
        return text("nothing")
    shown = joined(
        (html("<span class=mono>{}</span>", said(glob, HTML_SUMMARY_CHARS)) for glob in globs[:_GLOBS]), Html(", ")
    )
    return html("{} and {} more", shown, len(globs) - _GLOBS) if len(globs) > _GLOBS else shown
