"""The prompt of a subagent, from its assignment and the results of what it needs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pytest_subagents.conduct.assignment import NO_TEAM, Assignment
from pytest_subagents.contract.one_schema import one_schema
from pytest_subagents.model.result import Result
from pytest_subagents.prompt.brief import Brief, Needed
from pytest_subagents.prompt.context import read_context
from pytest_subagents.prompt.rendering import render


def brief_of(assignment: Assignment, needed: Mapping[str, Result], rootdir: Path) -> Brief:
    """What the prompt says. `BadFile` for context files that cannot be read."""
    team = assignment.team or NO_TEAM
    where = team.where or assignment.subagent.where
    return Brief(
        subagent=assignment.subagent,
        workflow=team.name,
        version=team.version,
        description=team.description,
        context_files=read_context(team.context, rootdir=rootdir, where=where),
        context_text=team.context.text,
        schema=one_schema(assignment.subagent.contract),
        results=tuple(Needed.of(result) for result in needed.values()),
    )


def prompt_of(assignment: Assignment, needed: Mapping[str, Result], rootdir: Path) -> str:
    """The whole prompt; `BadFile` for instructions that cannot be rendered."""
    return render(brief_of(assignment, needed, rootdir))
