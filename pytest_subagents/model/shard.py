"""One part of a run that was dealt out to several machines: which it is, what the whole is, and what came of it."""

from __future__ import annotations

from pytest_subagents.model.report import ReportMerge
from pytest_subagents.model.result import Planned, Result
from pytest_subagents.model.value import Value


class Shard(Value, frozen=True, kw_only=True):
    """The `number`-th of `count` parts, from 1 on."""

    number: int
    count: int

    @property
    def file_name(self) -> str:
        """Of the file that holds what came of it."""
        return f"shard-{self.number}-of-{self.count}.json"

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"


class Share(Value, frozen=True, kw_only=True):
    """A subagent that is to run in some shard."""

    planned: Planned
    specification: str
    """A digest of how it is specified beside that."""
    shard: int


class Asked(Value, frozen=True, kw_only=True):
    """What a run was asked for that its results, or what follows from them, depend on."""

    made_by: str
    """The version of this package."""
    mode: str
    verdict: str
    partial: str
    stale: str
    checks: str
    gates: tuple[str, ...] = ()
    """They are judged when all parts are there."""
    reports: tuple[str, ...] = ()
    """Further files of the report, from the rootdir. They are told, not written: a part does not say where."""
    report_dir: str = ""
    """The folder of report.json from the rootdir; empty where it is elsewhere."""
    baseline: str = ""
    """The earlier report that findings are compared with when all parts are there, from the rootdir; empty for none."""


class Deal(Value, frozen=True, kw_only=True):
    """How the whole of a run is dealt out. Every shard of it makes the same."""

    count: int
    plan: tuple[Share, ...] = ()
    """Of the whole run, by node id."""
    deselected: tuple[str, ...] = ()
    """Node ids of subagents that were found and not selected, sorted."""
    tests: str = ""
    """A digest of the node ids of all ordinary tests."""

    def of(self, number: int) -> tuple[Share, ...]:
        """The subagents of one shard."""
        return tuple(share for share in self.plan if share.shard == number)


class Part(Value, frozen=True, kw_only=True):
    """What came of one shard, and all that is needed to fold it with the others as if there had been one run."""

    shard: Shard
    asked: Asked
    deal: Deal
    results: tuple[Result, ...] = ()
    started: tuple[str, ...] = ()
    crashed: tuple[str, ...] = ()
    passed: tuple[tuple[str, str], ...] = ()
    """Checkpoints: node id and name."""
    left_out: tuple[str, ...] = ()
    """Node ids of its subagents that a person skipped: as if they had not been selected."""
    cut_short: bool = False
    lowered: tuple[Result, ...] = ()
    """Rows as the merges at its end have left them."""
    merges: tuple[ReportMerge, ...] = ()
    exit_code: int = 0
    """That of its pytest run, which judged no gate."""


def rows_of(shares: tuple[Share, ...]) -> tuple[str, ...]:
    """Node ids of the rows that subagents make, of which several runs make one."""
    planned = (share.planned for share in shares)
    return tuple(dict.fromkeys(each.nodeid if each.attempt is None else each.attempt.row for each in planned))
