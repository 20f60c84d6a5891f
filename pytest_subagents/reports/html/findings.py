"""Findings of all subagents: by file, the worst first, or by severity; the same one of several is one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pytest_subagents.model.limits import HTML_FINDINGS, HTML_SUMMARY_CHARS, MESSAGE_CHARS
from pytest_subagents.model.report import ReportFinding
from pytest_subagents.model.severity import known_severity
from pytest_subagents.reports import wording
from pytest_subagents.reports.html.fold import said_block
from pytest_subagents.reports.html.markup import NONE, Html, html, joined, said
from pytest_subagents.reports.html.shapes import severity
from pytest_subagents.reports.html.view import View

_DETAIL_CHARS: Final = 4_000
_AGENTS: Final = 5
"""Subagents named that have one finding; the others are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Joined:
    """A finding, and everybody who has it."""

    finding: ReportFinding
    agents: tuple[str, ...]
    detail: str
    new: bool
    """Against the baseline."""


def findings(view: View) -> Iterator[Html]:
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
    shown = every[:HTML_FINDINGS]
    yield Html(
        '<p class="tools js noprint" hidden><label>Group by <select id=group><option value=file>file</option>'
        "<option value=severity>severity</option><option value=agent>subagent</option></select></label></p>\n"
    )
    yield html(
        "<div class=grouped data-by=file>\n{}</div>\n",
        _grouped(view, shown, lambda each: each.finding.file or "", by_file=True),
    )
    for name, key in _OTHER_GROUPS:
        yield html("<div class=grouped data-by={} hidden>\n{}</div>\n", name, _grouped(view, shown, key, by_file=False))
    if len(every) > len(shown):
        yield html(
            "<p class=soft>… and {}, in report.json.</p>\n", wording.number_of(len(every) - len(shown), "more finding")
        )
    yield Html("</section>\n")


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


_OTHER_GROUPS: Final[Sequence[tuple[str, Callable[[_Joined], str]]]] = (
    ("severity", lambda each: known_severity(each.finding.severity).capitalize()),
    ("agent", lambda each: each.agents[0]),
)


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


def _grouped(view: View, every: Sequence[_Joined], key: Callable[[_Joined], str], *, by_file: bool) -> Html:
    groups: dict[str, list[tuple[int, _Joined]]] = defaultdict(list)
    for number, each in enumerate(every, 1):
        groups[key(each)].append((number, each))
    return joined(_group(view, name, group, by_file=by_file) for name, group in groups.items())


def _group(view: View, name: str, group: Sequence[tuple[int, _Joined]], *, by_file: bool) -> Html:
    counts = wording.findings(each.finding.severity for _, each in group)
    title = html("<span class=mono>{}</span>", said(name, MESSAGE_CHARS)) if name else html("In no file")
    rows = joined(_finding(view, number, each, by_file=by_file) for number, each in group)
    return html(
        "<div class=head><h3>{}</h3><p class=soft>{}</p></div>\n<ul class=findings>\n{}</ul>\n", title, counts, rows
    )


def _finding(view: View, number: int, each: _Joined, *, by_file: bool) -> Html:
    finding = each.finding
    by = joined((view.named(agent) for agent in each.agents[:_AGENTS]), Html(", "))
    more = html(" and {} more", len(each.agents) - _AGENTS) if len(each.agents) > _AGENTS else NONE
    where = html("line {} · ", finding.line) if finding.file and finding.line is not None else NONE
    if not by_file and finding.file:
        where = html("<span class=mono>{}</span> · ", said(wording.place(finding.file, finding.line), MESSAGE_CHARS))
    detail = NONE
    if each.detail:
        told = said_block(f"Detail of finding {number}", each.detail, chars=_DETAIL_CHARS)
        detail = html("<details><summary>Detail</summary>{}</details>", told)
    return html(
        "<li{}><span class=level>{}</span><div>{}<b>{}</b><br><span class=soft>{}by</span> {}{}{}</div></li>\n",
        html(" id=finding-{}", number) if by_file else NONE,
        severity(finding.severity),
        Html("<b class=new>New</b> ") if each.new else NONE,
        said(finding.title, HTML_SUMMARY_CHARS) if finding.title else "No title",
        where,
        by,
        more,
        detail,
    )
