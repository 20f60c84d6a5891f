"""`--subagents-shard`: which items this shard runs, and the file that it leaves. Imported only where it is given.

Where pytest collects, all that is selected is dealt out and what is of other shards is put aside, in every process the
same; xdist's controller is told. In the end nothing is judged: `subagents merge-reports` does that, of all shards.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, cast

import msgspec
import pytest

from pytest_subagents.conduct.shown_paths import printable, shown_path
from pytest_subagents.conduct.specification import specification_digest
from pytest_subagents.errors import BadUsage
from pytest_subagents.glue.run import NODE_KEY, Run
from pytest_subagents.model.report import ReportMerge
from pytest_subagents.model.result import Result
from pytest_subagents.model.shard import Asked, Deal, Part, Shard, Share
from pytest_subagents.model.value import Value
from pytest_subagents.plan.sharding import Bond, Piece, dealt, is_undivided
from pytest_subagents.reports.registry import format_of
from pytest_subagents.reports.shard_json import shard_json
from pytest_subagents.transcript.runtimes import recorded_runtime
from pytest_subagents.writing import shared_mode, write_file

OPTION: Final = "--subagents-shard"
_OF_ALL: Final = {
    "subagents_plan": ("--subagents-plan", "a plan is of all subagents", "--collect-only shows what is in a shard"),
    "subagents_snapshot": ("--subagents-snapshot", "a snapshot is of all subagents", "compare it in a run of all"),
    "lf": ("--lf", "what failed last is known on this machine alone", "select by -k, -m or node ids, the same in all"),
    "stepwise": ("--sw", "where a run stopped is known on this machine alone", "run all of the shard"),
}
"""Options that a part of a run cannot do: as pytest keeps them, as they are typed, why, and what to do."""


class Sharding(Value, frozen=True, kw_only=True):
    """How this run is dealt out, and what of it is here."""

    deal: Deal
    tests: int = 0
    """Ordinary tests of this shard."""
    all_tests: int = 0
    elsewhere: frozenset[str] = frozenset()
    """Node ids of the subagents of other shards."""


def refuse_options(config: pytest.Config, reports: Iterable[Path], baseline: Path | None) -> None:
    """`BadUsage` for an option on the command line that is of a whole run, a report of no format, and a baseline that
    merge-reports could not find again."""
    for name, (option, why, hint) in _OF_ALL.items():
        if config.getoption(name, None):
            raise BadUsage(OPTION, f"{option} is given too, and {why}", hint=f"leave one of them out; {hint}")
    for path in reports:
        format_of(path)
    if baseline is not None and not _from_rootdir(baseline, config.rootpath):
        what = "it is outside of the rootdir, and the parts say from there where it is"
        raise BadUsage("--subagents-baseline", what, hint="give it to merge-reports alone (--baseline PATH)")


def keep_shard(run: Run, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Takes what other shards run from `items`, after everything that selects."""
    shard = run.settings.shard
    if shard is None or run.mistakes:
        return
    selected = {item.stash[NODE_KEY] for item in items if NODE_KEY in item.stash}
    tests = [printable(item.nodeid) for item in items if NODE_KEY not in item.stash]
    shards = dealt(_pieces(run, selected), shard.count)
    shards_of_tests = dealt(map(_piece_of_test, tests), shard.count)
    run.sharding = Sharding(
        deal=Deal(
            count=shard.count,
            plan=tuple(_share(run, nodeid, shards[nodeid]) for nodeid in sorted(selected)),
            deselected=tuple(sorted(run.deselected - selected)),
            tests=_digest(tests),
        ),
        tests=sum(number == shard.number for number in map(shards_of_tests.__getitem__, tests)),
        all_tests=len(tests),
        elsewhere=frozenset(nodeid for nodeid, number in shards.items() if number != shard.number),
    )
    _keep_workflows(run, shard, shards)
    where = {**shards_of_tests, **shards}
    others = [item for item in items if where[_nodeid(item)] != shard.number]
    items[:] = [item for item in items if where[_nodeid(item)] == shard.number]
    if others:
        config.hook.pytest_deselected(items=others)


def to_plain(sharding: Sharding) -> dict[str, Any]:
    """What execnet can carry."""
    return cast("dict[str, Any]", msgspec.to_builtins(sharding))


def sharding_of(plain: object) -> Sharding:
    return msgspec.convert(plain, Sharding, strict=True)


def write_part(run: Run, session: pytest.Session) -> Path:
    """Writes what came of this shard beside where the report would be; `BadUsage` where that cannot be."""
    assert run.settings.shard is not None
    path = run.settings.report_dir / run.settings.shard.file_name
    data = shard_json(part_of(run, int(session.exitstatus))).encode()
    below = run.rootdir if path.is_relative_to(run.rootdir) else path.parent
    try:
        write_file(path, data, below=below, mode=shared_mode())
    except OSError as error:
        what = f"the part cannot be written: {error.strerror or error}"
        raise BadUsage(shown_path(run.rootdir, str(path)), what, hint="name another ini subagents_report_dir") from None
    return path


def part_of(run: Run, exit_code: int) -> Part:
    """All that the other shards cannot know."""
    shard, sharding = run.settings.shard, run.sharding
    assert shard is not None
    assert sharding is not None
    own = {share.planned.nodeid for share in sharding.deal.of(shard.number)}
    left_out = own - run.planned.keys()
    own -= left_out
    tally = run.tally()
    return Part(
        shard=shard,
        asked=asked_of(run),
        deal=sharding.deal,
        results=tuple(result for result in tally.results if result.planned.nodeid in own),
        started=tuple(sorted(tally.started & own)),
        crashed=tuple(sorted(tally.crashed & own)),
        passed=tuple(sorted(point for point in tally.passed if point[0] in own)),
        left_out=tuple(sorted(left_out)),
        cut_short=tally.cut_short,
        lowered=_lowered(run),
        merges=_merges(run),
        exit_code=exit_code,
    )


def asked_of(run: Run) -> Asked:
    settings = run.settings
    return Asked(
        made_by=version("pytest-subagents"),
        mode=settings.mode,
        verdict=settings.verdict,
        partial=settings.partial,
        stale=settings.stale,
        checks=settings.checks,
        gates=settings.gates,
        reports=tuple(shown_path(run.rootdir, str(path)) for path in settings.reports),
        report_dir=_from_rootdir(settings.report_dir, run.rootdir),
        baseline="" if settings.baseline is None else _from_rootdir(settings.baseline, run.rootdir),
    )


def _from_rootdir(path: Path, rootdir: Path) -> str:
    """`path` from the rootdir; empty where it is elsewhere."""
    whole = Path(os.path.abspath(path))
    return whole.relative_to(rootdir).as_posix() if whole.is_relative_to(rootdir) else ""


def _lowered(run: Run) -> tuple[Result, ...]:
    return () if run.merges is None else tuple(run.merges.rows[nodeid] for nodeid in sorted(run.merges.rows))


def _merges(run: Run) -> tuple[ReportMerge, ...]:
    return () if run.merges is None else run.merges.merges


def _nodeid(item: pytest.Item) -> str:
    return item.stash[NODE_KEY] if NODE_KEY in item.stash else printable(item.nodeid)


def _share(run: Run, nodeid: str, shard: int) -> Share:
    assignment = run.assignments[nodeid]
    digest = specification_digest(assignment, prompt="", needed={}, publish=False)
    return Share(planned=assignment.planned, specification=digest, shard=shard)


def _pieces(run: Run, selected: set[str]) -> Iterator[Piece]:
    """All subagents that are known: one that is not selected hands on what hangs on it."""
    whole = {nodeid: file for file, nodeids in _undivided(run) for nodeid in nodeids}
    for nodeid, assignment in run.assignments.items():
        attempt = assignment.planned.attempt
        row = nodeid if attempt is None else attempt.row
        bonds: list[Bond] = [("item", other) for other in assignment.waits_for]
        bonds += [("resource", name) for name in assignment.subagent.resources]
        bonds += [] if attempt is None else [("item", row)]
        bonds += [("workflow", whole[row])] if row in whole else []
        yield Piece(
            nodeid=nodeid,
            milliseconds=recorded_runtime(assignment.recording) if nodeid in selected else None,
            bonds=tuple(bonds),
            selected=nodeid in selected,
        )


def _undivided(run: Run) -> Iterator[tuple[str, Sequence[str]]]:
    """The workflows of which something is done as a whole, with the node ids of their rows."""
    for collected in run.collected:
        if collected.nodeids and is_undivided(collected.workflow):
            yield collected.nodeids[0].partition("::")[0], collected.nodeids


def _keep_workflows(run: Run, shard: Shard, shards: Mapping[str, int]) -> None:
    """Whose merge and whose notices are made here; of a workflow of which nothing is selected, in the first shard."""
    owner = {nodeid.partition("::")[0]: number for nodeid, number in shards.items()}
    run.mergings[:] = [file for file in run.mergings if owner.get(file, 1) == shard.number]
    run.told = {file: told for file, told in run.told.items() if owner.get(file, 1) == shard.number}


def _piece_of_test(nodeid: str) -> Piece:
    """An ordinary test, which stays with the others of its file for the sake of their fixtures."""
    return Piece(nodeid=nodeid, milliseconds=1, bonds=(("file", nodeid.partition("::")[0]),))


def _digest(nodeids: Iterable[str]) -> str:
    return "sha256:" + hashlib.sha256("\n".join(sorted(nodeids)).encode()).hexdigest()
