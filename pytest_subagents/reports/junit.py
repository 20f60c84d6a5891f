"""JUnit XML of subagents, for what shows test results: GitLab, Jenkins, Azure Pipelines, Buildkite."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from typing import Final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from pytest_subagents.model.limits import ATTEMPTS_SHOWN, ID_BYTES, JUNIT_STDERR_CHARS, MESSAGE_CHARS, PATH_BYTES
from pytest_subagents.model.report import GateResult, Report
from pytest_subagents.model.result import Result
from pytest_subagents.reports import wording
from pytest_subagents.reports.attempts_text import rate, spent_on, word_of, work_of
from pytest_subagents.reports.escape import cut, xml
from pytest_subagents.reports.terminal_text import failure_lines

_NAME_CHARS: Final = PATH_BYTES + ID_BYTES
_GATES: Final = "gates"


class JunitReport:
    """A suite for each workflow file, test module or folder of transcripts, a case for each subagent.

    As the Jenkins schema junit-10 has it, with the properties of a case that pytest and Jenkins' JUnit plugin know
    besides. A failed subagent is a failure, one that did not run is skipped, a partial one passes, unless the ini file
    says otherwise, and tells in its output why it is no success. Failed gates are failures too, so that what fails the
    job is red here.
    """

    name = "junit"
    suffix = ".xml"

    def render(self, report: Report) -> str:
        return "".join(self.parts(report))

    def parts(self, report: Report) -> Iterator[str]:
        suites = sorted(_suites(report.agents).items())
        root = Element("testsuites", name="subagents")
        root.set("tests", str(len(report.agents) + len(report.gates)))
        failed_gates = sum(not gate.passed for gate in report.gates)
        root.set("failures", str(sum(map(report.is_red, report.agents)) + failed_gates))
        root.set("errors", "0")
        if report.totals.runtime_ms is not None:
            root.set("time", _seconds(report.totals.runtime_ms))
        yield '<?xml version="1.0" encoding="utf-8"?>\n'
        if not suites and not report.gates:
            yield f"{_text(root)}\n"
            return
        yield f"{_opened(root)}\n"
        for name, rows in suites:
            red = [report.is_red(row) for row in rows]
            cases = (_case(name, row, fails=fails) for row, fails in zip(rows, red, strict=True))
            yield from _suite(_head(name, rows, sum(red)), cases)
        if report.gates:
            yield from _suite(_counted(_GATES, len(report.gates), failed_gates, 0), map(_gate, report.gates))
        yield "</testsuites>\n"


def _suites(rows: Iterable[Result]) -> dict[str, list[Result]]:
    """Rows by what declares them; transcripts, which nothing declares, by their folder."""
    suites: dict[str, list[Result]] = {}
    for row in rows:
        file = row.planned.nodeid.partition("::")[0]
        name = (posixpath.dirname(file) or ".") if file.endswith(".jsonl") else file
        suites.setdefault(name, []).append(row)
    return suites


def _suite(head: Element, cases: Iterable[Element]) -> Iterator[str]:
    yield f"  {_opened(head)}\n"
    for case in cases:
        ElementTree.indent(case, level=2)
        yield f"    {_text(case)}\n"
    yield f"  </{head.tag}>\n"


def _head(name: str, rows: Sequence[Result], failures: int) -> Element:
    skipped = sum(_skipped(row) for row in rows)
    suite = _counted(name, len(rows), failures, skipped)
    known = [row.runtime_ms for row in rows if row.runtime_ms is not None and row.runtime_ms >= 0]
    if known:
        suite.set("time", _seconds(sum(known)))
    return suite


def _counted(name: str, tests: int, failures: int, skipped: int) -> Element:
    suite = Element("testsuite", name=_line(name, _NAME_CHARS))
    for key, count in (("tests", tests), ("failures", failures), ("errors", 0), ("skipped", skipped)):
        suite.set(key, str(count))
    return suite


def _skipped(row: Result) -> bool:
    return wording.word(row) == "not_run"


def _text(element: Element) -> str:
    return ElementTree.tostring(element, encoding="unicode")


def _opened(element: Element) -> str:
    """Its start tag; it has neither text nor children."""
    return _text(element).removesuffix(" />") + ">"


def _case(suite: str, row: Result, *, fails: bool) -> Element:
    name = row.planned.nodeid.partition("::")[2] or row.planned.id
    case = Element("testcase", classname=_line(suite, _NAME_CHARS), name=_line(name, _NAME_CHARS))
    if row.runtime_ms is not None and row.runtime_ms >= 0:
        case.set("time", _seconds(row.runtime_ms))
    properties = SubElement(case, "properties")
    for key, value in _properties(row):
        SubElement(properties, "property", name=key, value=_line(value))
    word = wording.word(row)
    if _skipped(row):
        SubElement(case, "skipped", type=_kind(row), message=_first(row))
    elif fails:
        failure = SubElement(case, "failure", type=_kind(row), message=_first(row))
        failure.text = xml("\n".join(failure_lines(row)), multiline=True)
    said = _said(row, fails)
    if said:
        SubElement(case, "system-out").text = xml(said, multiline=True)
    if row.diagnostics.stderr_tail and word in ("failed", "partial"):
        tail = row.diagnostics.stderr_tail.rstrip()[-JUNIT_STDERR_CHARS:]
        SubElement(case, "system-err").text = xml(tail, multiline=True)
    return case


def _properties(row: Result) -> Iterator[tuple[str, str]]:
    """By the names that they have in report.json; what is not known is left out."""
    usage = row.usage
    facts = (
        ("status", row.status),
        ("expects", row.planned.expects),
        ("vendor", row.vendor),
        ("model", row.model),
        ("wave", row.planned.wave),
        ("input_tokens", usage.input_tokens),
        ("output_tokens", usage.output_tokens),
        ("usd", None if usage.usd is None else f"{usage.usd:.6f}".rstrip("0").rstrip(".")),
        ("findings", len(row.findings)),
        ("changes", len(row.changes)),
        ("exit_code", row.exit_code),
        ("transcript", row.transcript),
        ("pass_rate", None if row.pass_rate is None else rate(row.pass_rate)),
    )
    yield from ((key, str(value)) for key, value in facts if value is not None)
    for attempt in row.attempts[:ATTEMPTS_SHOWN]:
        chosen = ", selected" if attempt.selected and row.pass_rate is None else ""
        told = [word_of(attempt) + chosen, work_of(attempt), spent_on(attempt)]
        yield f"attempts[{attempt.number}]", "; ".join(text for text in told if text)
    if len(row.attempts) > ATTEMPTS_SHOWN:
        yield "attempts", f"{len(row.attempts)} in all; the others are in report.json"


def _said(row: Result, fails: bool) -> str:
    """Why a row that passes is no plain success, or else the answer's summary."""
    word = wording.word(row)
    summary = cut(row.summary, MESSAGE_CHARS)
    if word == "expected":
        return "\n".join((f"{row.status}, as expected", *failure_lines(row)))
    if word == "partial" and not fails:
        return "\n".join(("partial", *failure_lines(row), *([summary] if summary else [])))
    return summary


def _gate(gate: GateResult) -> Element:
    expression = _line(gate.expression)
    case = Element("testcase", classname=_GATES, name=expression)
    actual = f"it is {cut(wording.actual(gate), MESSAGE_CHARS)}"
    if gate.passed:
        SubElement(case, "system-out").text = xml(actual)
    else:
        failure = SubElement(case, "failure", type="gate", message=_line(f"{gate.expression}: {actual}"))
        failure.text = xml(f"the gate {cut(gate.expression, MESSAGE_CHARS)} did not pass: {actual}")
    return case


def _kind(row: Result) -> str:
    return _line(row.reasons[0].kind) if row.reasons else row.status


def _first(row: Result) -> str:
    return _line(row.reasons[0].message) if row.reasons else row.status


def _line(text: str, chars: int = MESSAGE_CHARS) -> str:
    return xml(cut(text, chars))


def _seconds(milliseconds: int) -> str:
    """With three decimals, as schemas want it."""
    return f"{milliseconds // 1000}.{milliseconds % 1000:03}"
