"""Briefs, made quickly: every keyword overrides the default."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_subagents.errors import BadFile
from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.scope import Scope
from pytest_subagents.model.spec import Dependency, Subagent
from pytest_subagents.prompt.brief import Brief, Needed
from pytest_subagents.prompt.instructions import check_templates, told

SCHEMA: JsonValue = {"type": "object", "required": ["status"]}


def an_agent(instructions: str = "Find gaps.", *, needs: tuple[str, ...] = (), **keywords: Any) -> Subagent:
    """The agent `fix` on line 7 of subagents.yaml."""
    given: dict[str, Any] = {
        "id": "fix",
        "scope": Scope(read=("src/",), write=("src/**",)),
        "where": "subagents.yaml:7",
        "depends_on": tuple(Dependency(agent=id) for id in needs),
    }
    return Subagent(instructions=instructions, **{**given, **keywords})


def a_needed(id: str = "math", **keywords: Any) -> Needed:
    given: dict[str, Any] = {
        "status": "success",
        "summary": "Two gaps.",
        "answer": {"status": "success", "issues": [{"title": "overflow", "weight": 3}], "note": None},
        "findings": (
            {"severity": "high", "file": "src/a.ts", "line": 3, "title": "No test", "detail": ""},
            {"severity": "low", "file": "src/b.ts", "line": None, "title": "Long", "detail": ""},
        ),
    }
    return Needed(id=id, **{**given, **keywords})


def a_brief(instructions: str = "Find gaps.", *results: Needed, **keywords: Any) -> Brief:
    """The brief of `an_agent`; `agent` gives another, or keywords of it as a dict."""
    agent = keywords.pop("agent", {})
    if not isinstance(agent, Subagent):
        agent = an_agent(instructions, needs=tuple(needed.id for needed in results), **agent)
    given: dict[str, Any] = {"subagent": agent, "workflow": "review", "schema": SCHEMA, "results": results}
    return Brief(**{**given, **keywords})


def rendered(instructions: str, *results: Needed) -> str:
    """What instructions come to, with the result of `math` where no other is given."""
    return told(a_brief(instructions, *(results or (a_needed(),)))).instructions


def refused(instructions: str, *results: Needed) -> BadFile:
    """The mistake that rendering tells."""
    with pytest.raises(BadFile) as caught:
        rendered(instructions, *results)
    return caught.value


def refused_at_collection(*agents: Subagent) -> BadFile:
    """The mistake that is told before anything runs."""
    with pytest.raises(BadFile) as caught:
        check_templates(agents)
    return caught.value
