"""JUnit XML of subagents, for what shows test results: GitLab, Jenkins, Azure Pipelines, Buildkite."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
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
    besides. A failed subagent is a failure, one that did not run is skipped, a partial one passes and says in its
    output why it is no success. Failed gates are failures too, so that what fails the job is red here.
    """

    name = "junit"
    suffix = ".xml"

    def render(self, report: Report) -> str:
        root = Element("testsuites", name="subagents")
        for name, rows in sorted(_suites(report.agents).items()):
            _suite(root, name, [_case(name, row) for row in rows], [row.runtime_ms for row in rows])
        if report.gates:
            _suite(root, _GATES, [_gate(gate) for gate in report.gates], [])
        for count in ("tests", "failures", "errors"):
            root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
        if report.totals.runtime_ms is not None:
            root.set("time", _seconds(report.totals.runtime_ms))
        ElementTree.indent(root)
        text = ElementTree.tostring(root, encoding="unicode")
        return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def _suites(rows: Iterable[Result]) -> dict[str, list[Result]]:
    """Rows by what declares them; transcripts, which nothing declares, by their folder."""
    suites: dict[str, list[Result]] = {}
    for row in rows:
        file = row.planned.nodeid.partition("::")[0]
        name = (posixpath.dirname(file) or ".") if file.endswith(".jsonl") else file
        suites.setdefault(name, []).append(row)
    return suites


def _suite(root: Element, name: str, cases: Iterable[Element], runtimes: Iterable[int | None]) -> None:
    suite = SubElement(root, "testsuite", name=_line(name, _NAME_CHARS))
    suite.extend(cases)
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("errors", "0")
    suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    known = [runtime for runtime in runtimes if runtime is not None and runtime >= 0]
    if known:
        suite.set("time", _seconds(sum(known)))


def _case(suite: str, row: Result) -> Element:
    name = row.planned.nodeid.partition("::")[2] or row.planned.id
    case = Element("testcase", classname=_line(suite, _NAME_CHARS), name=_line(name, _NAME_CHARS))
    if row.runtime_ms is not None and row.runtime_ms >= 0:
        case.set("time", _seconds(row.runtime_ms))
    properties = SubElement(case, "properties")
    for key, value in _properties(row):
        SubElement(properties, "property", name=key, value=_line(value))
    word = wording.word(row)
    if word == "not_run":
        SubElement(case, "skipped", type=_kind(row), message=_first(row))
    elif word == "failed" or (word == "partial" and row.waits_for_review):
        failure = SubElement(case, "failure", type=_kind(row), message=_first(row))
        failure.text = xml("\n".join(failure_lines(row)), multiline=True)
    said = _said(row)
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


def _said(row: Result) -> str:
    """Why a row that passes is no plain success, or else the answer's summary."""
    word = wording.word(row)
    summary = cut(row.summary, MESSAGE_CHARS)
    if word == "expected":
        return "\n".join((f"{row.status}, as expected", *failure_lines(row)))
    if word == "partial" and not row.waits_for_review:
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
