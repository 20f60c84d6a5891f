"""Texts of a merge for people elsewhere, ready to be pasted: a pull request for each branch, an issue for what failed.

All that comes from an agent is text in them and no markup.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_subagents.model.integration import AgentBranch, Conflicted, Integration, PathConflict, TakenOut, Validation
from pytest_subagents.model.limits import MESSAGE_CHARS, REPORT_ROWS, STDERR_TAIL_CHARS
from pytest_subagents.model.result import Result
from pytest_subagents.reports.escape import cut, markdown, markdown_block
from pytest_subagents.reports.wording import number_of, place

_SUMMARY_CHARS = 4000


def pull_request(found: Integration, of: AgentBranch, row: Result) -> str:
    """What a person may open a pull request with for the branch of one subagent."""
    validations = [each for each in found.validations if of.agent in each.agents]
    return "\n".join(_pull_request(found, of, row, validations)) + "\n"


def issue(found: Integration, failed: Validation) -> str:
    """What a person may open an issue with for a validation that failed."""
    return "\n".join(_issue(found, failed)) + "\n"


def _pull_request(found: Integration, of: AgentBranch, row: Result, validations: Sequence[Validation]) -> Iterator[str]:
    yield f"# {_said(row.planned.task or row.planned.id)}"
    yield ""
    yield f"Work of the subagent {_said(of.agent)} of the workflow {_said(found.workflow)}: branch {_said(of.name)}."
    yield from (
        "",
        "## Summary",
        "",
        markdown_block(cut(row.summary, _SUMMARY_CHARS)) if row.summary else "None given.",
    )
    yield from _section("Findings", [_finding(row, number) for number in range(len(row.findings))])
    yield from _section("Changes", [f"- {_said(change.path)} ({change.kind})" for change in row.changes])
    yield from _section("Checks", [line for each in validations for line in _checks(each)])
    yield from _section("Conflicts", list(_conflicts(found, of.agent)))


def _finding(row: Result, number: int) -> str:
    finding = row.findings[number]
    where = _said(place(finding.file, finding.line)) if finding.file else ""
    detail = f": {_said(finding.detail)}" if finding.detail else ""
    return f"- **{_said(finding.severity)}** {_said(finding.title)}{f' ({where})' if where else ''}{detail}"


def _conflicts(found: Integration, agent: str) -> Iterator[str]:
    for row in found.rows:
        if not isinstance(row, Conflicted):
            continue
        if row.agent == agent:
            yield from (f"- with {_said(_with(each))}: {_path(each)}" for each in row.conflicts)
        else:
            mine = [each for each in row.conflicts if agent in each.agents]
            yield from (f"- with {_said(row.agent)}: {_path(each)}" for each in mine)


def _with(conflict: PathConflict) -> str:
    others = [*conflict.agents, *(["what HEAD has changed since"] if conflict.moved else [])]
    return ", ".join(others) or "what is there"


def _path(conflict: PathConflict) -> str:
    line = "" if conflict.line is None else f":{conflict.line}"
    about = f"; {conflict.about}" if conflict.about else ""
    return _said(f"{conflict.path}{line} ({', '.join(conflict.kinds)}{about})")


def _issue(found: Integration, failed: Validation) -> Iterator[str]:
    yield f"# The merge of {_said(found.workflow)} does not hold after {_said(failed.of)}"
    yield ""
    done = "No branch is made of it" if found.branches else "What was merged there is taken out again"
    yield f"{_said(failed.why)}. {done}; the tree was {failed.tree}."
    taken = [row.agent for row in found.rows if isinstance(row, TakenOut) and row.agent in failed.agents]
    yield from _section("Taken out", [f"- {_said(agent)}" for agent in taken])
    yield from _section("Checks", list(_checks(failed)))
    output = failed.results[-1].output if failed.results else ""
    if output:
        yield from ("", "Its last words:", "", markdown_block(output[-STDERR_TAIL_CHARS:]))
    yield from ("", "## What to do", "")
    yield "Record the subagents again that were taken out, replay with `pytest --subagents`, and merge again."


def _checks(validation: Validation) -> Iterator[str]:
    for result in validation.results:
        match result.exit_code:
            case 0:
                word = "passed"
            case None:
                word = "not run"
            case code:
                word = f"**failed** (exit code {code})"
        yield f"- {_said(result.run)}: {word}"


def _section(title: str, lines: Sequence[str]) -> Iterator[str]:
    yield from ("", f"## {title}", "")
    yield from lines[:REPORT_ROWS] or ["None."]
    if len(lines) > REPORT_ROWS:
        yield f"… and {number_of(len(lines) - REPORT_ROWS, 'more')}."


def _said(text: str) -> str:
    return markdown(cut(text, MESSAGE_CHARS))
