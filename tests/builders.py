"""One valid value of each kind, made quickly: every keyword overrides the default."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from pytest_subagents.aggregate.fold import Tally
from pytest_subagents.aggregate.report import report_of
from pytest_subagents.gate import judge_gates, parse_gate
from pytest_subagents.model.outcome import Change, Usage
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.report import Report
from pytest_subagents.model.result import Diagnostics, Planned, Result
from pytest_subagents.model.scope import Scope
from pytest_subagents.model.status import CEILING
from pytest_subagents.model.verdict import Finding


def a_planned(id: str = "math", **keywords: Any) -> Planned:
    """A subagent of the file subagents.yaml. `needs` is `depends_on` in the same file."""
    depends_on = tuple(keywords.pop("depends_on", ()))
    given = {
        "nodeid": f"subagents.yaml::{id}",
        "vendor": "codex",
        "task": f"Review {id}",
        "scope": Scope(read=(f"packages/{id}/",)),
        "depends_on": depends_on,
        "needs": tuple(f"subagents.yaml::{need}" for need in depends_on),
        "wave": 2 if depends_on else 1,
    }
    return Planned(id=id, **{**given, **keywords})


def a_result(id: str = "math", **keywords: Any) -> Result:
    """The result of `a_planned(id)`, a success.

    `planned` gives another; `kind` makes it what a reason of that kind leaves, `depends_on` is handed on.
    """
    kind: str | None = keywords.pop("kind", None)
    depends_on = keywords.pop("depends_on", ())
    planned = keywords.pop("planned", None) or a_planned(id, depends_on=depends_on)
    given: dict[str, Any] = {"status": "success", "vendor": planned.vendor, "model": planned.model}
    if kind is not None:
        given |= {"status": CEILING[kind], "reasons": (Reason(kind=kind, message=f"because of {kind}"),)}
    else:
        given |= {"summary": f"{id} is fine", "answer": {"status": "success", "summary": f"{id} is fine"}}
    return Result(planned=planned, **{**given, **keywords})


def a_report(*results: Result, gates: Iterable[str] = (), **keywords: Any) -> Report:
    """The report of `results`, or of `a_team()`, with `gates` judged; keywords are those of `Tally.of`."""
    report = report_of(Tally.of(results=results or a_team(), **keywords))
    return replace(report, gates=judge_gates(report, [parse_gate(gate) for gate in gates]))


def a_team() -> tuple[Result, ...]:
    """One subagent for every way to end, with everything that a report can show."""
    return (
        a_result(
            "math",
            planned=a_planned("math", model="gpt-5", scope=Scope(read=("packages/math/",), write=())),
            findings=(
                Finding(severity="high", file="packages/math/a.ts", line=3, title="No test for overflow"),
                Finding(severity="low", file="packages/math/a.ts", title="Long function", detail="Line one\nLine two"),
            ),
            changes=(Change(path="packages/math/a.ts", kind="update"),),
            exit_code=0,
            runtime_ms=30_210,
            usage=Usage(input_tokens=7200, cached_input_tokens=6000, output_tokens=540),
            transcript="recordings/review/math.jsonl",
        ),
        a_result(
            "element",
            status="partial",
            reasons=(Reason(kind="exit_code", message="it exited with 3", hint="look at its standard error"),),
            findings=(Finding(severity="critical", file="packages/element/b.ts", line=12, title="Leaks a listener"),),
            exit_code=3,
            runtime_ms=186_000,
            usage=Usage(input_tokens=120_000, cached_input_tokens=0, output_tokens=8400, usd=0.12),
            diagnostics=Diagnostics(exit_code=3, stderr_tail="warning: low disk\nerror: lost the connection\n", line=9),
        ),
        a_result(
            "app",
            status="failed",
            reasons=(
                Reason(
                    kind="contract", message="'severe' is not one of 'high', 'low'", at="/findings/0/severity", line=12
                ),
                Reason(kind="contract", message="'summary' is a required property", at=""),
            ),
            violations=2,
            summary="",
            answer={"findings": [{"severity": "severe", "title": "Bad <b>name</b>"}]},
            exit_code=0,
            runtime_ms=12_003,
            usage=Usage(input_tokens=900, output_tokens=80),
            diagnostics=Diagnostics(exit_code=0, excerpt='{"findings": [{"severity": "severe"', line=12),
            transcript="recordings/review/app.jsonl",
        ),
        a_result("release", depends_on=("app", "math")),
        a_result(
            "known-bad",
            planned=a_planned("known-bad", vendor="claude", expects="failed:not_json"),
            status="failed",
            expected=True,
            reasons=(Reason(kind="not_json", message="the final message is prose", line=4),),
            summary="",
            answer=None,
            vendor="claude",
            model="sonnet",
            diagnostics=Diagnostics(excerpt="I looked at everything.", line=4),
        ),
    )
