"""The runs of one subagent beside each other."""

from __future__ import annotations

from typing import Final

from pytest_subagents.model.attempts import Attempt
from pytest_subagents.model.limits import ATTEMPTS_SHOWN, MESSAGE_CHARS
from pytest_subagents.model.result import Result
from pytest_subagents.reports import wording
from pytest_subagents.reports.attempts_text import rate
from pytest_subagents.reports.html.markup import NONE, Html, html, said
from pytest_subagents.reports.html.scrolling import scrolling_table
from pytest_subagents.reports.html.shapes import status

_COLUMNS: Final = ("#Run", "Status", "#Findings", "#Paths", "#Lines", "#Time", "#Tokens", "#Cost", "Why")


def compared(row: Result) -> Html:
    """A table of them, with why one was selected or not, and the pass rate of repetitions."""
    head = html("<p>{}.</p>\n", rate(row.pass_rate)) if row.pass_rate is not None else NONE
    table = scrolling_table("Runs", _COLUMNS, (_row(row, run) for run in row.attempts[:ATTEMPTS_SHOWN]))
    more = len(row.attempts) - ATTEMPTS_SHOWN
    rest = html("<p class=soft>… and {}.</p>\n", wording.number_of(more, "more run")) if more > 0 else NONE
    return html("{}{}{}", head, table, rest)


def _row(row: Result, run: Attempt) -> Html:
    selected = run.selected and row.pass_rate is None
    tokens = wording.tokens(run.usage.input_tokens, run.usage.output_tokens)
    why = next((each for each in run.reasons if each.kind == "lost"), run.reasons[0] if run.reasons else None)
    return html(
        "<tr><th class=n scope=row>{}</th><td>{}{}</td><td class=n>{}</td><td class=n>{}</td><td class=n>{}</td>"
        "<td class=n>{}</td><td class=n>{}</td><td class=n>{}</td><td class=why>{}</td></tr>\n",
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
