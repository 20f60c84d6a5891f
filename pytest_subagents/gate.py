"""Conditions on a report, and the exit code that follows from it."""

from __future__ import annotations

import difflib
import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final, Literal, TypeAlias, get_args

from pytest_subagents.errors import BadUsage
from pytest_subagents.model.attempts import Attempt
from pytest_subagents.model.report import GateResult, Report, ReportStatus
from pytest_subagents.model.result import Result
from pytest_subagents.model.severity import SEVERITIES, known_severity
from pytest_subagents.model.value import Value

Number: TypeAlias = int | float
VerdictBy: TypeAlias = Literal["items", "gates"]
"""Who decides the exit code: every subagent and the gates, or the gates alone."""

_STATUSES: Final[tuple[ReportStatus, ...]] = get_args(ReportStatus)[::-1]
"""Lowest first, so that `status >= partial` reads as it compares."""
_OPERATORS: Final[Mapping[str, Callable[[Number, Number], bool]]] = MappingProxyType(
    {
        "<=": operator.le,
        ">=": operator.ge,
        "==": operator.eq,
        "!=": operator.ne,
        "<": operator.lt,
        ">": operator.gt,
    }
)
_EXPRESSION: Final = re.compile(r"\s*([^\s<>=!]+)\s*([<>=!]+)\s*(\S+)\s*")
_NUMBER: Final = re.compile(r"(-?[0-9]{1,15}(?:\.[0-9]{1,9})?)([kM]?)")
_FACTORS: Final[Mapping[str, int]] = MappingProxyType({"": 1, "k": 1_000, "M": 1_000_000})
_SHOWN_CHARS: Final = 80
_FORM: Final = "METRIC OP NUMBER, such as 'failed <= 0', or 'status >= partial'"


class Gate(Value, frozen=True, kw_only=True):
    """One condition: `metric op bound`. For the metric `status`, `bound` is the rank of a status, 0 for failed."""

    expression: str
    metric: str
    op: str
    bound: Number


class Decision(Value, frozen=True, kw_only=True):
    """What the run comes to: 0, or 1 with the reasons why, in words."""

    exit_code: Literal[0, 1]
    reasons: tuple[str, ...] = ()


def parse_gate(text: str, *, where: str = "--subagents-gate") -> Gate:
    """The gate that a person wrote; raises `BadUsage` for everything that is none."""
    match = _EXPRESSION.fullmatch(text)
    if match is None:
        raise BadUsage(where, f"{_cut(text)!r} is no gate", hint=f"write {_FORM}")
    metric, op, bound = match.groups()
    if op not in _OPERATORS:
        raise BadUsage(where, f"{_cut(op)!r} is no operator", hint=f"use one of: {', '.join(sorted(_OPERATORS))}")
    expression = f"{metric} {op} {bound}"
    if metric == "status":
        return Gate(expression=expression, metric=metric, op=op, bound=_status_rank(bound, where))
    if metric not in _METRICS:
        raise BadUsage(where, f"no metric is called {_cut(metric)!r}", hint=_nearest(metric, ("status", *_METRICS)))
    number = _number(bound, where)
    if metric in ("success_rate", "pass_rate") and not 0 <= number <= 1:
        raise BadUsage(where, f"{metric} is never {bound}", hint="it goes from 0 to 1: 0.9 is nine in ten")
    return Gate(expression=expression, metric=metric, op=op, bound=number)


def judge_gates(report: Report, gates: Iterable[Gate]) -> tuple[GateResult, ...]:
    """What each of `gates` comes to; one whose metric is not known for every row that counts has not passed."""
    return tuple(_judged(report, gate) for gate in gates)


def decide(report: Report, *, verdict: VerdictBy = "items", partial: Literal["pass", "fail"] = "pass") -> Decision:
    """The exit code that `report`, its gates included, stands for.

    1 when a subagent failed, did not run or waits for review, was not expected to, or a gate failed; another partial
    one fails only where `partial` says so. With `verdict="gates"` the gates alone decide, so that without a gate
    nothing can fail.
    """
    reasons = [f"gate failed: {gate.expression}" for gate in report.gates if not gate.passed]
    if verdict == "items":
        counts = report.counts
        lowering = [(counts.failed, "failed"), (counts.not_run, "did not run")]
        lowering += [(counts.partial, "ended partial")] if partial == "fail" else []
        waiting = 0 if partial == "fail" else sum(map(_waits, _counted(report)))
        lowering += [(waiting, "waits for review" if waiting == 1 else "wait for review")]
        reasons = [f"{_subagents(count)} {verb}" for count, verb in lowering if count] + reasons
    return Decision(exit_code=1 if reasons else 0, reasons=tuple(reasons))


def _waits(row: Result) -> bool:
    return row.waits_for_review and row.status == "partial"


def _judged(report: Report, gate: Gate) -> GateResult:
    compare = _OPERATORS[gate.op]
    if gate.metric == "status":
        passed = compare(_STATUSES.index(report.status), gate.bound)
        return GateResult(expression=gate.expression, actual=report.status, passed=passed)
    actual = _METRICS[gate.metric](report)
    passed = actual is not None and compare(actual, gate.bound)
    return GateResult(expression=gate.expression, actual=actual, passed=passed)


def _status_rank(text: str, where: str) -> int:
    if text not in _STATUSES:
        hint = _nearest(text, _STATUSES)
        raise BadUsage(where, f"{_cut(text)!r} is no status of a report", hint=hint)
    return _STATUSES.index(text)


def _number(text: str, where: str) -> Number:
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise BadUsage(where, f"{_cut(text)!r} is no number", hint="write one like 0, 0.95, 400k or 2M")
    exact = Decimal(match[1]) * _FACTORS[match[2]]
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def _nearest(text: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = difflib.get_close_matches(_cut(text), names, n=1)
    return (f"did you mean {near[0]!r}? " if near else "") + f"known: {', '.join(names)}"


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARS else text[:_SHOWN_CHARS] + "…"


def _subagents(count: int) -> str:
    return "1 subagent" if count == 1 else f"{count} subagents"


def _counted(report: Report) -> tuple[Result, ...]:
    """The rows that gates judge: what was expected lowers none."""
    return tuple(agent for agent in report.agents if not agent.expected)


def _success_rate(report: Report) -> Number:
    judged = report.counts.planned - report.counts.expected
    return report.counts.success / judged if judged else 1


def _pass_rate(report: Report) -> Number | None:
    """The lowest of the subagents that repeat; of none, nothing is known."""
    return min((agent.pass_rate.rate for agent in _counted(report) if agent.pass_rate is not None), default=None)


def _findings(severity: str | None) -> Callable[[Report], Number]:
    def count(report: Report) -> Number:
        found = (finding for agent in _counted(report) for finding in agent.findings)
        return sum(severity is None or known_severity(finding.severity) == severity for finding in found)

    return count


def _new_findings(severity: str | None) -> Callable[[Report], Number | None]:
    """Known only against a baseline. An id that only expected rows have does not count."""

    def count(report: Report) -> Number | None:
        if report.baseline is None:
            return None
        counted = {agent.planned.id for agent in _counted(report)}
        new = [finding for finding in report.findings if finding.state == "new" and finding.agent in counted]
        return sum(severity is None or known_severity(finding.severity) == severity for finding in new)

    return count


def _conflicts(report: Report) -> Number | None:
    """Known only where a merge was made of everything that was to be merged."""
    if not report.merges or any(merge.tree is None for merge in report.merges):
        return None
    return sum(reason.kind == "conflict" for agent in _counted(report) for reason in agent.reasons)


def _sum(*values_of: Callable[[Result | Attempt], Number | None]) -> Callable[[Report], Number | None]:
    """A sum that is known only where everything that ran knows its part: a bound on what is half known is no bound."""

    def total(report: Report) -> Number | None:
        ran = [run for agent in _counted(report) for run in agent.runs if run.status != "not_run"]
        values = [value_of(run) for run in ran for value_of in values_of]
        known = [value for value in values if value is not None]
        return sum(known) if len(known) == len(values) else None

    return total


def _usd(report: Report) -> Number | None:
    total = _sum(lambda agent: agent.usage.usd)(report)
    # Rounded, so that 0.1 + 0.2 is at most 0.3.
    return round(total, 9) if total is not None and math.isfinite(total) else None


def _count(name: str) -> Callable[[Report], Number]:
    return operator.attrgetter(f"counts.{name}")


_METRICS: Final[Mapping[str, Callable[[Report], Number | None]]] = MappingProxyType(
    {
        **{name: _count(name) for name in ("planned", "success", "partial", "failed", "not_run", "expected")},
        "deselected": _count("deselected"),
        "success_rate": _success_rate,
        "pass_rate": _pass_rate,
        "findings": _findings(None),
        **{f"findings.{severity}": _findings(severity) for severity in SEVERITIES},
        "new_findings": _new_findings(None),
        **{f"new_findings.{severity}": _new_findings(severity) for severity in SEVERITIES},
        "violations": lambda report: sum(agent.violations for agent in _counted(report)),
        "conflicts": _conflicts,
        "tokens": _sum(lambda agent: agent.usage.input_tokens, lambda agent: agent.usage.output_tokens),
        "usd": _usd,
        "runtime_ms": _sum(lambda agent: agent.runtime_ms),
    }
)
"""The value of each metric, None where it is not known. `findings.other` counts severities that are none of ours."""
