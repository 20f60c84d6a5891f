"""The file of one part of a run, as JSON: what a shard leaves and `merge-reports` reads.

`shard.schema.json` says the same for other programs. The file comes from another machine, on which agents ran: it is
decoded as strictly as any input, and it can speak of nothing but what its shard was to run, nor raise a status.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Final, Literal

import msgspec

from pytest_subagents.errors import BadUsage
from pytest_subagents.model.limits import REPORT_BYTES, SHARDS
from pytest_subagents.model.reason import Reason, lowered
from pytest_subagents.model.report import ReportMerge
from pytest_subagents.model.result import Result
from pytest_subagents.model.shard import Asked, Deal, Part, Shard, Share, rows_of
from pytest_subagents.model.status import CEILING, rank
from pytest_subagents.reports.escape import json_document

FORMAT: Final = "pytest-subagents/shard"
VERSION: Final = 1
_AGAIN: Final = "run that shard again"
_ENCODER: Final = msgspec.json.Encoder(order="deterministic")


class ShardDocument(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file. Versions: 1 is the first."""

    format: Literal["pytest-subagents/shard"] = "pytest-subagents/shard"
    version: Literal[1] = 1
    shard: int
    of: int
    specification: str
    """A digest of `settings`, `plan`, `deselected` and `tests`: parts of one run have the same."""
    exit_code: int
    cut_short: bool
    settings: Asked
    plan: tuple[Share, ...]
    deselected: tuple[str, ...]
    tests: str
    results: tuple[Result, ...]
    started: tuple[str, ...]
    crashed: tuple[str, ...]
    passed: tuple[tuple[str, str], ...]
    left_out: tuple[str, ...]
    lowered: tuple[Result, ...]
    merges: tuple[ReportMerge, ...]


class _Head(msgspec.Struct, frozen=True):
    format: str = ""
    version: int = 0


def specification_of(asked: Asked, deal: Deal) -> str:
    """`sha256:` and the digest of all that parts of one run have in common."""
    return "sha256:" + hashlib.sha256(_ENCODER.encode((asked, deal))).hexdigest()


def shard_json(part: Part) -> str:
    """The file of a part: equal parts give equal text."""
    document = ShardDocument(
        shard=part.shard.number,
        of=part.shard.count,
        specification=specification_of(part.asked, part.deal),
        exit_code=part.exit_code,
        cut_short=part.cut_short,
        settings=part.asked,
        plan=part.deal.plan,
        deselected=part.deal.deselected,
        tests=part.deal.tests,
        results=part.results,
        started=part.started,
        crashed=part.crashed,
        passed=part.passed,
        left_out=part.left_out,
        lowered=part.lowered,
        merges=part.merges,
    )
    return json_document(_ENCODER.encode(document).decode("utf-8")) + "\n"


def read_shard_json(data: bytes, *, where: str) -> Part:
    """The part that `shard_json` gave `data` for; `BadUsage` at `where` for everything else."""
    if len(data) > REPORT_BYTES:
        raise BadUsage(where, f"it is larger than {REPORT_BYTES:,} bytes")
    try:
        _check_head(msgspec.json.decode(data, type=_Head), where)
        document = msgspec.json.decode(data, type=ShardDocument)
        # The values of the model decode leniently: a key too many or too few shows only here.
        faithful = msgspec.json.decode(_ENCODER.encode(document)) == msgspec.json.decode(data)
    except (msgspec.MsgspecError, UnicodeError, RecursionError, OverflowError) as error:
        words = str(error).partition("\n")[0] or type(error).__name__
        raise BadUsage(where, f"it is no part of a run, or damaged: {words}", hint=_AGAIN) from None
    if not faithful:
        raise BadUsage(where, "it is no part of this version: a key is missing, or one is unknown", hint=_AGAIN)
    part = _part_in(document)
    fault = next(iter(_faults(part, document.specification)), None)
    if fault is not None:
        raise BadUsage(where, f"it is no part of a run, or changed by hand: {fault}", hint=_AGAIN)
    return part


def _part_in(document: ShardDocument) -> Part:
    return Part(
        shard=Shard(number=document.shard, count=document.of),
        asked=document.settings,
        deal=Deal(count=document.of, plan=document.plan, deselected=document.deselected, tests=document.tests),
        results=document.results,
        started=document.started,
        crashed=document.crashed,
        passed=document.passed,
        left_out=document.left_out,
        cut_short=document.cut_short,
        lowered=document.lowered,
        merges=document.merges,
        exit_code=document.exit_code,
    )


def _check_head(head: _Head, where: str) -> None:
    if head.format != FORMAT:
        raise BadUsage(where, "it is no part of a run of pytest-subagents", hint=f"its 'format' must be {FORMAT!r}")
    if head.version != VERSION:
        raise BadUsage(
            where,
            f"it is a part of version {head.version}, and this is read: {VERSION}",
            hint="run the shards and merge-reports with the same version of pytest-subagents",
        )


def _faults(part: Part, specification: str) -> Iterable[str]:
    """What cannot be in a file that a shard has left."""
    shard, plan = part.shard, part.deal.plan
    if not (1 <= shard.number <= shard.count <= SHARDS):
        yield f"there is no shard {shard}"
    nodeids = [share.planned.nodeid for share in plan]
    if nodeids != sorted(set(nodeids)):
        yield "its plan is not sorted by node id, or names one twice"
    if any(not 1 <= share.shard <= shard.count for share in plan):
        yield "its plan has a shard that does not exist"
    if specification != specification_of(part.asked, part.deal):
        yield "its digest is not that of its plan"
    mine = part.deal.of(shard.number)
    own, rows = {share.planned.nodeid for share in mine}, set(rows_of(mine))
    told = [result.planned.nodeid for result in part.results]
    said = [*told, *part.started, *part.crashed, *part.left_out, *(nodeid for nodeid, _ in part.passed)]
    strange = sorted({*said} - own | {row.planned.nodeid for row in part.lowered} - rows)
    if strange:
        yield f"it speaks of {strange[0]!r}, which is not in its shard"
    if not 0 <= part.exit_code <= 255:
        yield f"{part.exit_code} is no exit code"
    expects = {share.planned.nodeid: share.planned.expects for share in mine}
    for result in (*part.results, *part.lowered):
        if unknown := {reason.kind for reason in _reasons(result)} - CEILING.keys():
            yield f"{min(unknown)!r} is no reason"
            return
    for result in part.results:
        nodeid = result.planned.nodeid
        if rank(result.status) < rank(lowered(result.reasons)):
            yield f"{nodeid!r} is better than its reasons"
        if result.expected and not _is_expected(result, expects.get(nodeid)):
            yield f"{nodeid!r} is not what is expected of it"


def _reasons(result: Result) -> Iterator[Reason]:
    yield from result.reasons
    yield from (reason for attempt in result.attempts for reason in attempt.reasons)
    if result.on_conflict is not None:
        yield result.on_conflict


def _is_expected(result: Result, expects: str | None) -> bool:
    """`expects` is a status, with `:kind` where it is to be for that."""
    status, _, kind = (expects or "").partition(":")
    return result.status == status and (not kind or any(reason.kind == kind for reason in result.reasons))
