"""An answer as JSON, each violation of its contract beside the value that it is about."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.limits import HTML_ANSWER_LINES, HTML_BODY_CHARS, MESSAGE_CHARS
from pytest_subagents.model.reason import Reason
from pytest_subagents.reports import wording
from pytest_subagents.reports.escape import cut
from pytest_subagents.reports.html.markup import NONE, Html, block, html, joined, plain, said
from pytest_subagents.reports.html.scrolling import scrolling_table

_INDENT: Final = "  "
_STRING_CHARS: Final = 4_000


def answer(value: JsonValue, violations: Sequence[Reason], *, of: str) -> Html:
    marks: dict[str, list[str]] = defaultdict(list)
    for violation in violations:
        if violation.at is not None:
            marks[violation.at].append(violation.message)
    lines = list(islice(_lines(value, "", "", "", marks), HTML_ANSWER_LINES + 1))
    more = html(
        "<p class=soft>Shown are its first {} lines; all of it is in report.json.</p>\n", f"{HTML_ANSWER_LINES:,}"
    )
    return html(
        '<pre class=answer tabindex=0 role=group aria-label="Answer of {}">{}</pre>\n{}',
        plain(of),
        joined(lines[:HTML_ANSWER_LINES]),
        more if len(lines) > HTML_ANSWER_LINES else NONE,
    )


def violations_table(violations: Sequence[Reason], total: int) -> Html:
    rows = (
        html(
            "<tr><th scope=row class=mono>{}</th><td>{}</td><td class=n>{}</td></tr>\n",
            said(each.at, MESSAGE_CHARS) if each.at else "the whole answer",
            said(each.message, MESSAGE_CHARS),
            each.line if each.line is not None else wording.NOTHING,
        )
        for each in violations
    )
    table = scrolling_table("Schema violations", ("At", "What is wrong", "#Line of the transcript"), rows)
    more = total - len(violations)
    return html(
        "{}{}",
        table,
        html("<p class=soft>… and {}.</p>\n", wording.number_of(more, "more violation")) if more > 0 else NONE,
    )


def _lines(
    value: JsonValue, pointer: str, indent: str, key: str, marks: Mapping[str, list[str]], comma: str = ""
) -> Iterator[Html]:
    """The lines of a value. Nesting is at most that of an answer, which is bounded."""
    match value:
        case dict() if value:
            yield _line(f"{indent}{key}{{", marks.get(pointer))
            last = len(value) - 1
            for number, (name, each) in enumerate(sorted(value.items())):
                step = name.replace("~", "~0").replace("/", "~1")
                yield from _lines(
                    each,
                    f"{pointer}/{step}",
                    indent + _INDENT,
                    f"{_quoted(name)}: ",
                    marks,
                    "," if number < last else "",
                )
            yield _line(f"{indent}}}{comma}", None)
        case list() if value:
            yield _line(f"{indent}{key}[", marks.get(pointer))
            last = len(value) - 1
            for number, each in enumerate(value):
                yield from _lines(
                    each, f"{pointer}/{number}", indent + _INDENT, "", marks, "," if number < last else ""
                )
            yield _line(f"{indent}]{comma}", None)
        case _:
            yield _line(f"{indent}{key}{_quoted(value)}{comma}", marks.get(pointer))


def _quoted(value: object) -> str:
    if isinstance(value, str):
        return json.dumps(cut(value, _STRING_CHARS), ensure_ascii=False)
    return cut(json.dumps(value, ensure_ascii=False), HTML_BODY_CHARS)


def _line(text: str, notes: list[str] | None) -> Html:
    if not notes:
        return html("<span>{}</span>", block(text))
    told = joined(html(" <b class=note>← {}</b>", said(note, MESSAGE_CHARS)) for note in notes)
    return html('<span class="bad-value">{}{}</span>', block(text), told)
