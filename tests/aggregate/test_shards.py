"""The parts of a run, folded: the same report as if there had been one run, and nothing that is missing is absent."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from builders import a_planned, a_result, a_team
from hypothesis import given, settings
from hypothesis import strategies as st
from sharded import ASKED, all_planned, named, parts_of, row_of, runs

from pytest_subagents.aggregate.fold import Tally
from pytest_subagents.aggregate.report import report_of
from pytest_subagents.aggregate.shards import whole_of
from pytest_subagents.errors import BadUsage
from pytest_subagents.model.attempts import AttemptOf
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.report import Report, ReportMerge
from pytest_subagents.model.shard import Part
from pytest_subagents.model.status import rank
from pytest_subagents.reports.json_report import JsonReport
from pytest_subagents.reports.junit import JunitReport
from pytest_subagents.reports.markdown import MarkdownReport
from pytest_subagents.reports.sarif import SarifReport
from pytest_subagents.reports.shard_json import read_shard_json, shard_json


def merged(parts: list[Part]) -> Report:
    """By way of their files."""
    read = [read_shard_json(shard_json(part).encode(), where="part") for part in parts]
    whole = whole_of(named(read))
    return whole.amend(report_of(whole.tally))


def dealt(data: st.DataObject, tally: Tally, count: int) -> dict[str, int]:
    """A shard for every row; those that are made of several runs stay together."""
    rows = sorted({row_of(planned.nodeid) for planned in tally.planned})
    return {row: data.draw(st.integers(1, count)) for row in rows}


@settings(max_examples=30)
@given(runs(), st.sampled_from([1, 2, 3, 7, 20]), st.data())
def test_any_parts_of_any_run_give_the_report_of_the_whole_in_any_order(
    tally: Tally, count: int, data: st.DataObject
) -> None:
    shards = dealt(data, tally, count)
    parts = data.draw(st.permutations(parts_of(tally, count, lambda nodeid: shards[row_of(nodeid)])))
    report, again = report_of(tally), merged(parts)
    for format in (JsonReport(), MarkdownReport(), JunitReport(), SarifReport()):
        assert format.render(again) == format.render(report)


@settings(max_examples=20)
@given(runs(), st.sampled_from([2, 3, 7]), st.data())
def test_whatever_part_is_missing_no_row_is_and_none_is_better(tally: Tally, count: int, data: st.DataObject) -> None:
    shards = dealt(data, tally, count)
    parts = parts_of(tally, count, lambda nodeid: shards[row_of(nodeid)])
    there = data.draw(st.sets(st.sampled_from(range(count)), min_size=1, max_size=count - 1))
    report, whole = merged([parts[index] for index in there]), report_of(tally)
    assert [row.planned.nodeid for row in report.agents] == [row.planned.nodeid for row in whole.agents]
    assert not report.complete
    for row, before in zip(report.agents, whole.agents, strict=True):
        if shards[row.planned.nodeid] - 1 not in there:
            assert (row.status, row.expected) == ("failed", False)
        assert rank(row.status) >= min(rank(before.status), rank("failed"))


def team(*, count: int = 2) -> list[Part]:
    """Of `a_team`, the first in shard 1 and the others in shard 2."""
    tally = all_planned(Tally.of(results=a_team()))
    first = tally.planned[0].nodeid
    return list(parts_of(tally, count, lambda nodeid: 1 if nodeid == first else 2))


def test_what_a_missing_part_was_to_run_has_failed_and_is_not_expected_whatever_it_waited_for() -> None:
    results = [
        a_result("a"),
        a_result("b", planned=a_planned("b", expects="failed:crashed")),
        a_result("c", depends_on=["b"]),
    ]
    parts = parts_of(all_planned(Tally.of(results=results)), 2, lambda nodeid: 1 if nodeid.endswith("::a") else 2)
    whole = whole_of(named(parts[:1]))
    report = whole.amend(report_of(whole.tally))
    assert {row.planned.id: (row.status, row.expected) for row in report.agents} == {
        "a": ("success", False), "b": ("failed", False), "c": ("failed", False),
    }  # fmt: skip
    assert (report.complete, report.status, report.counts.failed) == (False, "partial", 2)
    reason = report.agents[1].reasons[0]
    assert (reason.kind, reason.message) == ("crashed", "it was to run in shard 2/2, which has left no part")
    assert "--subagents-shard=2/2" in (reason.hint or "")
    assert set(whole.missing) == {2}


def test_a_missing_row_of_attempts_has_failed_as_one_row() -> None:
    runs = [
        a_result(planned=replace(a_planned("a"), nodeid=f"subagents.yaml::a[{number}]", attempt=attempt))
        for number in (1, 2)
        for attempt in [AttemptOf(row="subagents.yaml::a", number=number, count=2)]
    ]
    parts = parts_of(all_planned(Tally.of(results=[*runs, a_result("b")])), 2, lambda nodeid: 1 + ("a[" in nodeid))
    whole = whole_of(named(parts[:1]))
    report = whole.amend(report_of(whole.tally))
    assert [(row.planned.nodeid, row.status) for row in report.agents] == [
        ("subagents.yaml::a", "failed"), ("subagents.yaml::b", "success"),
    ]  # fmt: skip
    assert len(report.agents[0].attempts) == 2


def test_whom_a_person_skipped_is_deselected_in_the_whole() -> None:
    tally = all_planned(Tally.of(results=[a_result("a")], planned=[a_planned("b")]))
    first, second = parts_of(tally, 2, lambda nodeid: 1 if nodeid.endswith("::a") else 2)
    whole = whole_of(named([first, replace(second, left_out=("subagents.yaml::b",))]))
    counts = report_of(whole.tally).counts
    assert (counts.planned, counts.deselected) == (1, 1)


def test_rows_that_a_merge_has_lowered_and_the_merges_are_in_the_whole() -> None:
    first, second = team()
    row = replace(first.results[0], status="failed", reasons=(Reason(kind="conflict", message="it does not merge"),))
    merge = ReportMerge(workflow="team", tree="0" * 40)
    report = merged([replace(first, lowered=(row,), merges=(merge,)), second])
    assert (report.agents[0].status, report.merges) == ("failed", (merge,))


def test_the_exit_code_is_the_highest() -> None:
    first, second = team()
    assert whole_of(named([replace(first, exit_code=1), second])).exit_code == 1


def of_another_run(part: Part, change: str) -> Part:
    deal = part.deal
    share, *others = deal.plan
    match change:
        case "count":
            return replace(part, shard=replace(part.shard, count=3), deal=replace(deal, count=3))
        case "mode":
            return replace(part, asked=replace(ASKED, mode="once"))
        case "version":
            return replace(part, asked=replace(ASKED, made_by="2.0"))
        case "gates":
            return replace(part, asked=replace(ASKED, gates=("failed <= 0",)))
        case "fewer":
            return replace(part, deal=replace(deal, plan=tuple(others)))
        case "instructions":
            return replace(part, deal=replace(deal, plan=(replace(share, specification="sha256:1"), *others)))
        case "task":
            changed = replace(share, planned=replace(share.planned, task="Do more."))
            return replace(part, deal=replace(deal, plan=(changed, *others)))
        case "times":
            return replace(part, deal=replace(deal, plan=(replace(share, shard=2), *others)))
        case "deselected":
            return replace(part, deal=replace(deal, deselected=("subagents.yaml::other",)))
    return replace(part, deal=replace(deal, tests="sha256:1"))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("count", "there are 3 shards here, and 2 there"),
        ("mode", "mode: 'once' here, and 'replay' there"),
        ("version", "the version of pytest-subagents: '2.0' here, and '1.0' there"),
        ("gates", "gates: 'failed <= 0' here, and none there"),
        ("fewer", "selected there, and not here"),
        ("instructions", "specified otherwise"),
        ("task", "its 'task' differs"),
        ("times", "in shard 2 here, and in 1 there, as other runtimes are recorded"),
        ("deselected", "other subagents are deselected"),
        ("tests", "other tests are collected"),
    ],
)
def test_a_part_of_another_run_is_refused_by_its_name_and_what_differs(change: str, told: str) -> None:
    first, second = team()
    with pytest.raises(BadUsage) as caught:
        whole_of([("a.json", first), ("b.json", of_another_run(second, change))])
    assert str(caught.value).startswith("b.json: it is no part of the run that a.json is of: ")
    assert told in str(caught.value)
    assert ("must start from the same recordings" in str(caught.value)) == (change == "times")
    assert change != "fewer" or first.deal.plan[0].planned.nodeid in str(caught.value)


def test_two_parts_of_one_shard_are_refused_also_where_they_are_the_same() -> None:
    first, second = team()
    with pytest.raises(BadUsage, match=r"c\.json: it is shard 1/2, and so is a\.json"):
        whole_of([("a.json", first), ("b.json", second), ("c.json", first)])


def test_no_part_at_all_is_refused() -> None:
    with pytest.raises(BadUsage, match="no parts"):
        whole_of([])


def test_a_part_is_json_that_programs_can_read() -> None:
    assert json.loads(shard_json(team()[0]))["format"] == "pytest-subagents/shard"
