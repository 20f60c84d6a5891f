"""Reports in which every text of an agent's is a payload."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from builders import a_planned, a_report, a_result

from pytest_subagents.model.outcome import Change
from pytest_subagents.model.reason import Reason
from pytest_subagents.model.report import GateResult, Report
from pytest_subagents.model.result import Diagnostics, Result
from pytest_subagents.model.scope import Scope
from pytest_subagents.model.status import CEILING
from pytest_subagents.model.verdict import Finding

HOSTILE = Path(__file__).parent / "data" / "hostile"
KINDS = ("terminal", "xml", "github", "html", "csv")

OUR_OWN = {
    "workflow command": "::error file=a.py,line=1::forged",
    "workflow command behind a blank": "fine\n \u00a0::set-output name=x::y",
    "old workflow command": "fine ##[add-matcher]x and ##vso[task.complete]",
    "encoded workflow command": "%0A::error::b%0D%250A::c\r\n::stop-commands::d\u2028::add-mask::e\x1b[0m\r##[error]f",
    "wrapped workflow command": "x" * 60 + " ::error::forged " + "y" * 60,
    "fence": "````\n```\n~~~~~\n# forged",
    "code span": "`` ` ``` <img src=x>",
    "table": "| a | b |\n|---|---|\n\\| c",
    "reference": "[a]: https://evil.example\n[a] [x][a] ![i][a] [^1]",
    "autolink": "<https://evil.example> https://evil.example www.evil.example mail@evil.example",
    "mention": "@octocat #12 octo/repo#12 GH-12",
    "entity": "&lt;script&gt; &#x202e; &amp;#60;b&amp;#62;",
    "setext": "forged\n===\n---",
    "list": "- [x] done\n1. one\n> quote\n    code\n\tcode",
    "nul": "a\x00b\x7fc\x9bd\xade",
    "tags": "fine\U000e0041\U000e0042\U000e0100",
    "separators": "a\u2028b\u2029c\x85d\x0be\x0cf",
    "bom": "\ufeffa\u200bb\u2060c\u061cd",
    "arabic zalgo": "\u0627" + "\u0651" * 500,
    "long": "ab <b>" * 20_000,
    "formatting": "%s {0} {planned} $HOME `id` $(id) \\n \\",
}


def payloads() -> dict[str, str]:
    """Every payload by its name."""
    return {**dict(_files()), **OUR_OWN}


def _files() -> Iterator[tuple[str, str]]:
    for kind in KINDS:
        for path in sorted((HOSTILE / kind).iterdir()):
            yield f"{kind}/{path.name}", path.read_bytes().decode("utf-8")


def a_hostile_report(payload: str) -> Report:
    """One row for each way to end, and `payload` in every text that came from an agent, a vendor or a file name."""
    names = ("success", "partial", "failed", "not_run", "expected")
    report = a_report(*(a_hostile_row(name, payload) for name in names))
    return replace(report, gates=(GateResult(expression=payload, actual=payload, passed=False),))


def a_hostile_row(name: str, payload: str, *, id: str | None = None) -> Result:
    """A row that ends as `name` says, and has `payload` in every text."""
    kind = {"success": "permission", "partial": "incomplete", "not_run": "stopped"}.get(name, "contract")
    id = f"{name} {payload}" if id is None else id
    planned = a_planned(
        id,
        nodeid=f"w.yaml::{id}",
        vendor=payload,
        model=payload,
        task=payload,
        scope=Scope(read=(payload,), write=(payload,)),
        depends_on=(payload,),
        needs=(payload,),
        expects=payload,
    )
    reason = Reason(kind=kind, message=payload, at=payload, line=1, hint=payload)
    return a_result(
        planned=planned,
        status=CEILING[kind],
        expected=name == "expected",
        reasons=(reason, reason),
        vendor=payload,
        model=payload,
        summary=payload,
        answer={"summary": payload, payload or "key": [payload, {payload: 1}]},
        findings=(Finding(severity=payload, file=payload, line=1, title=payload, detail=payload),),
        changes=(Change(path=payload, kind="add"),),
        diagnostics=Diagnostics(exit_code=1, stderr_tail=payload, excerpt=payload, line=1),
        transcript=payload,
    )
