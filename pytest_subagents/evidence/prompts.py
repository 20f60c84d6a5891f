"""What subagents of workflow files are told: the whole prompt, rendered with the results that a report has.

Of marks, and of transcripts that nothing declares, the report has the task alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Final

from msgspec.structs import replace

from pytest_subagents.contract.one_schema import one_schema
from pytest_subagents.errors import SubagentsError
from pytest_subagents.evidence.workflows import Workflows, file_of, is_workflow
from pytest_subagents.model import limits
from pytest_subagents.model.json_value import JsonValue
from pytest_subagents.model.report import Report
from pytest_subagents.model.result import Result
from pytest_subagents.model.spec import Subagent, Workflow
from pytest_subagents.model.value import Value
from pytest_subagents.prompt.brief import Brief, ContextFile, Needed
from pytest_subagents.prompt.context import read_context
from pytest_subagents.prompt.instructions import is_template
from pytest_subagents.prompt.rendering import render

_MARK: Final = "It was declared by a mark, of which a report has the task alone."
_UNDECLARED: Final = "No workflow file declares it, so what is known of its prompt is what its transcript shows."
_NOT_READ: Final = "Its workflow file was not found, or cannot be read."
_OTHER: Final = "Its workflow file declares it no more."
_BAD: Final = "It cannot be rendered now; the command says why."
_MANY: Final = (
    f"Its instructions are a template, and only the first {limits.HTML_TEMPLATES} of those are rendered here."
)


def rendered(
    workflow: Workflow,
    subagent: Subagent,
    *,
    file: str,
    rows: Mapping[str, Result],
    context: tuple[ContextFile, ...],
) -> tuple[str, tuple[str, ...]]:
    """The prompt of a subagent of the workflow in `file`, and the ids of which `rows` (by node id) has no result.

    Raises what a person must mend.
    """
    results = tuple(_needed(rows.get(f"{file}::{need.agent}"), need.agent) for need in subagent.depends_on)
    brief = Brief.of(workflow, subagent, files=context, schema=one_schema(subagent.contract), results=results)
    return render(brief), tuple(needed.id for needed in results if needed.pending)


def _needed(row: Result | None, id: str) -> Needed:
    if row is None or row.status == "not_run":
        return Needed.placeholder(id)
    return Needed.of(replace(row, answer=_in_order(row.answer)))


def _in_order(value: JsonValue) -> JsonValue:
    """With its names in the order of report.json, so that a page is the same from there. Its depth is bounded."""
    match value:
        case dict():
            return {name: _in_order(each) for name, each in sorted(value.items())}
        case list():
            return [_in_order(each) for each in value]
    return value


class Told(Value, frozen=True, kw_only=True):
    """What is known of a prompt."""

    prompt: str = ""
    instructions: str = ""
    """As the workflow words them."""
    why_not: str = ""
    """Why the whole prompt is not known."""


class Prompts:
    """Those of the rows of one report. Nothing raises: what cannot be had is said in words."""

    def __init__(self, report: Report, workflows: Workflows) -> None:
        self._rows = {row.planned.nodeid: row for row in report.agents}
        self._workflows = workflows
        self._templates = 0
        self._context_of = cache(self._context)
        self._agents_of = cache(self._agents)
        self._last = lru_cache(maxsize=1)(self._told)  # all runs of a row are told the same

    def of(self, row: Result) -> Told:
        return self._last(row.planned.nodeid)

    def _told(self, nodeid: str) -> Told:
        planned = self._rows[nodeid].planned
        file = file_of(planned)
        workflow = self._workflows.of(file)
        if workflow is None:
            return Told(why_not=_why_not(file))
        subagent = self._agents_of(file).get(planned.id)
        if subagent is None:
            return Told(why_not=_OTHER)
        instructions = subagent.instructions
        if is_template(instructions) or is_template(subagent.task):
            self._templates += 1
            if self._templates > limits.HTML_TEMPLATES:  # each is rendered by a process of its own
                return Told(instructions=instructions, why_not=_MANY)
        try:
            prompt, _ = rendered(workflow, subagent, file=file, rows=self._rows, context=self._context_of(file))
        except (SubagentsError, OSError, ValueError):
            return Told(instructions=instructions, why_not=_BAD)
        return Told(prompt=prompt, instructions=instructions)

    def _context(self, file: str) -> tuple[ContextFile, ...]:
        workflow = self._workflows.of(file)
        if workflow is None:
            return ()
        return read_context(workflow.context, rootdir=self._workflows.rootdir, where=workflow.where)

    def _agents(self, file: str) -> Mapping[str, Subagent]:
        workflow = self._workflows.of(file)
        return {agent.id: agent for agent in workflow.agents} if workflow is not None else {}


def _why_not(file: str) -> str:
    if is_workflow(file):
        return _NOT_READ
    return _MARK if file.endswith(".py") else _UNDECLARED
