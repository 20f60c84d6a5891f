"""From the results of single runs to rows: several runs of one subagent are one row, and every other result is its own.

Attempts compete, and the best of them is the row's. Repetitions all count, and what they come to is a rate.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from pytest_subagents.aggregate.lattice import report_status
from pytest_subagents.aggregate.pass_rate import pass_rate
from pytest_subagents.aggregate.selecting import best_of, why_lost
from pytest_subagents.aggregate.totals import totals
from pytest_subagents.model.attempts import Attempt, AttemptOf
from pytest_subagents.model.limits import MESSAGE_CHARS
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.result import Planned, Result
from pytest_subagents.model.status import Status, lowest, rank


def gathered(results: Mapping[str, Result]) -> dict[str, Result]:
    """`results` by node id, with one row in the place of those that are runs of one."""
    if not any(result.planned.attempt for result in results.values()):
        return dict(results)
    rows: dict[str, Result] = {}
    runs: dict[str, list[Result]] = defaultdict(list)
    for nodeid, result in results.items():
        if result.planned.attempt is None:
            rows[nodeid] = result
        else:
            runs[result.planned.attempt.row].append(result)
    return rows | {nodeid: row_of(found) for nodeid, found in runs.items()}


def row_of(results: Iterable[Result]) -> Result:
    """The row that all these runs make, of which there is one at least, whatever their order."""
    runs = sorted(results, key=_number)
    chosen = best_of(runs)
    row = _repeated(chosen, runs) if _attempt(chosen).repeats else _selected(chosen, runs)
    spent = totals(runs)
    return replace(row, planned=planned_row(chosen.planned), runtime_ms=spent.runtime_ms, usage=spent.usage, scores=())


def planned_row(planned: Planned) -> Planned:
    """The row that a run is one of, as it is planned; of what is no such run, itself."""
    return planned if planned.attempt is None else replace(planned, nodeid=planned.attempt.row, attempt=None)


def _selected(best: Result, runs: Sequence[Result]) -> Result:
    row = replace(best, attempts=tuple(_told(run, best) for run in runs))
    missing = tuple(_missing(run) for run in runs if _has_no_recording(run))
    if not missing or _has_no_recording(best):
        return row
    return replace(row, reasons=(*missing, *row.reasons), status=lowest((row.status, "failed")), expected=False)


def _told(run: Result, best: Result) -> Attempt:
    kept = _kept(run, selected=run is best)
    if run is best or any(reason.kind == "lost" for reason in run.reasons):
        return kept
    return replace(kept, reasons=(*kept.reasons, Reason(kind="lost", message=why_lost(run, best))))


def _has_no_recording(run: Result) -> bool:
    return any(reason.kind == "missing_recording" for reason in run.reasons)


def _missing(run: Result) -> Reason:
    """What is not known of an attempt is in the way of its row, whoever is selected: it might have been that one."""
    found = next(reason for reason in run.reasons if reason.kind == "missing_recording")
    return replace(found, message=f"attempt {_number(run)}: {found.message}"[:MESSAGE_CHARS], at_most=None)


def _repeated(shown: Result, runs: Sequence[Result]) -> Result:
    """`shown` is whose answer the row has: that of the first of those that did best."""
    expected = all(run.expected for run in runs)
    status, reasons = shown.status, shown.reasons
    if not expected and any(run.status != "not_run" for run in runs):
        status = report_status(replace(run, status=_counted(run), expected=False) for run in runs)
        reasons = tuple(_of_several(runs))
    return replace(
        shown,
        status=status,
        reasons=reasons,
        expected=expected,
        attempts=tuple(_kept(run, selected=run is shown) for run in runs),
        pass_rate=pass_rate(runs),
    )


def _counted(run: Result) -> Status:
    return "success" if run.expected else run.status


def _of_several(runs: Sequence[Result]) -> Iterable[Reason]:
    """One reason for each kind that decided about a repetition, the worst and most frequent first."""
    kinds: dict[str, list[Result]] = defaultdict(list)
    for run in runs:
        if run.status != "success" and not run.expected and run.reasons:
            kinds[run.reasons[0].kind].append(run)
    for found in sorted(kinds.values(), key=lambda found: (-rank(found[0].status), -len(found), _number(found[0]))):
        first, reason = found[0], found[0].reasons[0]
        number = _number(first)
        which = f"repetition {number}" if len(found) == 1 else f"{len(found)} repetitions, {number} first"
        yield replace(reason, message=f"{which}: {reason.message}"[:MESSAGE_CHARS], line=None)


def _kept(run: Result, *, selected: bool) -> Attempt:
    return Attempt(
        nodeid=run.planned.nodeid,
        number=_number(run),
        status=run.status,
        expected=run.expected,
        selected=selected,
        reasons=run.reasons,
        findings=len(run.findings),
        changes=len(run.changes),
        changed_lines=run.changed_lines,
        exit_code=run.exit_code,
        runtime_ms=run.runtime_ms,
        usage=run.usage,
        transcript=run.transcript,
    )


def _attempt(run: Result) -> AttemptOf:
    attempt = run.planned.attempt
    assert attempt is not None
    return attempt


def _number(run: Result) -> int:
    return _attempt(run).number
