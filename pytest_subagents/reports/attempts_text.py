"""The runs that made one row, in words: for a line below it, and for a table of all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from pytest_subagents.model.attempts import Attempt, PassRate
from pytest_subagents.model.result import Result
from pytest_subagents.reports import wording

_WORDS = 5
"""How many ways to end one line tells apart."""


def runs_in_brief(row: Result) -> str:
    """What its runs came to, on one line; nothing where there was only one."""
    if row.pass_rate is not None:
        return f"repetitions: {rate(row.pass_rate)}"
    if not row.attempts:
        return ""
    chosen = next((attempt for attempt in row.attempts if attempt.selected), None)
    others = [attempt for attempt in row.attempts if not attempt.selected]
    if chosen is None:  # in a report that somebody made by hand
        head = f"{len(row.attempts)} attempts"
    elif _is_well(chosen):
        head = f"attempt {chosen.number} of {len(row.attempts)} selected" + ("; others" if others else "")
    else:
        head, others = f"none of {len(row.attempts)} attempts ended well", list(row.attempts)
    words = Counter(word_of(attempt) for attempt in others).most_common()
    told = [f"{count:,} {word}" for word, count in words[:_WORDS]]
    told += [f"{sum(count for _, count in words[_WORDS:]):,} more"] if words[_WORDS:] else []
    return f"{head}: {', '.join(told)}" if others else head


def rate(found: PassRate) -> str:
    """`2 of 3 passed, 67 % (95 % interval: 21 to 94 %)`."""
    low, high = _percent(found.low), _percent(found.high)
    return f"{found.passed} of {found.of} passed, {_percent(found.rate)} % (95 % interval: {low} to {high} %)"


def word_of(attempt: Attempt) -> str:
    """How it ended, and with which kind of reason where that was not well."""
    status = attempt.status.replace("_", " ")
    kinds = [reason.kind for reason in attempt.reasons if reason.kind != "lost"]
    if attempt.status == "not_run" and not kinds:
        return "not started"
    if attempt.expected:
        return f"{status}, as expected"
    return f"{status} ({kinds[0]})" if kinds and attempt.status != "success" else status


def work_of(attempt: Attempt) -> str:
    """Findings and changes; what it did not do is left out."""
    parts = [wording.number_of(attempt.findings, "finding")] if attempt.findings else []
    if attempt.changes:
        parts.append(wording.number_of(attempt.changes, "path"))
        parts += [wording.number_of(attempt.changed_lines, "line")] if attempt.changed_lines is not None else []
    return ", ".join(parts)


def spent_on(attempt: Attempt) -> str:
    tokens = wording.tokens(attempt.usage.input_tokens, attempt.usage.output_tokens)
    parts = [wording.duration(attempt.runtime_ms)] if attempt.runtime_ms is not None else []
    parts += [f"{wording.quantity(tokens)} tok"] if tokens is not None else []
    parts += [wording.dollars(attempt.usage.usd)] if attempt.usage.usd is not None else []
    return ", ".join(parts)


def why_of(attempt: Attempt) -> Iterator[str]:
    """Its reasons, each on a line."""
    for reason in attempt.reasons:
        yield f"{wording.reason_head(reason)}: {reason.message}"


def _is_well(attempt: Attempt) -> bool:
    return attempt.expected or attempt.status in ("success", "partial")


def _percent(share: float) -> str:
    return f"{share * 100:.0f}"
