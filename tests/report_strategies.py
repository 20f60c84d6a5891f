"""Hypothesis strategies for what a report is made of."""

from __future__ import annotations

from hypothesis import strategies as st

from pytest_subagents.aggregate.fold import Tally
from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.outcome import Change, Usage
from pytest_subagents.model.reason import Reason, lowered
from pytest_subagents.model.result import Diagnostics, NeededPoint, Planned, Result
from pytest_subagents.model.scope import Scope
from pytest_subagents.model.status import CEILING, STATUSES, Status
from pytest_subagents.model.verdict import Finding

IDS = ("a", "b", "c", "d", "e")
"""Few, so that results of one subagent meet and needs run in circles."""

texts = st.text(max_size=8)  # no surrogates, by default
paths = st.sampled_from(["src/a.py", "./src/a.py", "b.py"])
integers = st.integers(min_value=-(2**63) + 1, max_value=2**63 - 1)
json_values: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | integers | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda children: st.lists(children, max_size=3) | st.dictionaries(texts, children, max_size=3),
    max_leaves=6,
)
usages = st.builds(
    Usage,
    input_tokens=st.none() | st.integers(0, 10**6),
    cached_input_tokens=st.none() | st.integers(0, 10**6),
    output_tokens=st.none() | st.integers(0, 10**6),
    usd=st.none() | st.floats(0, 100),
)
findings = st.builds(
    Finding,
    severity=st.sampled_from(["critical", "high", "medium", "low", "info", "strange"]),
    file=st.none() | paths,
    line=st.none() | st.integers(1, 9),
    title=st.sampled_from(["one", "two"]) | texts,
    detail=texts,
)
reasons = st.builds(
    Reason,
    kind=st.sampled_from(sorted(CEILING)),
    message=texts,
    at=st.none() | st.sampled_from(["", "/summary"]),
    line=st.none() | st.integers(1, 99),
    hint=st.none() | texts,
    at_most=st.none() | st.sampled_from(STATUSES),
)


points = st.sampled_from(["half", "whole"])


def nodeid(id: str) -> str:
    return f"w.yaml::{id}"


@st.composite
def planneds(draw: st.DrawFn) -> Planned:
    id = draw(st.sampled_from(IDS))
    needs = tuple(draw(st.lists(st.sampled_from((*IDS, "elsewhere")), max_size=2)))
    expects = draw(st.none() | st.sampled_from(["failed", "not_run", "not_run:dependency", "failed:contract"]))
    return Planned(
        nodeid=nodeid(id),
        id=id,
        vendor=draw(st.none() | st.sampled_from(["codex", "claude"])),
        model=draw(st.none() | texts),
        task=draw(texts),
        scope=Scope(read=draw(st.none() | st.just(("src/",))), write=draw(st.sampled_from([(), ("src/**",)]))),
        depends_on=needs,
        needs=tuple(nodeid(need) for need in needs),
        points=tuple(
            draw(
                st.lists(st.builds(NeededPoint, nodeid=st.sampled_from(IDS).map(nodeid), checkpoint=points), max_size=1)
            )
        ),
        wave=draw(st.integers(1, 3)),
        expects=expects,
    )


@st.composite
def results(draw: st.DrawFn) -> Result:
    planned = draw(planneds())
    why = tuple(draw(st.lists(reasons, max_size=2)))
    status: Status = lowered(why)
    return Result(
        planned=planned,
        status=status,
        expected=draw(st.booleans()),
        reasons=why,
        violations=draw(st.integers(0, 3)),
        vendor=draw(st.none() | st.just("gemini")),
        model=draw(st.none() | texts),
        summary=draw(texts),
        answer=draw(json_values),
        findings=tuple(draw(st.lists(findings, max_size=3))),
        changes=tuple(
            draw(st.lists(st.builds(Change, path=paths, kind=st.sampled_from(["add", "delete"])), max_size=1))
        ),
        exit_code=draw(st.none() | st.integers(0, 255)),
        runtime_ms=draw(st.none() | st.integers(0, 10**9)),
        usage=draw(usages),
        diagnostics=draw(st.builds(Diagnostics, stderr_tail=texts, excerpt=texts, line=st.none() | st.integers(1, 9))),
        transcript=draw(st.none() | paths),
        passed=tuple(draw(st.lists(points, unique=True))),
    )


nodeids = st.frozensets(st.sampled_from([nodeid(id) for id in IDS]), max_size=3)

tallies = st.builds(
    Tally.of,
    planned=st.lists(planneds(), max_size=4),
    results=st.lists(results(), max_size=4),
    started=nodeids,
    crashed=nodeids,
    passed=st.frozensets(st.tuples(st.sampled_from([nodeid(id) for id in IDS]), points), max_size=2),
    deselected=nodeids,
    cut_short=st.booleans(),
)
