"""The laws that make a report independent of how its parts came together."""

from __future__ import annotations

from typing import Any

import pytest
from builders import a_planned, a_result
from hypothesis import given
from hypothesis import strategies as st
from report_strategies import planneds, results, tallies

from pytest_subagents.aggregate.fold import Tally, join, joined
from pytest_subagents.aggregate.lattice import canonical, worse
from pytest_subagents.aggregate.report import report_of
from pytest_subagents.model.result import Planned, Result
from pytest_subagents.reports.json_report import JsonReport


def spelled(tally: Tally) -> tuple[object, ...]:
    """`tally` so that 1, 1.0 and True, which Python calls equal, are told apart."""
    return (
        [canonical(each) for each in tally.planned],
        [canonical(each) for each in tally.results],
        tally.started,
        tally.crashed,
        tally.deselected,
        tally.cut_short,
    )


def rendered(tally: Tally) -> str:
    return JsonReport().render(report_of(tally))


@given(tallies, tallies)
def test_join_is_commutative(first: Tally, second: Tally) -> None:
    assert spelled(join(first, second)) == spelled(join(second, first))


@given(tallies, tallies, tallies)
def test_join_is_associative(first: Tally, second: Tally, third: Tally) -> None:
    assert spelled(join(join(first, second), third)) == spelled(join(first, join(second, third)))


@given(tallies)
def test_join_is_idempotent_and_has_a_neutral_element(tally: Tally) -> None:
    assert spelled(join(tally, tally)) == spelled(join(tally, Tally())) == spelled(tally)


@given(st.lists(results(), max_size=6), st.lists(planneds(), max_size=4), st.randoms(), st.data())
def test_any_order_any_split_and_any_duplicate_give_the_same_bytes(
    come: list[Result], plan: list[Planned], random: Any, data: st.DataObject
) -> None:
    whole = rendered(Tally.of(planned=plan, results=come))
    repeated = come + data.draw(st.lists(st.sampled_from(come), max_size=3)) if come else come
    random.shuffle(repeated)
    random.shuffle(plan)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(repeated)), max_size=3)))
    parts = [
        Tally.of(results=repeated[start:end], planned=plan if not start else ())
        for start, end in zip([0, *cuts], [*cuts, len(repeated)], strict=True)
    ]
    random.shuffle(parts)
    one_by_one = Tally()
    for part in parts:
        one_by_one = join(one_by_one, part)
    assert (
        rendered(joined(parts))
        == rendered(one_by_one)
        == rendered(join(joined(parts), Tally.of(planned=plan)))
        == whole
    )


@given(tallies, tallies)
def test_nothing_that_one_part_knows_is_lost(first: Tally, second: Tally) -> None:
    both = {row.planned.nodeid for row in report_of(join(first, second)).agents}
    assert both == {row.planned.nodeid for tally in (first, second) for row in report_of(tally).agents}


@pytest.mark.parametrize(
    ("first", "second", "lower"),
    [
        pytest.param(a_result(), a_result(kind="contract"), 1, id="the lower status"),
        pytest.param(a_result(kind="stopped"), a_result(kind="contract"), 0, id="not_run is the lowest"),
        pytest.param(
            a_result(kind="contract", expected=True), a_result(kind="exit_code"), 1, id="expected lowers nothing"
        ),
        pytest.param(a_result(), a_result(kind="contract", expected=True), 1, id="of two that lower nothing"),
    ],
)
def test_of_two_results_of_one_subagent_the_lower_one_counts(first: Result, second: Result, lower: int) -> None:
    assert worse(first, second) is (first, second)[lower]
    assert worse(second, first) is (first, second)[lower]


@pytest.mark.parametrize(("one", "other"), [(1, True), (1, 1.0), (0.0, -0.0), (None, [])])
def test_values_that_python_calls_equal_do_not_depend_on_who_came_first(one: Any, other: Any) -> None:
    first, second = a_result(answer={"value": one}), a_result(answer={"value": other})
    assert rendered(Tally.of(results=[first, second])) == rendered(Tally.of(results=[second, first]))


def test_answers_whose_keys_come_in_another_order_are_the_same() -> None:
    first, second = a_result(answer={"a": 1, "b": 2}), a_result(answer={"b": 2, "a": 1})
    assert canonical(first) == canonical(second)


def test_a_tally_of_what_cannot_be_written_as_utf8_is_still_a_tally() -> None:
    broken = a_planned("caf\udce9")
    results_of_it = [a_result(planned=broken), a_result(planned=broken, answer="\ud800", kind="contract")]
    report = report_of(Tally.of(results=results_of_it))
    assert [row.status for row in report.agents] == ["failed"]
    assert "caf?" in JsonReport().render(report)
