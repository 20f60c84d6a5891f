"""A run as its shards would leave it, without running anything: for tests of what is made of the parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from report_strategies import results, tallies

from pytest_subagents.aggregate.fold import Tally
from pytest_subagents.model.attempts import AttemptOf
from pytest_subagents.model.result import Result
from pytest_subagents.model.shard import Asked, Deal, Part, Shard, Share

ASKED = Asked(
    made_by="1.0", mode="replay", verdict="items", partial="pass", stale="fail", checks="recorded", report_dir="out"
)


def all_planned(tally: Tally) -> Tally:
    """`tally` as of one of pytest's runs: nothing has a result that was not planned, nor is expected for no reason."""
    known = {each.nodeid: each for each in tally.planned}
    more = tuple(result.planned for result in tally.results if result.planned.nodeid not in known)
    known |= {each.nodeid: each for each in more}
    results = tuple(
        replace(result, expected=result.expected and _is_expected(result, known[result.planned.nodeid].expects))
        for result in tally.results
    )
    return replace(tally, planned=(*tally.planned, *more), results=results)


def _is_expected(result: Result, expects: str | None) -> bool:
    return expects in (result.status, *(f"{result.status}:{reason.kind}" for reason in result.reasons))


@st.composite
def runs(draw: st.DrawFn) -> Tally:
    """All that is known of any run, in which some rows are made of several attempts or repetitions."""
    tally = all_planned(draw(tallies))
    several = draw(st.sets(st.sampled_from(tally.planned), max_size=2)) if tally.planned else set()
    count, repeats = draw(st.integers(2, 3)), draw(st.booleans())
    planned = [each for each in tally.planned if each not in several]
    found = [result for result in tally.results if result.planned.nodeid in {each.nodeid for each in planned}]
    for row in sorted(several, key=lambda each: each.nodeid):
        for number in range(1, count + 1):
            attempt = AttemptOf(row=row.nodeid, number=number, count=count, repeats=repeats)
            planned.append(replace(row, nodeid=f"{row.nodeid}[{number}]", attempt=attempt))
            if draw(st.booleans()):
                found.append(replace(draw(results()), planned=planned[-1], expected=False))
    mine = [each.nodeid for each in planned]
    crashed = draw(st.sets(st.sampled_from(mine), max_size=2)) if mine else set()
    return replace(
        Tally.of(planned=planned, results=found, crashed=crashed, cut_short=tally.cut_short),
        started=tally.started,
        passed=tally.passed,
        deselected=tally.deselected,
    )


def row_of(nodeid: str) -> str:
    """That of a run of several, which stay together."""
    return nodeid.partition("[")[0]


def parts_of(
    tally: Tally, count: int, shard_of: Callable[[str], int], *, asked: Asked = ASKED, **keywords: Any
) -> tuple[Part, ...]:
    """The parts of the run that `tally` is all that is known of; `keywords` are fields of each."""
    plan = tuple(
        Share(planned=planned, specification="sha256:0", shard=shard_of(planned.nodeid)) for planned in tally.planned
    )
    deal = Deal(count=count, plan=plan, deselected=tuple(sorted(tally.deselected)), tests="sha256:0")
    return tuple(
        _part(tally, Shard(number=number, count=count), deal, asked, keywords) for number in range(1, count + 1)
    )


def _part(tally: Tally, shard: Shard, deal: Deal, asked: Asked, keywords: dict[str, Any]) -> Part:
    own = {share.planned.nodeid for share in deal.of(shard.number)}

    def mine(nodeids: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(own.intersection(nodeids)))

    given = {
        "results": tuple(result for result in tally.results if result.planned.nodeid in own),
        "started": mine(tally.started),
        "crashed": mine(tally.crashed),
        "passed": tuple(sorted(point for point in tally.passed if point[0] in own)),
        "cut_short": tally.cut_short and shard.number == 1,
    }
    return Part(shard=shard, asked=asked, deal=deal, **{**given, **keywords})


def named(parts: Iterable[Part]) -> list[tuple[str, Part]]:
    return [(part.shard.file_name, part) for part in parts]
