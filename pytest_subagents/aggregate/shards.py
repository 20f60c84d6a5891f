"""The parts of a run that was dealt out to several machines, as one tally: its report is that of the whole run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Final, TypeAlias

from msgspec.structs import replace

from pytest_subagents.aggregate.amending import amended
from pytest_subagents.aggregate.fold import Tally, joined
from pytest_subagents.errors import BadUsage
from pytest_subagents.model.limits import SHARD_NAMES_SHOWN
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.report import Report, ReportMerge
from pytest_subagents.model.result import Planned, Result
from pytest_subagents.model.shard import Asked, Deal, Part, Share, rows_of
from pytest_subagents.model.status import rank
from pytest_subagents.model.value import Value

Named: TypeAlias = tuple[str, Part]
"""A part with the name of its file."""

_TOLD: Final = {"made_by": "the version of pytest-subagents", "reports": "the report files", "report_dir": "the folder"}
_SAME: Final = (
    "give every shard the same files, options and selection, at the same commit, and merge the parts of one run"
)

_DEALT_OTHERWISE: Final = (
    "shards must start from the same recordings, each in a checkout of its own; if these have recorded into this one, "
    "it has what a run without shards needs: pytest --subagents --subagents-mode=once"
)


class Whole(Value, frozen=True, kw_only=True):
    """All parts of a run together."""

    asked: Asked
    deal: Deal
    tally: Tally
    missing: Mapping[int, tuple[Share, ...]]
    """Shards that have left no part, each with what was to run there."""
    lowered: tuple[Result, ...]
    merges: tuple[ReportMerge, ...]
    exit_code: int
    """The highest of all parts."""

    def amend(self, report: Report) -> Report:
        """`report`, that of the tally, with the merges that shards have made, and nothing of what is missing in it
        better than failed, whatever it waited for."""
        before = {row.planned.nodeid: rank(row.status) for row in report.agents}
        rows = {
            row.planned.nodeid: row
            for row in self.lowered
            if rank(row.status) >= before.get(row.planned.nodeid, 0)  # a merge lowers, and nothing in a file may raise
        }
        if rows or self.merges:
            report = amended(report, rows, self.merges)
        if not self.missing:
            return report
        shard_of = {row: number for number, shares in self.missing.items() for row in rows_of(shares)}
        gone = {
            row.planned.nodeid: self._lost(row.planned, shard_of[row.planned.nodeid])
            for row in report.agents
            if row.planned.nodeid in shard_of and row.status != "failed"
        }
        return replace(amended(report, gone, report.merges), complete=False)

    def _lost(self, planned: Planned, number: int) -> Result:
        return _lost(planned, number, self.deal.count)


def whole_of(parts: Sequence[Named]) -> Whole:
    """The whole of which these are parts, in any order; what no part tells has failed.

    `BadUsage` where there is none, two are of one shard, or one is of another run than the first one.
    """
    if not parts:
        raise BadUsage("merge-reports", "there are no parts to merge")
    first_name, first = min(parts, key=lambda one: one[1].shard.number)
    names: dict[int, str] = {}
    for name, part in parts:
        difference = next(_differences(first, part), None)
        if difference is not None:
            hint = _DEALT_OTHERWISE if _is_dealt_otherwise(first, part) else _SAME
            raise BadUsage(name, f"it is no part of the run that {first_name} is of: {difference}", hint=hint)
        number = part.shard.number
        if number in names:
            what = f"it is shard {part.shard}, and so is {names[number]}"
            raise BadUsage(name, what, hint="keep the one that is to count")
        names[number] = name
    count = first.deal.count
    missing = {number: first.deal.of(number) for number in range(1, count + 1) if number not in names}
    skipped = {nodeid for _, part in parts for nodeid in part.left_out}
    planned = Tally.of(
        planned=(share.planned for share in first.deal.plan if share.planned.nodeid not in skipped),
        results=(_lost(share.planned, number, count) for number, shares in missing.items() for share in shares),
        deselected=(*first.deal.deselected, *skipped),
    )
    return Whole(
        asked=first.asked,
        deal=first.deal,
        tally=joined([planned, *(_tally(part) for _, part in parts)]),
        missing=missing,
        lowered=tuple(row for _, part in parts for row in part.lowered),
        merges=tuple(merge for _, part in parts for merge in part.merges),
        exit_code=max(part.exit_code for _, part in parts),
    )


def _tally(part: Part) -> Tally:
    return Tally.of(
        results=part.results,
        started=part.started,
        crashed=part.crashed,
        passed=part.passed,
        cut_short=part.cut_short,
    )


def _lost(planned: Planned, number: int, count: int) -> Result:
    """What nobody expects, so that it is never `expected`."""
    message = f"it was to run in shard {number}/{count}, which has left no part"
    hint = f"run that shard again (--subagents-shard={number}/{count}), or give its part to merge-reports too"
    reason = Reason(kind="crashed", message=message, hint=hint)
    return Result(planned=planned, status="failed", reasons=(reason,), vendor=planned.vendor, model=planned.model)


def _is_dealt_otherwise(first: Part, other: Part) -> bool:
    """Whether nothing differs but who runs in which shard, which follows from the times in the recordings."""
    plan = tuple(replace(share, shard=0) for share in first.deal.plan)
    same_plan = plan == tuple(replace(share, shard=0) for share in other.deal.plan)
    return first.asked == other.asked and same_plan and replace(first.deal, plan=()) == replace(other.deal, plan=())


def _differences(first: Part, other: Part) -> Iterator[str]:
    """In words; none for parts of one run."""
    if first.deal.count != other.deal.count:
        yield f"there are {other.deal.count:,} shards here, and {first.deal.count:,} there"
        return
    for field in fields(Asked):
        here, there = getattr(other.asked, field.name), getattr(first.asked, field.name)
        if here != there:
            name = _TOLD.get(field.name, field.name)
            yield f"{name}: {_shown(here)} here, and {_shown(there)} there"
    if first.deal != other.deal:
        yield from _of_plans(first.deal, other.deal)


def _of_plans(first: Deal, other: Deal) -> Iterator[str]:
    there = {share.planned.nodeid: share for share in first.plan}
    here = {share.planned.nodeid: share for share in other.plan}
    if more := here.keys() - there.keys():
        yield f"{_names(more)}: selected here, and not there"
    if less := there.keys() - here.keys():
        yield f"{_names(less)}: selected there, and not here"
    common = sorted(here.keys() & there.keys())
    for nodeid in common:
        for field in fields(Planned):
            if getattr(here[nodeid].planned, field.name) != getattr(there[nodeid].planned, field.name):
                yield f"{_names([nodeid])}: its '{field.name}' differs"
    changed = [nodeid for nodeid in common if here[nodeid].specification != there[nodeid].specification]
    if changed:
        yield f"{_names(changed)}: specified otherwise (its instructions, contract, limits or another key)"
    moved = [nodeid for nodeid in common if here[nodeid].shard != there[nodeid].shard]
    if moved:
        which = here[moved[0]].shard, there[moved[0]].shard
        yield f"{_names(moved)}: in shard {which[0]} here, and in {which[1]} there, as other runtimes are recorded"
    if first.deselected != other.deselected:
        yield "other subagents are deselected"
    yield "other tests are collected beside the subagents"


def _names(nodeids: Iterable[str]) -> str:
    found = [" ".join(nodeid.split()) for nodeid in sorted(nodeids)]  # a file may say anything, on several lines
    more = f" and {len(found) - SHARD_NAMES_SHOWN:,} more" if len(found) > SHARD_NAMES_SHOWN else ""
    return ", ".join(found[:SHARD_NAMES_SHOWN]) + more


def _shown(value: str | tuple[str, ...]) -> str:
    return repr(value) if isinstance(value, str) else (", ".join(map(repr, value)) or "none")
