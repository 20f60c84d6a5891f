"""One row of the report in full, for the terminal."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.limits import ANSWER_LINES_SHOWN, ATTEMPTS_SHOWN, FINDINGS_SHOWN, SCOPE_PATHS_SHOWN
from pytest_subagents.model.result import Result
from pytest_subagents.reports import wording
from pytest_subagents.reports.attempts_text import rate, spent_on, why_of, word_of, work_of
from pytest_subagents.reports.escape import terminal
from pytest_subagents.reports.line import Line
from pytest_subagents.reports.wrapping import wrapped


def show_lines(
    row: Result,
    scope: Iterable[Line] = (),
    *,
    untold: Sequence[str] = (),
    untrue: Sequence[str] = (),
    width: int | None = None,
) -> tuple[Line, ...]:
    """Everything that the report says of one subagent; parts of which it knows nothing are left out.

    `scope` is what is known besides of what it read and wrote (`reports.scope_text`), `untold` the paths that it
    changed and did not tell, `untrue` those that it told and did not change. With `width`, that of a terminal, what is
    said in words is broken between them; answers and what a program printed stay as they are.
    """
    planned = row.planned
    status = f"{row.status}, as expected" if row.expected else row.status
    return (
        Line(text=f"{terminal(planned.id)}: {status}", style=wording.word(row)),
        *_facts(
            width,
            ("node id", planned.nodeid),
            ("task", planned.task),
            ("vendor", " ".join(part for part in (row.vendor, row.model) if part)),
            ("scope", wording.scope(planned.scope)),
            ("depends on", ", ".join(planned.depends_on)),
            ("wave", str(planned.wave)),
            ("expects", planned.expects or ""),
            ("ran", _ran(row)),
            ("transcript", row.transcript or ""),
            ("summary", row.summary),
        ),
        *_section("Reasons", _reasons(row), width),
        *_section(f"Runs: {rate(row.pass_rate)}" if row.pass_rate is not None else "Attempts", _attempts(row), width),
        *_section("Answer", _answer(row.answer)),
        *_section(f"Findings: {wording.findings(each.severity for each in row.findings)}", _findings(row), width),
        *_section("Changes", _changes(row, untold, untrue), width),
        *scope,
        *_section("Diagnostics", _diagnostics(row)),
    )


def _facts(width: int | None, *facts: tuple[str, str]) -> Iterator[Line]:
    for name, value in facts:
        if value:
            yield from _broken(f"  {name:<11} {terminal(value)}", width)


def _section(title: str, lines: Iterable[str], width: int | None = None) -> Iterator[Line]:
    texts = list(lines)
    if texts:
        yield Line()
        yield Line(text=title, style="heading")
        yield from (line for text in texts for line in _broken(f"  {text}".rstrip(), width))


def _broken(text: str, width: int | None) -> Iterator[Line]:
    yield from (Line(text=each) for each in wrapped(text, width))


def _ran(row: Result) -> str:
    usage = row.usage
    parts = [wording.duration(row.runtime_ms)] if row.runtime_ms is not None else []
    if usage.input_tokens is not None:
        cached = usage.cached_input_tokens
        parts.append(f"{usage.input_tokens:,} input tokens" + (f" ({cached:,} cached)" if cached is not None else ""))
    parts += [f"{usage.output_tokens:,} output tokens"] if usage.output_tokens is not None else []
    parts += [wording.dollars(usage.usd)] if usage.usd is not None else []
    parts += [f"exit code {row.exit_code}"] if row.exit_code is not None else []
    return ", ".join(parts)


def _reasons(row: Result) -> Iterator[str]:
    listed = sum(reason.kind == "contract" for reason in row.reasons)
    for reason in row.reasons:
        yield terminal(f"{wording.reason_head(reason)}: {reason.message}")
        if reason.hint:
            yield terminal(f"  hint: {reason.hint}")
    if row.violations > listed:
        yield f"the answer breaks its contract {row.violations:,} times; {listed:,} are listed"


def _attempts(row: Result) -> Iterator[str]:
    for attempt in row.attempts[:ATTEMPTS_SHOWN]:
        chosen = ("shown" if row.pass_rate is not None else "selected") if attempt.selected else ""
        parts = [word_of(attempt), chosen, work_of(attempt), spent_on(attempt), attempt.transcript or ""]
        yield terminal(f"[{attempt.number}] {'; '.join(part for part in parts if part)}")
        yield from (f"      {terminal(why)}" for why in why_of(attempt))
    if len(row.attempts) > ATTEMPTS_SHOWN:
        yield f"… ({len(row.attempts) - ATTEMPTS_SHOWN:,} more; the report has all)"


def _answer(answer: JsonValue) -> Iterator[str]:
    if answer is None:
        return
    lines = json.dumps(answer, indent=2, sort_keys=True, ensure_ascii=False).split("\n")
    yield from (terminal(line) for line in lines[:ANSWER_LINES_SHOWN])
    if len(lines) > ANSWER_LINES_SHOWN:
        yield f"… ({len(lines) - ANSWER_LINES_SHOWN:,} more lines; the report has all)"


def _changes(row: Result, untold: Sequence[str], untrue: Sequence[str]) -> Iterator[str]:
    for change in row.changes:
        yield f"{change.kind:<7} {terminal(change.path)}"
    for words, paths in (("changed and not told", untold), ("told and not changed", untrue)):
        if paths:
            more = f" and {len(paths) - SCOPE_PATHS_SHOWN:,} more" if len(paths) > SCOPE_PATHS_SHOWN else ""
            yield f"{words}: {', '.join(terminal(path) for path in paths[:SCOPE_PATHS_SHOWN])}{more}"


def _findings(row: Result) -> Iterator[str]:
    for finding in row.findings[:FINDINGS_SHOWN]:
        yield terminal(f"{finding.severity:<8} {wording.place(finding.file, finding.line)}  {finding.title}")
        yield from (f"  {line}" for line in terminal(finding.detail, multiline=True).split("\n") if line)
    if len(row.findings) > FINDINGS_SHOWN:
        yield f"… ({len(row.findings) - FINDINGS_SHOWN:,} more; the report has all)"


def _diagnostics(row: Result) -> Iterator[str]:
    found = row.diagnostics
    if found.line is not None:
        yield f"transcript line {found.line}"
    if found.unreadable:
        first = ", ".join(map(str, found.unreadable_lines))
        more = "" if found.unreadable == len(found.unreadable_lines) else ", …"
        yield f"{found.unreadable:,} lines of the transcript are no protocol, or damaged: {first}{more}"
    for name, text in (("final message", found.excerpt), ("stderr", found.stderr_tail)):
        if text:
            yield f"{name}:"
            yield from (f"  {line}" for line in terminal(text, multiline=True).rstrip().split("\n"))
