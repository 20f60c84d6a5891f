"""All results of a run, folded into one value: what every format renders and every gate judges."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

from pytest_subagents.model.outcome import Usage
from pytest_subagents.model.result import Diagnostics, Result
from pytest_subagents.model.value import Value, field

ReportStatus: TypeAlias = Literal["success", "partial", "failed"]
FindingState: TypeAlias = Literal["new", "known"]


class Counts(Value, frozen=True, kw_only=True):
    """How the planned subagents ended; success + partial + failed + not_run + expected = planned."""

    planned: int = 0
    success: int = 0
    partial: int = 0
    failed: int = 0
    not_run: int = 0
    expected: int = 0
    """Those that came out as their `expect` says, whatever that was; they are counted nowhere else."""
    deselected: int = 0
    """Subagents that were found and left out of the run by `-k`, `-m`, `--lf` or a node id; not among the planned."""

    @classmethod
    def of(cls, agents: Iterable[Result], *, deselected: int = 0) -> Counts:
        """The counts of `agents`, one row a subagent."""
        words = ["expected" if agent.expected else agent.status for agent in agents]
        return cls(
            planned=len(words),
            success=words.count("success"),
            partial=words.count("partial"),
            failed=words.count("failed"),
            not_run=words.count("not_run"),
            expected=words.count("expected"),
            deselected=deselected,
        )


class ReportFinding(Value, frozen=True, kw_only=True):
    """A finding of one agent, as the report lists it."""

    agent: str
    """The id of the subagent."""
    severity: str
    file: str | None
    line: int | None
    title: str
    fingerprint: str
    """16 hex digits that stay the same when the lines of the file move, and when another agent finds it."""
    state: FindingState | None = None
    """Against a baseline; None where there is none."""


class ReportFailure(Value, frozen=True, kw_only=True):
    """A subagent that failed or did not run, and was not expected to: the reason that decided it."""

    agent: str
    """The id of the subagent."""
    kind: str
    message: str
    diagnostics: Diagnostics


class Totals(Value, frozen=True, kw_only=True):
    """Sums over all rows, of what is known: None where no row knows the number.

    A sum over rows of which only some know theirs is what is known, a lower bound. It is never filled up with
    zeros; a gate, which needs the whole, takes such a number for unknown.
    """

    runtime_ms: int | None = None
    """Time that the agents ran, added up; not the time that passed."""
    usage: Usage = field(default_factory=Usage)


class GateResult(Value, frozen=True, kw_only=True):
    """What a gate came to."""

    expression: str
    """With one space around the operator: `failed <= 0`."""
    actual: int | float | str | None
    """The value of its metric, a status for the metric `status`; None where it is not known."""
    passed: bool


class ReportMerge(Value, frozen=True, kw_only=True):
    """What became of the work of a workflow's subagents when it was merged at the end of the run."""

    workflow: str
    tree: str | None
    """The id of the tree with all that was merged; None where no merge was made."""
    merged: tuple[str, ...] = ()
    """Ids of those whose work is in it, in the order of the merge."""
    left_out: tuple[str, ...] = ()
    """Ids of those whose work should be in it and is not."""
    why: str | None = None
    """Why there is no tree, or not all of it."""


class BaselineCounts(Value, frozen=True, kw_only=True):
    """new + known are all findings of the report; known + fixed + unchecked are all of the baseline."""

    new: int = 0
    known: int = 0
    fixed: int = 0
    unchecked: int = 0


class ReportBaseline(Value, frozen=True, kw_only=True):
    """What became of the findings of an earlier report; which findings are new, those say themselves."""

    counts: BaselineCounts
    fixed: tuple[ReportFinding, ...] = ()
    """Those that nobody reports any more, though the subagent that did has answered; as the earlier report has them."""
    unchecked: tuple[ReportFinding, ...] = ()
    """Those that nobody reports, but the subagent that did is not in this run, or gave no answer."""


class Report(Value, frozen=True, kw_only=True):
    """What the team did. `aggregate.report.report_of` makes one, and nothing else does but reading one back.

    `agents` is sorted by node id. Equal runs give equal reports: there is no clock, host, worker or absolute path
    in it.
    """

    status: ReportStatus
    """Of the rows that are not expected: `success` if all are (or there is none), `failed` if none did better."""
    complete: bool
    """False for a run that was cut short by `-x`, a budget or an interrupt."""
    counts: Counts
    agents: tuple[Result, ...]
    findings: tuple[ReportFinding, ...] = ()
    """Of all rows, the expected ones too; sorted by severity, file, line, title, agent."""
    failures: tuple[ReportFailure, ...] = ()
    """In the order of `agents`."""
    totals: Totals = field(default_factory=Totals)
    gates: tuple[GateResult, ...] = ()
    """In the order in which they were given."""
    partial: Literal["pass", "fail"] = "pass"
    """What a partial subagent does to its test, and so to the exit code."""
    merges: tuple[ReportMerge, ...] = ()
    """One for each workflow that is merged at the end, by name."""
    baseline: ReportBaseline | None = None
    """None where the findings were not compared with those of an earlier report."""

    def is_red(self, row: Result) -> bool:
        """Whether the test of `row` fails: it did, or it is partial and that is not enough."""
        lacking = row.status == "partial" and (row.waits_for_review or self.partial == "fail")
        return not row.expected and (row.status == "failed" or lacking)
