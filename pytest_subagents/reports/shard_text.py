"""What a person reads of a run that was dealt out: at the end of one shard, and when all parts are merged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from pytest_subagents.model.shard import Asked, Deal, Shard, rows_of
from pytest_subagents.reports import commands
from pytest_subagents.reports.escape import terminal
from pytest_subagents.reports.line import Line, Style

_LABEL: Final = 11
_NAMED: Final = 10
"""Missing shards that are named."""


def shard_lines(
    shard: Shard,
    deal: Deal,
    *,
    tests: tuple[int, int],
    written: Sequence[str],
    folder: str,
    asked: Asked,
    snapshot: bool,
) -> Iterator[Line]:
    """What of the whole ran here, the file that it left, and what to type when all shards are done.

    `tests` are the ordinary ones of this shard and of all; `written` are files as paths from here, the part first;
    `folder` is where report.json would be; `snapshot` says that one was to be compared.
    """
    mine, whole = len(rows_of(deal.of(shard.number))), len(rows_of(deal.plan))
    told = f"{shard.number} of {shard.count}: {mine or 'none'} of {whole:,} {_subagents(whole)}"
    if tests[1]:
        told += f", {tests[0] or 'none'} of {tests[1]:,} other {'test' if tests[1] == 1 else 'tests'}"
    yield _labelled("Shard", told)
    for label, path in zip(["Part", *[""] * len(written)], written, strict=False):
        yield _labelled(label, terminal(path))
    if asked.baseline:
        yield _labelled("Baseline", f"compared when all parts are merged: {terminal(asked.baseline)}")
    if asked.gates:
        yield _labelled("Gates", f"judged when all parts are merged: {', '.join(map(terminal, asked.gates))}")
    if snapshot:
        yield _labelled("Snapshot", "not compared: this is a part, and a snapshot is of all subagents")
    yield _labelled("Whole", commands.merge_reports(folder, reports=asked.reports))


def merged_lines(
    deal: Deal, missing: Iterable[int], *, unwritten: Sequence[str], failed_elsewhere: int
) -> Iterator[Line]:
    """Which parts there were, and what the report does not show.

    `unwritten` are report files that the run was asked for and nobody has named here; `failed_elsewhere` is the exit
    code of the shards where that is more than the report is the reason of, else 0.
    """
    gone = tuple(missing)
    there = deal.count - len(gone)
    if not gone:
        yield _labelled("Shards", f"all {deal.count:,} are there" if deal.count > 1 else "the only one is there")
    else:
        names = ", ".join(map(str, gone[:_NAMED])) + (" …" if len(gone) > _NAMED else "")
        lost = sum(len(rows_of(deal.of(number))) for number in gone)
        told = f"{there:,} of {deal.count:,}; no part of {names}: {lost or 'no'} {_subagents(lost)} failed by that"
        yield _labelled("Shards", told, style="failed")
    if failed_elsewhere:
        words = {1: "tests beside the subagents failed", 2: "a shard was interrupted", 4: "a shard had a mistake"}
        told = f"{words.get(failed_elsewhere, 'a shard broke off')} (exit code {failed_elsewhere}): see its output"
        yield _labelled("", told, style="failed")
    for path in unwritten:
        yield _labelled("", f"the shards were asked for {terminal(path)} too: --report {terminal(path)} writes it")


def _subagents(count: int) -> str:
    return "subagent" if count == 1 else "subagents"


def _labelled(label: str, text: str, style: Style = "plain") -> Line:
    return Line(text=f" {label:<{_LABEL}}{text}", style=style)
