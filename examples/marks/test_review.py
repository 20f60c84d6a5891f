"""Subagents declared in Python: each is one test, and the test may ask more than a schema can."""

from dataclasses import dataclass

import pytest

from pytest_subagents import Result, Scope, Subagent, VendorSettings

CLAUDE = VendorSettings(vendor="claude", env=("ANTHROPIC_API_KEY",))


@dataclass
class Issue:
    severity: str
    file: str
    line: int
    title: str


@dataclass
class Review:
    """The contract: what each reviewer must answer with."""

    status: str
    summary: str
    findings: list[Issue]


@pytest.mark.subagents(
    Subagent(
        id="math",
        task="Find test coverage gaps",
        scope=Scope(read=("packages/math/",)),
        contract=Review,
        vendor="claude",
        vendors=(CLAUDE,),
    ),
    Subagent(
        id="element",
        task="Find performance hotspots",
        scope=Scope(read=("packages/element/",)),
        contract=Review,
        vendor="claude",
        vendors=(CLAUDE,),
    ),
)
def test_findings_stay_in_scope(subagent: Subagent, subagent_result: Result) -> None:
    assert subagent_result.status == "success"
    for finding in subagent_result.findings:
        assert finding.file is not None
        assert finding.file.startswith(subagent.scope.read)


@pytest.mark.subagent(
    id="summary",
    task="Say in one sentence what packages/ is for",
    scope=Scope(read=("packages/",)),
    vendor="claude",
    vendors=(CLAUDE,),
)
def test_summary_is_short(subagent_result: Result) -> None:
    assert len(subagent_result.summary) < 100
