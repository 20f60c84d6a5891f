"""The runs of one subagent beside each other."""

from __future__ import annotations

from pytest_subagents.model.attempts import Attempt
from pytest_subagents.model.limits import ATTEMPTS_SHOWN, MESSAGE_CHARS
from pytest_subagents.model.result import Result
from pytest_subagents.reports import wording
from pytest_subagents.reports.attempts_text import rate
from pytest_subagents.reports.html.markup import NONE, Html, html, joined, said
from pytest_subagents.reports.html.shapes import status


def compared(row: Result) -> Html:
    """A table of them, with why one was selected or not, and the pass rate of repetitions."""
    head = html("<p>{}.</p>\n", rate(row.pass_rate)) if row.pass_rate is not None else NONE
    rows = joined(_row(row, run) for run in row.attempts[:ATTEMPTS_SHOWN])
    more = len(row.attempts) - ATTEMPTS_SHOWN
    return html(
        '{}<div class=scroll tabindex=0 role=group aria-label="Runs, scrolls sideways"><table><thead><tr><th class=n scope=col>Run</th>'
        "<th scope=col>Status</th><th class=n scope=col>Findings</th><th class=n scope=col>Paths</th><th class=n scope=col>Lines</th>"
        "<th class=n scope=col>Time</th><th class=n scope=col>Tokens</th><th class=n scope=col>Cost</th><th scope=col>Why</th></tr></thead>"
        "<tbody>\n{}</tbody></table></div>\n{}",
        head,
        rows,
        html("<p class=soft>… and {}.</p>\n", wording.number_of(more, "more run")) if more > 0 else NONE,
    )


def _row(row: Result, run: Attempt) -> Html:
    selected = run.selected and row.pass_rate is None
    tokens = wording.tokens(run.usage.input_tokens, run.usage.output_tokens)
    why = next((each for each in run.reasons if each.kind == "lost"), run.reasons[0] if run.reasons else None)
    return html(
        "<tr><th class=n scope=row>{}</th><td>{}{}</td><td class=n>{}</td><td class=n>{}</td><td class=n>{}</td><td class=n>{}</td>"
        "<td class=n>{}</td><td class=n>{}</td><td class=why>{}</td></tr>\n",
        run.number,
        status("expected" if run.expected else run.status),
        html(" <b>selected</b>") if selected else NONE,
        run.findings,
        run.changes,
        f"{run.changed_lines:,}" if run.changed_lines is not None else wording.NOTHING,
        wording.duration(run.runtime_ms),
        f"{tokens:,}" if tokens is not None else wording.NOTHING,
        wording.dollars(run.usage.usd),
        said(why.message, MESSAGE_CHARS) if why is not None else wording.NOTHING,
    )
