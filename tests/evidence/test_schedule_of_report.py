"""When each run of a report was at work, from the report alone."""

from __future__ import annotations

from dataclasses import replace

from builders import a_planned, a_report, a_result
from hypothesis import given, settings
from report_strategies import tallies

from pytest_subagents.aggregate.fold import Tally
from pytest_subagents.aggregate.report import report_of
from pytest_subagents.evidence.live_run import measured
from pytest_subagents.evidence.scheduling import AT_ONCE, schedule_of
from pytest_subagents.model.attempts import Attempt
from pytest_subagents.model.evidence import Span
from pytest_subagents.model.scope import Scope


def _id(name: str) -> str:
    return f"subagents.yaml::{name}"


def test_who_needs_another_one_comes_after_it_and_the_longest_chain_is_critical() -> None:
    report = a_report(
        a_result("a", runtime_ms=10), a_result("b", runtime_ms=50), a_result("c", depends_on=("a",), runtime_ms=60)
    )
    found = schedule_of(report)
    assert dict(found.spans) == {
        _id("a"): Span(start=0, end=10),
        _id("b"): Span(start=0, end=50),
        _id("c"): Span(start=10, end=70),
    }
    assert (found.kind, found.at_once, found.assumed) == ("simulated", AT_ONCE, AT_ONCE)
    assert (found.critical, found.critical_ms) == ((_id("a"), _id("c")), 70)


def test_as_many_are_at_work_as_each_workflow_file_says() -> None:
    rows = [
        a_result(planned=a_planned(f"{file}{number}", nodeid=f"{file}.yaml::{number}"), runtime_ms=10)
        for file in "ab"
        for number in range(3)
    ]
    found = schedule_of(a_report(*rows), at_once={"a.yaml": 1, "b.yaml": 2}.get)
    starts = {name: span.start for name, span in found.spans.items()}
    assert [starts[f"a.yaml::{number}"] for number in range(3)] == [0, 10, 20]
    assert [starts[f"b.yaml::{number}"] for number in range(3)] == [0, 0, 10]
    assert (found.at_once, found.assumed) == (3, 0)
    unknown = schedule_of(a_report(*rows), at_once={"a.yaml": 1}.get)
    assert (unknown.at_once, unknown.assumed) == (1 + AT_ONCE, AT_ONCE)


def test_two_that_write_one_path_are_apart() -> None:
    rows = [
        a_result(planned=a_planned("a", scope=Scope(write=("src/**",)), wave=1), runtime_ms=10),
        a_result(planned=a_planned("b", scope=Scope(write=("src/b.py",)), wave=2), runtime_ms=10),
        a_result(planned=a_planned("c", scope=Scope(write=("docs/",)), wave=1), runtime_ms=10),
    ]
    found = schedule_of(a_report(*rows))
    assert dict(found.apart) == {_id("b"): (_id("a"),)}
    assert found.spans[_id("b")].start == 10


def test_every_run_of_a_row_has_its_time_and_who_waits_does_so_for_all() -> None:
    runs = tuple(
        Attempt(nodeid=f"m[{number}]", number=number, status="success", runtime_ms=10 * number) for number in (1, 2)
    )
    report = a_report(a_result("a", attempts=runs, runtime_ms=30), a_result("b", depends_on=("a",), runtime_ms=5))
    spans = schedule_of(report).spans
    assert (spans["m[1]"], spans["m[2]"], spans[_id("b")]) == (
        Span(start=0, end=10),
        Span(start=0, end=20),
        Span(start=20, end=25),
    )


def test_what_did_not_run_or_is_not_known_has_no_time() -> None:
    report = a_report(a_result("a", kind="stopped", runtime_ms=5), a_result("b"))
    assert dict(schedule_of(report).spans) == {}


def test_a_live_run_is_measured() -> None:
    found = measured({"a": (100.0, 101.5, "gw0"), "b": (100.5, 102.0, None), "c": (103.0, None, None)})
    assert found is not None
    assert dict(found.spans) == {"a": Span(start=0, end=1500, worker="gw0"), "b": Span(start=500, end=2000)}
    assert found.at_once == 2
    assert measured({"c": (103.0, None, None)}) is None
    report = a_report(a_result("a", runtime_ms=7))
    assert schedule_of(report, found) == replace(found, critical=(_id("a"),), critical_ms=7)


@settings(max_examples=50)
@given(tallies)
def test_every_report_has_a_schedule(tally: Tally) -> None:
    """Also where needs run in circles, as only a report that somebody made by hand has them."""
    report = report_of(tally)
    found = schedule_of(report)
    assert all(span.start <= span.end for span in found.spans.values())
