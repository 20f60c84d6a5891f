"""One row of the report: a result settled, or what stands in for one that never came."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from pytest_subagents.model.reason import Reason, lowered
from pytest_subagents.model.result import Diagnostics, Planned, Result
from pytest_subagents.model.status import rank


def settled(result: Result, planned: Planned) -> Result:
    """`result` as a row: what its reasons had left to decide is decided, and the one that lowered it most is first."""
    plain = result.status == "success" and not result.reasons and result.diagnostics == _of_success(result.diagnostics)
    if plain and result.vendor is not None and result.planned == planned:
        return result
    by_weight = sorted(result.reasons, key=lambda reason: -rank(reason.ceiling))
    return replace(
        result,
        planned=planned,
        vendor=result.vendor or planned.vendor,
        model=result.model or planned.model,
        reasons=tuple(reason if reason.at_most is None else replace(reason, at_most=None) for reason in by_weight),
        diagnostics=_of_success(result.diagnostics) if result.status == "success" else result.diagnostics,
    )


def _of_success(found: Diagnostics) -> Diagnostics:
    return Diagnostics(unreadable=found.unreadable, unreadable_lines=found.unreadable_lines)


def reported(row: Result) -> Result:
    """`row` with one vendor and one model, those that ran: a report does not say what else was planned."""
    if (row.vendor, row.model) == (row.planned.vendor, row.planned.model):
        return row
    return replace(row, planned=replace(row.planned, vendor=row.vendor, model=row.model))


def lost(planned: Planned, reasons: Iterable[Reason]) -> Result:
    """The row of a subagent whose result does not exist, or does not count.

    It is expected only where exactly that was: by `not_run` for a `dependency`, which says something about the
    workflow, but for `crashed` and `stopped`, which say something about this run, only by their names.
    """
    given = tuple(reasons)
    status, kind = lowered(given), given[0].kind
    wanted = {f"{status}:{kind}"} | ({status} if kind == "dependency" else set())
    return Result(
        planned=planned,
        status=status,
        expected=planned.expects in wanted,
        reasons=given,
        vendor=planned.vendor,
        model=planned.model,
    )


def crashed(planned: Planned) -> Result:
    """The row of a subagent that was started and never came back."""
    message = "it was started and its worker died before it had a result"
    return lost(planned, [Reason(kind="crashed", message=message)])


def crashed_after(row: Result) -> Result:
    """The row of a subagent whose result is known, and whose worker died before its test was over: what it found is
    kept, and it counts as crashed."""
    planned, message = row.planned, "its worker died before its test was over"
    reasons = (Reason(kind="crashed", message=message), *row.reasons)
    lower = replace(row, reasons=reasons, status=lowered(reasons), expected=planned.expects == "failed:crashed")
    return settled(lower, planned)


def stopped(planned: Planned) -> Result:
    """The row of a subagent that the run ended before."""
    message = "the run ended before it was started or had a result"
    return lost(planned, [Reason(kind="stopped", message=message)])


def deciding(row: Result) -> Reason:
    """The reason that a settled row has its status by."""
    if row.reasons:
        return row.reasons[0]
    # Only results that a person made by hand (for the fixture `aggregate_results`) give none.
    return Reason(kind="declared", message="no reason was given")
