"""A report against an earlier one: which of its findings are new, and what became of those that were known."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, TypeAlias

from msgspec.structs import replace

from pytest_subagents.aggregate.findings import substance_of
from pytest_subagents.model.report import BaselineCounts, Report, ReportBaseline, ReportFinding
from pytest_subagents.model.result import Planned, Result

_NO_ANSWER: Final = frozenset({"contract", "not_json", "no_message", "no_protocol"})

_RUN_NUMBER: Final = re.compile(r"\[[0-9]+\]$")
"""What tells the node id of one of several runs from that of their row."""

Likeness: TypeAlias = Callable[[ReportFinding], tuple[object, ...]]


def against(report: Report, baseline: Report) -> Report:
    """`report` with the state of each finding, and with those of `baseline` that are not in it any more.

    Findings of one substance are counted: of three where the baseline has two, one is new. Which of them is, likeness
    decides: who is of the same subagent on the same line is known first, then who is of the same subagent.
    """
    findings = [replace(finding, state=None) for finding in report.findings]
    earlier = [replace(finding, state=None) for finding in baseline.findings]
    known, left = _matched(findings, earlier)
    answered = _answered(report.agents)
    fixed = tuple(finding for finding in left if finding.agent in answered)
    unchecked = tuple(finding for finding in left if finding.agent not in answered)
    counts = BaselineCounts(
        new=len(findings) - len(known), known=len(known), fixed=len(fixed), unchecked=len(unchecked)
    )
    return replace(
        report,
        findings=tuple(
            replace(finding, state="known" if index in known else "new") for index, finding in enumerate(findings)
        ),
        baseline=ReportBaseline(counts=counts, fixed=fixed, unchecked=unchecked),
    )


def without_baseline(report: Report) -> Report:
    """`report` as it is when it is compared with nothing."""
    if report.baseline is None:
        return report
    return replace(report, findings=tuple(replace(finding, state=None) for finding in report.findings), baseline=None)


def is_of(baseline: Report, planned: Iterable[Planned], deselected: Iterable[str] = ()) -> bool:
    """Whether a subagent of `baseline` is among the `planned`, under another name perhaps, or the `deselected`.

    It is the same if its node id is, or if two of these three are: the file that declares it, its id, its task.
    """
    kin: set[tuple[str, ...]] = {name for each in planned for name in _names(each)}
    kin |= {(_RUN_NUMBER.sub("", nodeid),) for nodeid in deselected} | {(nodeid,) for nodeid in deselected}
    return any(name in kin for row in baseline.agents for name in _names(row.planned))


def _names(planned: Planned) -> Iterator[tuple[str, ...]]:
    file = planned.nodeid.partition("::")[0]
    yield (planned.nodeid,)
    yield ("file and id", file, planned.id)
    if planned.task:
        yield ("file and task", file, planned.task)
        yield ("id and task", planned.id, planned.task)


def _matched(
    findings: Sequence[ReportFinding], earlier: Sequence[ReportFinding]
) -> tuple[set[int], tuple[ReportFinding, ...]]:
    """The positions of those `findings` that are among the `earlier`, and the `earlier` that are left."""
    known: set[int] = set()
    left = dict(enumerate(earlier))
    for like in (_in_place, _of_one_agent, _of_anyone):
        waiting: defaultdict[tuple[object, ...], list[int]] = defaultdict(list)
        for number in reversed(left):
            waiting[like(left[number])].append(number)
        for index, finding in enumerate(findings):
            if index not in known and (numbers := waiting.get(like(finding))):
                known.add(index)
                del left[numbers.pop()]
    return known, tuple(left.values())


def _in_place(finding: ReportFinding) -> tuple[object, ...]:
    return (substance_of(finding), finding.agent, finding.line)


def _of_one_agent(finding: ReportFinding) -> tuple[object, ...]:
    return (substance_of(finding), finding.agent)


def _of_anyone(finding: ReportFinding) -> tuple[object, ...]:
    return (substance_of(finding),)


def _answered(rows: Iterable[Result]) -> set[str]:
    """The ids of which every row has an answer: what they do not report any more, they did not find."""
    told = list(rows)
    return {row.planned.id for row in told if answers(row)} - {row.planned.id for row in told if not answers(row)}


def answers(row: Result) -> bool:
    """Whether it has an answer of which findings can be missing."""
    if row.status in ("success", "partial"):
        return True
    return (
        row.status == "failed" and row.answer is not None and _NO_ANSWER.isdisjoint(each.kind for each in row.reasons)
    )
