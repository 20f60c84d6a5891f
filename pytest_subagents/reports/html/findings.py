"""Findings of all subagents: by file, the worst first; the same one of several is one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from pytest_subagents.model.limits import (
    HTML_FINDINGS,
    HTML_NAME_CHARS,
    HTML_SIDE_FINDINGS,
    HTML_SUMMARY_CHARS,
    MESSAGE_CHARS,
)
from pytest_subagents.model.report import ReportFinding
from pytest_subagents.model.severity import known_severity
from pytest_subagents.model.value import Value
from pytest_subagents.reports import wording
from pytest_subagents.reports.escape import cut
from pytest_subagents.reports.html.beside import Beside
from pytest_subagents.reports.html.fold import said_block
from pytest_subagents.reports.html.markup import NONE, Html, html, joined, plain, said
from pytest_subagents.reports.html.shapes import severity
from pytest_subagents.reports.html.view import View

_DETAIL_CHARS: Final = 4_000
_AGENTS: Final = 5
"""Subagents named that have one finding; the others are counted."""
_PAGE: Final = "findings.html"
"""Beside the main one. No subagent's is called so: those begin with `agent-`."""
_TOOLS: Final = Html(
    '<p class="tools js noprint" hidden><label>Group by <select id=group><option value=file>file</option>'
    "<option value=severity>severity</option><option value=agent>subagent</option></select></label></p>\n"
)


class _Joined(Value, frozen=True, kw_only=True):
    """A finding, and everybody who has it."""

    finding: ReportFinding
    agents: tuple[str, ...]
    detail: str
    new: bool
    """Against the baseline."""


def findings(view: View, beside: Beside | None) -> Iterator[Html]:
    report = view.report
    yield Html("<section aria-labelledby=findings>\n<h2 id=findings>Findings</h2>\n")
    if not report.findings:
        ran = [row for row in report.agents if row.status != "not_run"]
        told = (
            f"No findings. {wording.number_of(len(ran), 'subagent')} ran and none reported any."
            if ran
            else "No findings were collected: no subagent ran."
        )
        yield html("<p class=soft>{}</p>\n{}</section>\n", told, _against(view))
        return
    every = _all(view)
    files = {each.finding.file for each in every}
    counts = wording.findings(each.finding.severity for each in every)
    yield html(
        "<p>{} in {}: {}.</p>\n",
        wording.number_of(len(every), "finding"),
        wording.number_of(len(files), "place" if None in files else "file"),
        counts,
    )
    yield _against(view)
    yield from _grouped(view, every[:HTML_FINDINGS])
    if len(every) > HTML_FINDINGS:
        yield _further(view, every, beside)
    yield Html("</section>\n")


def _grouped(view: View, every: Sequence[_Joined]) -> Iterator[Html]:
    """By file; the script can group them in other ways."""
    yield _TOOLS
    groups: dict[str, list[tuple[int, _Joined]]] = defaultdict(list)
    for number, each in enumerate(every, 1):
        groups[each.finding.file or ""].append((number, each))
    yield Html("<div id=by-file>\n")
    for name, group in groups.items():
        yield _group(view, name, group)
    yield Html("</div>\n<div id=regrouped hidden></div>\n")


def _further(view: View, every: Sequence[_Joined], beside: Beside | None) -> Html:
    """Where those are that the main page has no room for."""
    more = wording.number_of(len(every) - HTML_FINDINGS, "more finding")
    if beside is None:
        return html("<p>… and {}, in report.json.</p>\n", more)
    shown = every[:HTML_SIDE_FINDINGS]
    beside.write(
        _PAGE, title="Findings", anchor="findings", parts=_on_its_own(view.from_beside(beside.back), every, shown)
    )
    return html(
        '<p>… and {}: <a href="{}">{}</a>.</p>\n',
        more,
        beside.address(_PAGE),
        "all findings" if len(shown) == len(every) else f"the first {len(shown):,} findings",
    )


def _on_its_own(view: View, every: Sequence[_Joined], shown: Sequence[_Joined]) -> Iterator[Html]:
    yield html("<h2>{}</h2>\n", wording.number_of(len(every), "finding"))
    yield from _grouped(view, shown)
    if len(shown) < len(every):
        yield html("<p>… and {}, in report.json.</p>\n", wording.number_of(len(every) - len(shown), "more finding"))


def _against(view: View) -> Html:
    """What became of the findings of the baseline; nothing where there is none."""
    baseline = view.report.baseline
    if baseline is None:
        return NONE
    gone = (("Fixed since the baseline", baseline.fixed), ("Of the baseline, not looked for", baseline.unchecked))
    lists = joined(
        html("<details><summary>{}</summary><ul>\n{}</ul></details>\n", f"{title} ({len(found):,})", _plain(found))
        for title, found in gone
        if found
    )
    return html("<p>Against the baseline: {}.</p>\n{}", wording.baseline(view.report), lists)


def _plain(found: Sequence[ReportFinding]) -> Html:
    lines = joined(
        html(
            "<li>{}, <span class=mono>{}</span>: {} ({})</li>\n",
            known_severity(each.severity).capitalize(),
            said(wording.place(each.file, each.line), MESSAGE_CHARS) if each.file else "no file",
            said(each.title, HTML_SUMMARY_CHARS),
            said(each.agent, MESSAGE_CHARS),
        )
        for each in found[:HTML_FINDINGS]
    )
    if len(found) <= HTML_FINDINGS:
        return lines
    return html("{}<li>… and {} more, in report.json</li>\n", lines, f"{len(found) - HTML_FINDINGS:,}")


def _all(view: View) -> list[_Joined]:
    """In the order of the report, which is by severity. Two with one fingerprint at one place are one."""
    details = {
        (row.planned.id, finding.file, finding.line, finding.title): finding.detail
        for row in view.report.agents
        for finding in row.findings
        if finding.detail
    }
    same: dict[tuple[str, str | None, int | None], list[ReportFinding]] = defaultdict(list)
    for each in view.report.findings:
        same[each.fingerprint, each.file, each.line].append(each)
    return [
        _Joined(
            finding=group[0],
            agents=tuple(dict.fromkeys(each.agent for each in group)),
            detail=next(
                (details[key] for each in group if (key := (each.agent, each.file, each.line, each.title)) in details),
                "",
            ),
            new=any(each.state == "new" for each in group),
        )
        for group in same.values()
    ]


def _group(view: View, name: str, group: Sequence[tuple[int, _Joined]]) -> Html:
    counts = wording.findings(each.finding.severity for _, each in group)
    title = html("<span class=mono>{}</span>", said(name, MESSAGE_CHARS)) if name else html("In no file")
    rows = joined(_finding(view, number, each) for number, each in group)
    return html(
        "<div class=head><h3>{}</h3><p class=soft>{}</p></div>\n<ul class=findings>\n{}</ul>\n", title, counts, rows
    )


def _finding(view: View, number: int, each: _Joined) -> Html:
    finding = each.finding
    by = joined((view.named(agent) for agent in each.agents[:_AGENTS]), Html(", "))
    more = html(" and {} more", len(each.agents) - _AGENTS) if len(each.agents) > _AGENTS else NONE
    where = f"line {finding.line:,} · " if finding.file and finding.line is not None else ""
    detail = NONE
    if each.detail:
        told = said_block(f"Detail of finding {number}", each.detail, chars=_DETAIL_CHARS)
        detail = html("<details><summary>Detail</summary>{}</details>", told)
    return html(
        '<li id=finding-{} data-severity={} data-agent="{}">{}<div>{}<b class=title>{}</b>'
        '<span class=by data-file="{}">{}by</span> {}{}{}</div></li>\n',
        number,
        known_severity(finding.severity).capitalize(),
        plain(each.agents[0][:HTML_NAME_CHARS]),
        severity(finding.severity),
        Html("<b class=new>New</b> ") if each.new else NONE,
        said(finding.title, HTML_SUMMARY_CHARS) if finding.title else "No title",
        plain(f"{cut(finding.file, MESSAGE_CHARS)} · ") if finding.file else "",
        where,
        by,
        more,
        detail,
    )
